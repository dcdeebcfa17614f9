{{ config(enabled=has_account('wms_sftp')) }}

with

snapshots as (

    select * from {{ ref('stg_wms_sftp__snapshots') }}

),

-- When something was counted counts, not when its file arrived.
newest as (

    select
        source_instance,
        warehouse_id,
        max(counted_at) as counted_at,
        max_by(file, (counted_at, file)) as file
    from snapshots
    group by source_instance, warehouse_id

),

known as (

    select distinct source_instance, warehouse_id, sku from snapshots

)

-- A count names all that there is: what it no longer names is at nought, and stays listed here.
select
    known.source_instance,
    known.warehouse_id || '/' || known.sku as source_id,
    known.warehouse_id,
    known.sku,
    newest.counted_at as updated_at,
    coalesce(snapshots.on_hand, 0) as on_hand,
    coalesce(snapshots.allocated, 0) as allocated,
    0 as backordered,
    coalesce(snapshots.unavailable, 0) as unavailable,
    0 as reserved,
    0 as sell_ahead,
    coalesce(snapshots.incoming, 0) as incoming,
    snapshots.available as vendor_available,
    snapshots.sku is not null as is_listed
from known
inner join newest
    on
        known.source_instance = newest.source_instance
        and known.warehouse_id = newest.warehouse_id
left join snapshots
    on
        known.source_instance = snapshots.source_instance
        and known.warehouse_id = snapshots.warehouse_id
        and known.sku = snapshots.sku
        and newest.file = snapshots.file
