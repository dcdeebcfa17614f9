with

sku_map as (

    select source_instance, channel_sku, sku, quantity, last_updated_at from {{ ref('sku_map') }}
    where sku is not null

),

levels as (

    select source_instance, warehouse_id, sku, publishable, last_updated_at
    from {{ ref('inventory_levels') }}

),

places as (

    select source_instance, warehouse_id from levels
    group by source_instance, warehouse_id

)

-- What is not kept in a warehouse cannot be offered from there.
select
    {{ canonical_id(
        'inventory_offer', 'sku_map.source_instance', 'sku_map.channel_sku',
        'places.source_instance', 'places.warehouse_id'
    ) }} as inventory_offer_id,
    sku_map.source_instance,
    sku_map.channel_sku as source_id,
    sku_map.channel_sku,
    places.source_instance as warehouse_instance,
    places.warehouse_id,
    count(*) as component_count,
    cast(min(floor(coalesce(levels.publishable, 0) / sku_map.quantity)) as bigint) as publishable,
    {{ joined('case when levels.sku is null then sku_map.sku end') }} as missing_skus,
    max(greatest(sku_map.last_updated_at, levels.last_updated_at)) as last_updated_at
from sku_map
cross join places
left join levels
    on
        places.source_instance = levels.source_instance
        and places.warehouse_id = levels.warehouse_id
        and sku_map.sku = levels.sku
group by
    sku_map.source_instance, sku_map.channel_sku, places.source_instance, places.warehouse_id
