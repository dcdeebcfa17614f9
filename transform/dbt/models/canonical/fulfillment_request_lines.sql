{{ per_order() }}

with

lines as (

    select * from {{ of_changed_orders(ref('int_request_lines')) }}
    where requires_shipping

),

sku_map as (

    select * from {{ ref('sku_map') }}
    where sku is not null

),

wms_orders as (

    select * from {{ of_changed_orders(ref('int_wms_orders')) }}

),

order_lines_of_wms as (

    select * from {{ ref('int_warehouses__order_lines') }}

),

-- Two lines that share a component stay apart, for its id begins with the line's.
exploded as (

    select
        lines.fulfillment_request_id,
        lines.order_id,
        lines.order_line_id,
        lines.source_instance,
        lines.last_updated_at,
        lines.title,
        lines.wanted_quantity,
        sku_map.sku,
        sku_map.quantity as quantity_per_unit,
        case when sku_map.units = 1 then lines.request_line_source_id
            else lines.request_line_source_id || ':' || sku_map.sku
        end as partner_line_item_id,
        round(lines.unit_price / sku_map.units, 2) as unit_price
    from lines
    inner join sku_map
        on
            lines.source_instance = sku_map.source_instance
            and lines.channel_sku = sku_map.channel_sku

),

wms_lines as (

    select
        wms_orders.fulfillment_request_id,
        order_lines_of_wms.partner_line_item_id,
        split_part(order_lines_of_wms.partner_line_item_id, ':', 1) as request_line_source_id,
        max(order_lines_of_wms.sku) as sku,
        sum(order_lines_of_wms.quantity) as quantity
    from wms_orders
    inner join order_lines_of_wms
        on
            wms_orders.destination_instance = order_lines_of_wms.source_instance
            and wms_orders.wms_order_id = order_lines_of_wms.wms_order_id
    group by wms_orders.fulfillment_request_id, order_lines_of_wms.partner_line_item_id

),

held as (

    select distinct fulfillment_request_id from wms_lines

),

wanted as (

    select
        exploded.* exclude (wanted_quantity),
        exploded.wanted_quantity * exploded.quantity_per_unit as quantity
    from exploded
    left join held on exploded.fulfillment_request_id = held.fulfillment_request_id
    where held.fulfillment_request_id is null

),

-- Once the warehouse holds a request, its own lines say what is to be shipped. A SKU that is mapped
-- in another way since changes nothing there.
sent as (

    select
        lines.fulfillment_request_id,
        lines.order_id,
        lines.order_line_id,
        lines.source_instance,
        lines.last_updated_at,
        lines.title,
        coalesce(exploded.sku, wms_lines.sku) as sku,
        coalesce(
            exploded.quantity_per_unit,
            greatest(wms_lines.quantity // nullif(lines.total_quantity, 0), 1),
            1
        ) as quantity_per_unit,
        wms_lines.partner_line_item_id,
        coalesce(exploded.unit_price, lines.unit_price) as unit_price,
        wms_lines.quantity
    from lines
    inner join wms_lines
        on
            lines.fulfillment_request_id = wms_lines.fulfillment_request_id
            and lines.request_line_source_id = wms_lines.request_line_source_id
    left join exploded
        on
            wms_lines.fulfillment_request_id = exploded.fulfillment_request_id
            and wms_lines.partner_line_item_id = exploded.partner_line_item_id

),

settled as (

    select * from wanted

    union all by name

    select * from sent

)

select
    {{ canonical_id('fulfillment_request_line', 'fulfillment_request_id', 'partner_line_item_id') }}
        as fulfillment_request_line_id,
    fulfillment_request_id,
    order_id,
    order_line_id,
    source_instance,
    partner_line_item_id,
    sku,
    cast(quantity as bigint) as quantity,
    cast(quantity_per_unit as bigint) as quantity_per_unit,
    title,
    cast(unit_price as decimal(18, 4)) as unit_price,
    last_updated_at
from settled
where quantity > 0
