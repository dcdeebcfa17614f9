with

wms_lines as (

    select * from {{ ref('int_warehouses__order_lines') }}
    where quantity_cancelled > 0

),

wms_orders as (

    select destination_instance, wms_order_id, order_id, fulfillment_request_id
    from {{ ref('int_wms_orders') }}

),

request_lines as (

    select fulfillment_request_id, partner_line_item_id, order_line_id
    from {{ ref('fulfillment_request_lines') }}

),

order_lines as (

    select order_line_id, open_quantity from {{ ref('order_lines') }}

),

orders as (

    select order_id, is_before_go_live from {{ ref('int_orders') }}

)

-- Once nothing of the line is to be shipped any more, in the shop or from elsewhere, it is settled.
select
    case when wms_lines.refusal_reason = 'cut' then 'cut_by_warehouse'
        else 'refused_by_warehouse'
    end as exception_type,
    wms_orders.order_id,
    request_lines.order_line_id,
    wms_lines.source_instance,
    wms_lines.wms_line_id as source_id,
    wms_lines.updated_at as since,
    concat_ws(
        ' ', wms_lines.quantity_cancelled, 'of', wms_lines.quantity, wms_lines.sku,
        nullif(wms_lines.refusal_reason, 'cut')
    ) as detail,
    wms_lines.updated_at as last_updated_at
from wms_lines
inner join wms_orders
    on
        wms_lines.source_instance = wms_orders.destination_instance
        and wms_lines.wms_order_id = wms_orders.wms_order_id
inner join orders on wms_orders.order_id = orders.order_id
left join request_lines
    on
        wms_orders.fulfillment_request_id = request_lines.fulfillment_request_id
        and wms_lines.partner_line_item_id = request_lines.partner_line_item_id
left join order_lines on request_lines.order_line_id = order_lines.order_line_id
where coalesce(order_lines.open_quantity, 1) > 0 and not orders.is_before_go_live
