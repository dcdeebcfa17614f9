{{
    landed(
        'hubspot', records='orders', key=['source_instance', 'source_id'],
        records_key=['destination_instance', 'destination_id'],
    )
}}

-- What the CRM says of our orders.

with

crm_orders as (

    select * from {{ loaded_since(ref('stg_hubspot__orders')) }}

)

select
    try_cast(crossdock_order_id as uuid) as order_id,
    destination_instance as source_instance,
    destination_id as source_id,
    hs_fulfillment_status as vendor_status,
    read_at,
    updated_at,
    loaded_at
from crm_orders
where not is_gone and try_cast(crossdock_order_id as uuid) is not null
