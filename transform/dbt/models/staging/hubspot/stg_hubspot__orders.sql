{% set properties = [
    'crossdock_order_id', 'hs_order_name', 'hs_external_order_id', 'hs_fulfillment_status',
    'hs_shipping_tracking_number', 'crossdock_carrier', 'hs_currency_code', 'hs_total_price',
    'hs_subtotal_price', 'hs_shipping_cost', 'hs_source_store', 'hs_external_created_date',
    'hs_shipping_address_name', 'hs_shipping_address_street', 'hs_shipping_address_city',
    'hs_shipping_address_state', 'hs_shipping_address_postal_code', 'hs_shipping_address_country',
] %}

with

raw_orders as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        coalesce(archived, false) or "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at,
        {{ json_record('properties', properties) }} as held
    from {{ raw('hubspot', 'orders') }}

)

select
    * exclude (held),
    {% for property in properties -%}
    {{ observed_text(json_field('held', property)) }} as {{ property }}{{ ',' if not loop.last }}
    {% endfor %}
from raw_orders
