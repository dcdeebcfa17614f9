with

request_lines as (

    select * from {{ ref('fulfillment_request_lines') }}

),

shipped as (

    select
        fulfillment_request_line_id,
        sum(quantity) as quantity
    from {{ ref('fulfillment_lines') }}
    where is_shipped
    group by fulfillment_request_line_id

),

-- A kit has left when all of its components have, so the scarcest one counts.
by_wms as (

    select
        request_lines.order_line_id,
        request_lines.fulfillment_request_id,
        min(floor(coalesce(shipped.quantity, 0) / request_lines.quantity_per_unit))
            as shipped_quantity
    from request_lines
    left join shipped
        on request_lines.fulfillment_request_line_id = shipped.fulfillment_request_line_id
    group by request_lines.order_line_id, request_lines.fulfillment_request_id

),

-- What the shop fulfilled without us.
by_shop as (

    select
        lines.order_line_id,
        lines.fulfillment_request_id,
        lines.done_quantity as shipped_quantity
    from {{ ref('int_request_lines') }} as lines
    inner join {{ ref('fulfillment_requests') }} as requests
        on lines.fulfillment_request_id = requests.fulfillment_request_id
    where requests.gate_result != 'sent' and requests.shop_shipped_quantity > 0

),

progress as (

    select * from by_wms
    where fulfillment_request_id not in (select fulfillment_request_id from by_shop)

    union all

    select * from by_shop

)

select
    order_line_id,
    cast(sum(shipped_quantity) as bigint) as shipped_quantity
from progress
group by order_line_id
