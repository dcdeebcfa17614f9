with

raw_lines as (

    select
        source_instance,
        id as return_source_id,
        {{ unnest_json('line_items') }} as line
    from {{ raw('shiphero', 'returns') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        return_source_id,
        {{ json_text('line', 'id') }} as return_line_source_id,
        {{ json_text('line', 'line_item_id') }} as wms_line_id,
        {{ json_text('line', 'line_item.sku') }} as sku,
        {{ json_text('line', 'warehouse_id') }} as warehouse_id,
        {{ json_text('line', 'reason') }} as vendor_reason,
        {{ json_text('line', 'condition') }} as vendor_condition,
        coalesce(cast({{ json_text('line', 'is_component') }} as boolean), false) as is_component,
        coalesce(cast({{ json_text('line', 'quantity') }} as bigint), 0) as expected_quantity,
        coalesce(cast({{ json_text('line', 'quantity_received') }} as bigint), 0)
            as received_quantity,
        coalesce(cast({{ json_text('line', 'restock') }} as bigint), 0) as restocked_quantity,
        cast({{ json_text('line', 'updated_at') }} as timestamptz) as updated_at
    from raw_lines

)

select * from lines
