{{ landed('journal', records='acknowledged', key=['source_instance', 'order_key'],
    records_key=['destination_instance', 'sync_key']) }}

-- What the CRM last confirmed of our orders, by the journal's word.

with

acknowledged as (

    select * from {{ loaded_since(ref('stg_journal__acknowledged')) }}

)

select
    destination_instance as source_instance,
    sync_key as order_key,
    try_cast(sync_key as uuid) as order_id,
    hs_fulfillment_status as vendor_status,
    acknowledged_at,
    loaded_at
from acknowledged
where sync = 'sync_hubspot__orders'
