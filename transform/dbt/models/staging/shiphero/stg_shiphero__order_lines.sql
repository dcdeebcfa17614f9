with

raw_lines as (

    select
        source_instance,
        id as wms_order_id,
        updated_at,
        {{ unnest_records('line_items', [
            'id', 'partner_line_item_id', 'sku', 'quantity', 'quantity_allocated',
            'quantity_shipped', 'backorder_quantity', 'tote_picks',
        ]) }} as line,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'orders') }}

),

lines as (

    select
        source_instance,
        wms_order_id,
        updated_at,
        loaded_at,
        line.id as wms_line_id,
        line.partner_line_item_id,
        line.sku,
        cast(line.quantity as bigint) as quantity,
        cast(line.quantity_allocated as bigint) as quantity_allocated,
        cast(line.quantity_shipped as bigint) as quantity_shipped,
        cast(line.backorder_quantity as bigint) as quantity_backordered,
        {{ json_sum('line.tote_picks', '[*].picked_quantity') }} as quantity_picked
    from raw_lines

)

select * from lines
