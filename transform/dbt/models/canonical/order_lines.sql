with

lines as (

    select
        *,
        {{ canonical_id('order', 'source_instance', 'order_source_id') }} as order_id,
        {{ canonical_id('order_line', 'source_instance', 'line_source_id') }} as order_line_id
    from {{ ref('int_channels__order_lines') }}

),

progress as (

    select * from {{ ref('int_line_progress') }}

),

orders as (

    select order_id, currency, presentment_currency from {{ ref('int_orders') }}

),

mapped as (

    select
        source_instance,
        channel_sku,
        min(rule) as sku_rule,
        case when count(*) = 1 then max(sku) end as sku
    from {{ ref('sku_map') }}
    group by source_instance, channel_sku

),

counted as (

    select
        lines.*,
        orders.currency,
        orders.presentment_currency,
        mapped.sku,
        mapped.sku_rule,
        coalesce(progress.shipped_quantity, 0) as shipped_quantity,
        -- A unit refunded after it had left was shipped, not cancelled.
        lines.quantity - greatest(lines.current_quantity, coalesce(progress.shipped_quantity, 0))
            as cancelled_quantity
    from lines
    inner join orders on lines.order_id = orders.order_id
    left join progress on lines.order_line_id = progress.order_line_id
    left join mapped
        on
            lines.source_instance = mapped.source_instance
            and lines.channel_sku = mapped.channel_sku

)

select
    order_line_id,
    order_id,
    source_instance,
    line_source_id as source_id,
    line_number,
    channel_sku,
    sku,
    sku_rule,
    title,
    quantity as ordered_quantity,
    current_quantity,
    unfulfilled_quantity as fulfillable_quantity,
    cancelled_quantity,
    shipped_quantity,
    cast(0 as bigint) as returned_quantity,
    quantity - cancelled_quantity - shipped_quantity as open_quantity,
    requires_shipping,
    is_gift_card,
    currency,
    presentment_currency,
    unit_price,
    line_discount,
    line_total,
    presentment_line_total,
    updated_at as last_updated_at
from counted
