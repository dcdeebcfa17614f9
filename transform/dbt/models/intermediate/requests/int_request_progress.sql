with

requests as (

    select * from {{ ref('fulfillment_requests') }}

),

sent_lines as (

    select
        fulfillment_request_id,
        sum(quantity) as sent_quantity
    from {{ ref('fulfillment_request_lines') }}
    group by fulfillment_request_id

),

shipped_lines as (

    select
        fulfillments.fulfillment_request_id,
        sum(lines.quantity) as shipped_quantity
    from {{ ref('fulfillment_lines') }} as lines
    inner join {{ ref('fulfillments') }} as fulfillments
        on lines.fulfillment_id = fulfillments.fulfillment_id
    where lines.is_shipped
    group by fulfillments.fulfillment_request_id

),

gate_reasons as (

    select reason, order_status from {{ ref('gate_reasons') }}

),

counted as (

    select
        requests.*,
        gate_reasons.order_status,
        requests.gate_result = 'sent' as is_sent,
        case when requests.gate_result = 'sent'
            then coalesce(sent_lines.sent_quantity, 0)
            else requests.wanted_quantity + requests.shop_shipped_quantity
        end as asked_quantity,
        case when requests.gate_result = 'sent'
            then coalesce(shipped_lines.shipped_quantity, 0)
            else requests.shop_shipped_quantity
        end as shipped_quantity
    from requests
    left join gate_reasons on requests.gate_result = gate_reasons.reason
    left join sent_lines on requests.fulfillment_request_id = sent_lines.fulfillment_request_id
    left join shipped_lines
        on requests.fulfillment_request_id = shipped_lines.fulfillment_request_id

)

select
    fulfillment_request_id,
    order_id,
    gate_result,
    asked_quantity,
    shipped_quantity,
    case
        when shipped_quantity > 0 and shipped_quantity >= asked_quantity then 'shipped'
        when shipped_quantity > 0 then 'partially_shipped'
        when is_sent and wms_status = 'cancelled' then 'cancelled'
        when is_sent and wms_status is not null then 'sent_to_wms'
        when is_sent then 'cleared'
        else order_status
    end as status
from counted
