{{ config(enabled=has_account('wms_sftp')) }}

with

counted as (

    select distinct source_instance, warehouse_id from {{ ref('stg_wms_sftp__snapshots') }}

),

named as (

    select
        instance as source_instance,
        warehouse_id,
        name
    from {{ ref('warehouse_names') }}
    where split_part(instance, ':', 1) = 'wms_sftp'

)

-- Its files know codes at most; a person says which building is meant, also before the first file.
select
    coalesce(named.source_instance, counted.source_instance) as source_instance,
    coalesce(named.warehouse_id, counted.warehouse_id) as warehouse_id,
    coalesce(named.name, counted.warehouse_id) as name
from counted
full outer join named
    on
        counted.source_instance = named.source_instance
        and counted.warehouse_id = named.warehouse_id
