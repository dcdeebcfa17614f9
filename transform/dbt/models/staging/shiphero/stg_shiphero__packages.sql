with

raw_labels as (

    select
        source_instance,
        id as shipment_source_id,
        {{ unnest_json('shipping_labels') }} as label
    from {{ raw('shiphero', 'shipments') }}
    where "_sdc_deleted_at" is null

),

labels as (

    select
        source_instance,
        shipment_source_id,
        {{ json_text('label', 'id') }} as package_source_id,
        {{ json_text('label', 'tracking_number') }} as tracking_number,
        {{ json_text('label', 'tracking_url') }} as tracking_url,
        {{ json_text('label', 'carrier') }} as carrier,
        {{ json_text('label', 'shipping_method') }} as service,
        {{ json_text('label', 'status') }} as vendor_status,
        cast({{ json_text('label', 'created_date') }} as timestamptz) as created_at,
        cast({{ json_text('label', 'package_number') }} as bigint) as package_number
    from raw_labels

)

select * from labels
