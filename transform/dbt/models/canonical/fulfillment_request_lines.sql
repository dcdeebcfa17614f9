with

lines as (

    select * from {{ ref('int_request_lines') }}
    where requires_shipping

),

sku_map as (

    select
        *,
        count(*) over (partition by source_instance, channel_sku) as component_count,
        sum(quantity) over (partition by source_instance, channel_sku) as units
    from {{ ref('sku_map') }}
    where sku is not null

),

exploded as (

    select
        lines.fulfillment_request_id,
        lines.order_line_id,
        lines.source_instance,
        lines.last_updated_at,
        sku_map.sku,
        sku_map.quantity as quantity_per_unit,
        lines.wanted_quantity * sku_map.quantity as wanted_quantity,
        lines.title,
        case when sku_map.component_count = 1 and sku_map.quantity = 1
            then lines.request_line_source_id
            else lines.request_line_source_id || ':' || sku_map.sku
        end as partner_line_item_id,
        round(lines.unit_price / sku_map.units, 2) as unit_price
    from lines
    inner join sku_map
        on
            lines.source_instance = sku_map.source_instance
            and lines.channel_sku = sku_map.channel_sku

),

-- Once the warehouse holds a request, its own lines say what is to be shipped.
wms_lines as (

    select
        wms_orders.fulfillment_request_id,
        wms_lines.partner_line_item_id,
        sum(wms_lines.quantity) as quantity
    from {{ ref('int_wms_orders') }} as wms_orders
    inner join {{ ref('int_warehouses__order_lines') }} as wms_lines
        on
            wms_orders.destination_instance = wms_lines.source_instance
            and wms_orders.wms_order_id = wms_lines.wms_order_id
    group by wms_orders.fulfillment_request_id, wms_lines.partner_line_item_id

),

held as (

    select distinct fulfillment_request_id from wms_lines

),

settled as (

    select
        exploded.*,
        case
            when held.fulfillment_request_id is null then exploded.wanted_quantity
            else coalesce(wms_lines.quantity, 0)
        end as quantity
    from exploded
    left join held on exploded.fulfillment_request_id = held.fulfillment_request_id
    left join wms_lines
        on
            exploded.fulfillment_request_id = wms_lines.fulfillment_request_id
            and exploded.partner_line_item_id = wms_lines.partner_line_item_id

)

select
    {{ canonical_id('fulfillment_request_line', 'fulfillment_request_id', 'partner_line_item_id') }}
        as fulfillment_request_line_id,
    fulfillment_request_id,
    order_line_id,
    source_instance,
    partner_line_item_id,
    sku,
    cast(quantity as bigint) as quantity,
    quantity_per_unit,
    title,
    cast(unit_price as decimal(18, 4)) as unit_price,
    last_updated_at
from settled
where quantity > 0
