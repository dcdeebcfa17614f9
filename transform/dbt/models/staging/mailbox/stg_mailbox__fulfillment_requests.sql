{{ config(enabled=has_account('mailbox')) }}

-- A table knows no fulfillment requests: each order asks for one, under its own id.
with

orders as (

    select * from {{ ref('stg_mailbox__orders') }}

)

select
    source_instance,
    source_id as request_source_id,
    source_id as order_source_id,
    created_at,
    updated_at,
    "location" as location_name,
    vendor_fulfillment_status as vendor_status,
    case when vendor_fulfillment_status = 'on_hold' then 1 end as hold_count,
    hold_reason,
    is_gone,
    loaded_at
from orders
