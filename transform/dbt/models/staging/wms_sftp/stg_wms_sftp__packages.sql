{{ config(enabled=has_account('wms_sftp')) }}

with

confirmations as (

    select * from {{ ref('stg_wms_sftp__confirmations') }}
    where quantity > 0

)

select
    source_instance,
    shipment_source_id,
    package_source_id,
    {{ safe_integer('min(package_number)') }} as package_number,
    min(tracking_number) as tracking_number,
    min(carrier) as carrier,
    min(service) as service,
    case when bool_and(status = 'voided') then 'voided' end as vendor_status,
    max(loaded_at) as loaded_at
from confirmations
group by source_instance, shipment_source_id, package_source_id
