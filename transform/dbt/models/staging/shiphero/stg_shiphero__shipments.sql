with

raw_shipments as (

    select
        source_instance,
        id as shipment_source_id,
        order_id as wms_order_id,
        warehouse_id,
        created_date as created_at,
        -- ShipHero calls an order fulfilled when its label prints; the parcel left when its
        -- shipment is completed.
        coalesce(completed, false) as has_left,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'shipments') }}

)

select * from raw_shipments
