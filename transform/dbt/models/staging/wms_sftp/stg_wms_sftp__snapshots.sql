{{ config(enabled=has_account('wms_sftp')) }}

with

raw_lines as (

    select
        source_instance,
        file,
        coalesce(nullif(trim(warehouse), ''), split_part(source_instance, ':', 2)) as warehouse_id,
        trim(sku) as sku,
        on_hand,
        allocated,
        unavailable,
        available,
        incoming,
        coalesce(snapshot_at, file_time) as counted_at
    from {{ raw('wms_sftp', 'stock_snapshots') }}
    where "_sdc_deleted_at" is null and nullif(trim(sku), '') is not null

)

-- Lots of a SKU are one stock.
select
    source_instance,
    warehouse_id,
    sku,
    counted_at,
    file,
    cast(sum(on_hand) as bigint) as on_hand,
    cast(sum(allocated) as bigint) as allocated,
    cast(sum(unavailable) as bigint) as unavailable,
    cast(sum(available) as bigint) as available,
    cast(sum(incoming) as bigint) as incoming
from raw_lines
group by source_instance, warehouse_id, sku, counted_at, file
