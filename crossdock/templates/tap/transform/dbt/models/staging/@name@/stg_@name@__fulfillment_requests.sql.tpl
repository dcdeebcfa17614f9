{{ config(enabled=has_account('@name@')) }}

-- The API knows no fulfillment requests: each order asks for one, under its own id.
with

orders as (

    select * from {{ ref('stg_@name@__orders') }}

)

select
    source_instance,
    source_id as request_source_id,
    source_id as order_source_id,
    created_at,
    updated_at,
    is_gone,
    loaded_at,
    case when cancelled_at is null then vendor_fulfillment_status else 'cancelled' end
        as vendor_status
from orders
