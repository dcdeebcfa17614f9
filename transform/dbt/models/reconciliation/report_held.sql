with

orders as (

    select
        order_id,
        {{ order_label('orders') }} as label
    from {{ ref('orders') }} as orders

),

held as (

    select
        requests.gate_result,
        {{ phrase('coalesce(orders.label, requests.source_id)', 'requests.gate_detail') }} as label
    from {{ ref('fulfillment_requests') }} as requests
    left join orders on requests.order_id = orders.order_id
    where requests.gate_result != 'sent'

),

reasons as (

    select * from {{ ref('gate_reasons') }}

)

select
    held.gate_result as reason,
    reasons.description as meaning,
    count(*) as requests,
    coalesce(reasons.next_step, 'Nothing') as what_to_do,
    {{ shown_list('held.label', order_by='held.label') }} as orders,
    coalesce(reasons.order_status, 'held') = 'held' as needs_somebody
from held
left join reasons on held.gate_result = reasons.reason
group by
    held.gate_result, reasons.description, reasons.next_step, reasons.rank, reasons.order_status
order by needs_somebody desc, requests desc, reasons.rank asc
