with

held as (

    select
        source_instance,
        warehouse_id,
        sum(on_hand) as wms_on_hand,
        count(*) as wms_rows
    from {{ ref('int_warehouses__stock') }}
    group by source_instance, warehouse_id

),

canonical as (

    select
        source_instance,
        warehouse_id,
        sum(on_hand) as canonical_on_hand,
        count(*) as canonical_rows
    from {{ ref('inventory_levels') }}
    group by source_instance, warehouse_id

)

select
    coalesce(held.source_instance, canonical.source_instance) as source_instance,
    coalesce(held.warehouse_id, canonical.warehouse_id) as warehouse_id,
    coalesce(held.wms_on_hand, 0) as wms_on_hand,
    coalesce(canonical.canonical_on_hand, 0) as canonical_on_hand,
    coalesce(held.wms_rows, 0) as wms_rows,
    coalesce(canonical.canonical_rows, 0) as canonical_rows
from held
full outer join canonical
    on
        held.source_instance = canonical.source_instance
        and held.warehouse_id = canonical.warehouse_id
