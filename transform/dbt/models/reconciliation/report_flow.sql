with

orders as (

    select order_id, source_instance, status from {{ ref('orders') }}

),

-- What a destination confirmed counts as well as what was read there: a run that has just
-- written would otherwise find itself missing.
acknowledged as (

    select
        sync,
        sync_key,
        acknowledged_at,
        hs_fulfillment_status as crm_status
    from {{ ref('stg_journal__acknowledged') }}

),

wms_requests as (

    select cast(fulfillment_request_id as varchar) as fulfillment_request_id
    from {{ ref('int_wms_orders') }}
    where not is_gone

    union

    select acknowledged.sync_key
    from acknowledged
    where acknowledged.sync = 'sync_shiphero__orders'

),

crm_orders as (

    select crossdock_order_id as order_id, hs_fulfillment_status as status, read_at as seen_at
    from {{ ref('stg_hubspot__orders') }}
    where crossdock_order_id != '' and not is_gone

    union all

    select sync_key, crm_status, acknowledged_at
    from acknowledged
    where sync = 'sync_hubspot__orders'

),

crm as (

    select
        order_id,
        max_by(status, seen_at) as status
    from crm_orders
    group by order_id

),

requests as (

    select
        requests.order_id,
        count(*) as requests,
        count(*) filter (where requests.gate_result = 'sent') as sent,
        count(*) filter (where requests.gate_result != 'sent') as kept_back,
        count(wms_requests.fulfillment_request_id) as in_wms
    from {{ ref('fulfillment_requests') }} as requests
    left join wms_requests
        on cast(requests.fulfillment_request_id as varchar) = wms_requests.fulfillment_request_id
    group by requests.order_id

),

wanted_in_crm as (

    select order_id from {{ ref('sync_hubspot__orders') }}

)

select
    orders.source_instance as shop,
    count(*) as orders,
    cast(coalesce(sum(requests.requests), 0) as bigint) as requests,
    cast(coalesce(sum(requests.kept_back), 0) as bigint) as kept_back,
    cast(coalesce(sum(requests.sent), 0) as bigint) as for_the_wms,
    cast(coalesce(sum(requests.in_wms), 0) as bigint) as in_the_wms,
    count(wanted_in_crm.order_id) as for_the_crm,
    count(crm.order_id) as in_the_crm,
    count(*) filter (
        where wanted_in_crm.order_id is not null
        and orders.status in ('shipped', 'delivered', 'returned')
    ) as shipped,
    count(*) filter (where crm.status in ('shipped', 'delivered', 'returned')) as shipped_in_the_crm
from orders
left join requests on orders.order_id = requests.order_id
left join wanted_in_crm on cast(orders.order_id as varchar) = wanted_in_crm.order_id
left join crm on cast(orders.order_id as varchar) = crm.order_id
group by orders.source_instance
order by orders.source_instance
