with

requests as (

    select * from {{ ref('fulfillment_requests') }}

),

asked as (

    select
        source_instance,
        count(*) as shop_count
    from {{ ref('int_channels__fulfillment_requests') }}
    group by source_instance

),

confirmed as (

    select cast(sync_key as uuid) as fulfillment_request_id
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_shiphero__orders'

    union

    select fulfillment_request_id from {{ ref('int_wms_orders') }}

),

-- What has not arrived may have a reason that the journal knows.
waiting as (

    select distinct cast(sync_key as uuid) as fulfillment_request_id
    from {{ ref('stg_journal__operations') }}
    where
        sync = 'sync_shiphero__orders'
        and state not in ('acknowledged', 'superseded', 'discarded')

),

carried_out as (

    select destination_instance from {{ ref('recon_books') }}
    where sync = 'sync_shiphero__orders' and status = 'planned'

),

judged as (

    select
        requests.source_instance,
        requests.gate_result,
        case
            when requests.gate_result != 'sent' then 'held'
            when confirmed.fulfillment_request_id is not null then 'in_wms'
            when
                waiting.fulfillment_request_id is not null
                or carried_out.destination_instance is null then 'on_its_way'
            else 'missing'
        end as whereabouts
    from requests
    left join confirmed on requests.fulfillment_request_id = confirmed.fulfillment_request_id
    left join waiting on requests.fulfillment_request_id = waiting.fulfillment_request_id
    left join carried_out on requests.warehouse_instance = carried_out.destination_instance

),

counted as (

    select
        source_instance,
        gate_result,
        count(*) as request_count,
        count(*) filter (where whereabouts = 'in_wms') as in_wms_count,
        count(*) filter (where whereabouts = 'on_its_way') as on_its_way_count,
        count(*) filter (where whereabouts = 'missing') as missing_count
    from judged
    group by source_instance, gate_result

)

select
    asked.source_instance,
    counted.gate_result,
    asked.shop_count,
    coalesce(counted.request_count, 0) as request_count,
    coalesce(counted.in_wms_count, 0) as in_wms_count,
    coalesce(counted.on_its_way_count, 0) as on_its_way_count,
    coalesce(counted.missing_count, 0) as missing_count
from asked
left join counted on asked.source_instance = counted.source_instance
