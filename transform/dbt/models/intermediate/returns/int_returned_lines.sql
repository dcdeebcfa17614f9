with

warehouse_lines as (

    select * from {{ ref('int_return_lines__wms') }}
    where order_line_id is not null

),

shop_lines as (

    select order_line_id, processed_quantity from {{ ref('int_return_lines__shop') }}
    where order_line_id is not null

),

refund_lines as (

    select order_line_id, quantity from {{ ref('int_refund_lines') }}
    where restock_type = 'returned' and return_source_id is null

),

request_lines as (

    select * from {{ ref('fulfillment_request_lines') }}

),

handled as (

    select * from {{ ref('int_return_handling') }}

),

received as (

    select
        fulfillment_request_line_id,
        sum(received_quantity) as received_quantity
    from warehouse_lines
    group by fulfillment_request_line_id

),

-- A kit is back when all of its parts are, so the scarcest one counts.
by_wms as (

    select
        request_lines.order_line_id,
        min(floor(
            coalesce(received.received_quantity, 0) / request_lines.quantity_per_unit
        )) as returned_quantity
    from request_lines
    left join received
        on request_lines.fulfillment_request_line_id = received.fulfillment_request_line_id
    where request_lines.order_line_id in (select order_line_id from warehouse_lines)
    group by request_lines.order_line_id, request_lines.fulfillment_request_id

),

by_shop as (

    select order_line_id, processed_quantity as returned_quantity from shop_lines

    union all

    select order_line_id, quantity from refund_lines

),

-- The warehouse's word counts; the shop's where no warehouse handles returns.
counted as (

    select by_wms.* from by_wms
    inner join handled on by_wms.order_line_id = handled.order_line_id
    where handled.is_by_wms

    union all

    select by_shop.* from by_shop
    left join handled on by_shop.order_line_id = handled.order_line_id
    where not coalesce(handled.is_by_wms, false)

)

select
    order_line_id,
    cast(sum(returned_quantity) as bigint) as returned_quantity
from counted
group by order_line_id
having sum(returned_quantity) > 0
