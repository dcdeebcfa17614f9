{{ landed('shiphero', records='orders', key=['destination_instance', 'destination_id']) }}

{% set address = [
    'first_name', 'last_name', 'company', 'address1', 'address2', 'city', 'state', 'zip',
    'country', 'phone',
] %}

-- Where ShipHero ships each order to, which people there may have changed.

with

wms_orders as (

    select * from {{ loaded_since(ref('stg_shiphero__orders')) }}

)

select
    destination_instance,
    destination_id,
    {%- for part in address %}
    shipping_address__{{ part }},
    {%- endfor %}
    loaded_at
from wms_orders
