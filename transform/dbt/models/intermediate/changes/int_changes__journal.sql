{{ config(materialized='view') }}

-- Requests that a warehouse confirmed, and when the journal's word of it was loaded.

with

acknowledged as (

    select
        try_cast(sync_key as uuid) as fulfillment_request_id,
        loaded_at
    from {{ ref('stg_journal__acknowledged') }}
    where sync in {{ warehouse_order_syncs() }}

),

requests as (

    select fulfillment_request_id, order_id from {{ ref('int_channels__fulfillment_requests') }}

)

select
    requests.order_id,
    acknowledged.loaded_at
from acknowledged
inner join requests on acknowledged.fulfillment_request_id = requests.fulfillment_request_id
