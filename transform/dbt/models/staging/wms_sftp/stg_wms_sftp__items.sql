{{ config(enabled=has_account('wms_sftp')) }}

with

snapshots as (

    select * from {{ ref('stg_wms_sftp__snapshots') }}

)

-- What was ever counted is known there; nothing else is said of it.
select
    source_instance,
    sku as source_id,
    sku,
    true as is_active,
    false as is_kit,
    min(counted_at) as updated_at
from snapshots
group by source_instance, sku
