{{ config(enabled=has_account('wms_sftp')) }}

with

receipts as (

    select * from {{ ref('stg_wms_sftp__return_lines') }}

)

select
    source_instance,
    return_source_id,
    min(wms_order_id) as wms_order_id,
    min(order_number) as order_number,
    min(rma_id) as rma_id,
    min(received_at) as created_at,
    max(loaded_at) as loaded_at
from receipts
group by source_instance, return_source_id
