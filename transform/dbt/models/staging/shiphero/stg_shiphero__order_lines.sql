with

raw_lines as (

    select
        source_instance,
        id as wms_order_id,
        updated_at,
        {{ unnest_json('line_items') }} as line
    from {{ raw('shiphero', 'orders') }}

),

lines as (

    select
        source_instance,
        wms_order_id,
        updated_at,
        {{ json_text('line', 'id') }} as wms_line_id,
        {{ json_text('line', 'partner_line_item_id') }} as partner_line_item_id,
        {{ json_text('line', 'sku') }} as sku,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity,
        cast({{ json_text('line', 'quantity_allocated') }} as bigint) as quantity_allocated,
        cast({{ json_text('line', 'quantity_shipped') }} as bigint) as quantity_shipped,
        cast({{ json_text('line', 'backorder_quantity') }} as bigint) as quantity_backordered,
        {{ json_sum('line', 'tote_picks[*].picked_quantity') }} as quantity_picked
    from raw_lines

)

select * from lines
