with

raw_lines as (

    select
        source_instance,
        id as shipment_source_id,
        {{ unnest_json('line_items') }} as line
    from {{ raw('shiphero', 'shipments') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        shipment_source_id,
        {{ json_text('line', 'id') }} as shipment_line_source_id,
        {{ json_text('line', 'line_item_id') }} as wms_line_id,
        {{ json_text('line', 'shipping_label_id') }} as package_source_id,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity
    from raw_lines

)

select * from lines
