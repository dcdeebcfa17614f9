{{ per_order() }}

with

lines as (

    select *
    from {{ of_changed_orders(ref('int_channels__order_lines')) }}

),

progress as (

    select * from {{ of_changed_orders(ref('int_line_progress')) }}

),

orders as (

    select order_id, currency, presentment_currency from {{ of_changed_orders(ref('int_orders')) }}

),

mapped as (

    select
        source_instance,
        channel_sku,
        min(rule) as sku_rule,
        case when count(*) = 1 then max(sku) end as sku
    from {{ ref('sku_map') }}
    group by source_instance, channel_sku

)

select
    lines.order_line_id,
    lines.order_id,
    lines.source_instance,
    lines.line_source_id as source_id,
    lines.line_number,
    lines.channel_sku,
    mapped.sku,
    mapped.sku_rule,
    lines.title,
    progress.ordered_quantity,
    progress.current_quantity,
    lines.unfulfilled_quantity as fulfillable_quantity,
    progress.cancelled_quantity,
    progress.shipped_quantity,
    progress.returned_quantity,
    progress.open_quantity,
    progress.wms_open_quantity,
    progress.surplus_quantity,
    lines.requires_shipping,
    lines.is_gift_card,
    orders.currency,
    orders.presentment_currency,
    lines.unit_price,
    lines.line_discount,
    lines.line_total,
    lines.presentment_line_total,
    lines.updated_at as last_updated_at
from lines
inner join orders on lines.order_id = orders.order_id
inner join progress on lines.order_line_id = progress.order_line_id
left join mapped
    on
        lines.source_instance = mapped.source_instance
        and lines.channel_sku = mapped.channel_sku
