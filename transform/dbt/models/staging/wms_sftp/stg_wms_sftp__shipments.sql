{{ config(enabled=has_account('wms_sftp')) }}

with

confirmations as (

    select * from {{ ref('stg_wms_sftp__confirmations') }}
    where quantity > 0

)

-- This warehouse tells of a parcel when it has left, and of its label never.
select
    source_instance,
    shipment_source_id,
    order_number as wms_order_id,
    min(warehouse_id) as warehouse_id,
    min(shipped_at) as created_at,
    true as has_left,
    min(shipped_at) as left_at,
    false as is_gone,
    max(loaded_at) as loaded_at
from confirmations
group by source_instance, shipment_source_id, order_number
