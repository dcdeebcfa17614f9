with

requests as (

    select * from {{ ref('fulfillment_requests') }}
    where
        is_held_by_wms
        and not is_beyond_change
        and wms_order_id is not null
        and split_part(warehouse_instance, ':', 1) = 'shiphero'

),

gate as (

    select
        fulfillment_request_id,
        coalesce(shop_reason in ('channel_hold', 'unpaid', 'scheduled'), false) as is_to_wait
    from {{ ref('int_gate') }}

),

observed as (

    select destination_instance, destination_id, client_hold = 'true' as is_held
    from {{ ref('stg_shiphero__orders') }}
    where not is_gone

),

held_by_us as (

    select distinct destination_instance, sync_key
    from {{ ref('stg_journal__operations') }}
    where sync = 'sync_shiphero__holds' and state = 'acknowledged'

)

-- A hold that a person set is theirs to lift: only what we held is let go on, and what is held
-- already is not held again.
select
    cast(requests.fulfillment_request_id as varchar) as fulfillment_request_id,
    requests.warehouse_instance as destination_instance,
    requests.wms_order_id as destination_id,
    case when gate.is_to_wait then 'true' else 'false' end as client_hold
from requests
inner join gate on requests.fulfillment_request_id = gate.fulfillment_request_id
inner join observed
    on
        requests.warehouse_instance = observed.destination_instance
        and requests.wms_order_id = observed.destination_id
left join held_by_us
    on
        requests.warehouse_instance = held_by_us.destination_instance
        and cast(requests.fulfillment_request_id as varchar) = held_by_us.sync_key
where
    held_by_us.sync_key is not null
    or (gate.is_to_wait and not observed.is_held)
