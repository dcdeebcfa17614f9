with

raw_labels as (

    select
        source_instance,
        id as shipment_source_id,
        {{ unnest_records('shipping_labels', [
            'id', 'tracking_number', 'tracking_url', 'carrier', 'shipping_method', 'status',
            'created_date', 'package_number', 'picked_up', 'delivered',
        ]) }} as label,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'shipments') }}
    where "_sdc_deleted_at" is null

),

labels as (

    select
        source_instance,
        shipment_source_id,
        loaded_at,
        label.id as package_source_id,
        nullif(trim(label.tracking_number), '') as tracking_number,
        label.tracking_url,
        label.carrier,
        label.shipping_method as service,
        label.status as vendor_status,
        cast(label.picked_up as boolean) as is_picked_up,
        cast(label.delivered as boolean) as is_delivered,
        cast(label.created_date as timestamptz) as created_at,
        cast(label.package_number as bigint) as package_number
    from raw_labels

)

select * from labels
