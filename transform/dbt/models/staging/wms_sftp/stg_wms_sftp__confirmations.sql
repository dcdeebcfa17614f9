{{ config(enabled=has_account('wms_sftp')) }}

with

raw_lines as (

    select
        source_instance,
        file,
        line as place,
        coalesce(file_time, shipped_at) as filed_at,
        nullif(trim(order_number), '') as order_number,
        nullif(trim(line_number), '') as line_number,
        nullif(trim(sku), '') as sku,
        ordered,
        quantity,
        status,
        nullif(trim(carrier), '') as carrier,
        nullif(trim(service), '') as service,
        nullif(trim(tracking_number), '') as tracking_number,
        nullif(trim(package_number), '') as package_number,
        nullif(trim(shipment_id), '') as shipment_id,
        coalesce(nullif(trim(warehouse), ''), split_part(source_instance, ':', 2)) as warehouse_id,
        lot,
        serial,
        coalesce(shipped_at, file_time) as shipped_at,
        "_crossdock_read_at" as read_at,
        "_sdc_loaded_at" as row_loaded_at
    from {{ raw('wms_sftp', 'shipment_confirmations') }}
    where "_sdc_deleted_at" is null

),

-- A shipment that holds several orders is one of each; without a number, a parcel is one.
named as (

    select
        *,
        order_number || '/' || coalesce(shipment_id, tracking_number, file) as shipment_source_id,
        max(row_loaded_at) over (
            partition by
                source_instance, order_number, coalesce(shipment_id, tracking_number, file)
        ) as loaded_at
    from raw_lines
    where order_number is not null

),

-- A file that says the same line in the same parcel anew corrects what the older one said.
newest as (

    select *
    from named
    qualify file = first_value(file) over (
        partition by
            source_instance, shipment_source_id, line_number, sku, package_number, lot, serial
        order by filed_at desc, file desc
    )

)

select
    * exclude (shipment_id, filed_at, row_loaded_at),
    order_number || '/' || coalesce(line_number, sku) as wms_line_id,
    shipment_source_id || '/' || coalesce(tracking_number, package_number, '1')
        as package_source_id
from newest
