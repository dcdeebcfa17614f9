with

levels as (

    select * from {{ ref('inventory_levels') }}

)

select
    coalesce(warehouse_name, warehouse_id) as warehouse,
    source_instance as wms,
    count(*) as skus,
    cast(sum(on_hand) as bigint) as on_hand,
    cast(sum(allocated) as bigint) as allocated,
    cast(sum(backordered) as bigint) as backordered,
    cast(sum(available) as bigint) as available,
    count(*) filter (where is_low) as low_skus
from levels
group by warehouse_name, warehouse_id, source_instance
order by source_instance, warehouse
