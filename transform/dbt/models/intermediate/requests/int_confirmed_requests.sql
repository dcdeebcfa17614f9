{{
    landed(
        'journal', records='acknowledged', key=['destination_instance', 'sync_key'],
    )
}}

-- Requests that a warehouse confirmed to have, by the journal's word.

with

acknowledged as (

    select * from {{ loaded_since(ref('stg_journal__acknowledged')) }}

)

select
    destination_instance,
    sync_key,
    try_cast(sync_key as uuid) as fulfillment_request_id,
    partner_order_id,
    loaded_at
from acknowledged
where sync in {{ warehouse_order_syncs() }}
