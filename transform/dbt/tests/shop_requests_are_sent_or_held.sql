{{ config(tags=['reconcile']) }}

-- Each account's requests = sent + each reason, no more and no less.
with

asked as (

    select source_instance, fulfillment_request_id
    from {{ ref('int_channels__fulfillment_requests') }}

),

judged as (

    select source_instance, fulfillment_request_id, gate_result
    from {{ ref('fulfillment_requests') }}

),

reasons as (

    select reason from {{ ref('gate_reasons') }}
    union all
    select 'sent' as reason

)

select
    coalesce(asked.source_instance, judged.source_instance) as source_instance,
    count(asked.fulfillment_request_id) as shop_count,
    count(reasons.reason) as judged_count
from asked
full outer join judged on asked.fulfillment_request_id = judged.fulfillment_request_id
left join reasons on judged.gate_result = reasons.reason
group by coalesce(asked.source_instance, judged.source_instance)
having count(asked.fulfillment_request_id) != count(reasons.reason)
