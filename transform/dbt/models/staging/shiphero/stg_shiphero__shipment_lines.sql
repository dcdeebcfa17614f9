with

raw_lines as (

    select
        source_instance,
        id as shipment_source_id,
        {{ unnest_records('line_items', ['id', 'line_item_id', 'shipping_label_id', 'quantity']) }}
            as line,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'shipments') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        shipment_source_id,
        loaded_at,
        line.id as shipment_line_source_id,
        line.line_item_id as wms_line_id,
        line.shipping_label_id as package_source_id,
        cast(line.quantity as bigint) as quantity
    from raw_lines

)

select * from lines
