{{ config(enabled=has_account('wms_sftp')) }}

with

raw_receipts as (

    select
        source_instance,
        "key" as return_line_source_id,
        sku,
        warehouse as warehouse_id,
        reason as vendor_reason,
        condition as vendor_condition,
        disposition as vendor_disposition,
        file,
        nullif(trim(rma_id), '') as rma_id,
        nullif(trim(order_number), '') as order_number,
        nullif(trim(line_number), '') as line_number,
        coalesce(quantity, 0) as received_quantity,
        coalesce(received_at, file_time) as received_at,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('wms_sftp', 'return_receipts') }}
    where "_sdc_deleted_at" is null

)

select
    *,
    order_number as wms_order_id,
    order_number || '/' || line_number as wms_line_id,
    coalesce(rma_id, 'file:' || file) || coalesce('/' || order_number, '') as return_source_id,
    case when lower(vendor_disposition) = 'restocked' then received_quantity else 0 end
        as restocked_quantity,
    received_at as updated_at
from raw_receipts
