{{ config(enabled=has_account('wms_sftp')) }}

with

confirmations as (

    select * from {{ ref('stg_wms_sftp__confirmations') }}
    where quantity > 0

)

-- Lots and serial numbers of one line are one line.
select
    source_instance,
    shipment_source_id,
    package_source_id || '/' || wms_line_id as shipment_line_source_id,
    wms_line_id,
    package_source_id,
    cast(sum(quantity) as bigint) as quantity,
    max(loaded_at) as loaded_at
from confirmations
group by source_instance, shipment_source_id, package_source_id, wms_line_id
