with

levels as (

    select * from {{ ref('inventory_levels') }}

)

select
    {{ canonical_id('item_availability', 'levels.sku') }} as item_availability_id,
    levels.item_id,
    levels.sku,
    count(*) as locations,
    cast(sum(levels.on_hand) as bigint) as on_hand,
    cast(sum(levels.allocated) as bigint) as allocated,
    cast(sum(levels.backordered) as bigint) as backordered,
    cast(sum(levels.unavailable) as bigint) as unavailable,
    cast(sum(levels.unavailable_on_hand) as bigint) as unavailable_on_hand,
    cast(sum(levels.reserved) as bigint) as reserved,
    cast(sum(levels.sell_ahead) as bigint) as sell_ahead,
    cast(sum(levels.pending) as bigint) as pending,
    cast(sum(levels.incoming) as bigint) as incoming,
    cast(sum(levels.available) as bigint) as available,
    cast(sum(levels.publishable) as bigint) as publishable,
    bool_or(levels.is_kit) as is_kit,
    min(levels.source_instance) as source_instance,
    max(levels.last_updated_at) as last_updated_at
from levels
group by levels.item_id, levels.sku
