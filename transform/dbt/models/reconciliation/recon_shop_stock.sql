with

observed as (

    select
        levels.source_instance,
        levels.location_id,
        levels.channel_sku,
        locations.name as location_name,
        max(levels.updated_at) as updated_at,
        sum(levels.quantity) filter (levels.quantity_name = 'available') as shop_available,
        sum(levels.quantity) filter (levels.quantity_name = 'on_hand') as shop_on_hand,
        sum(levels.quantity) filter (levels.quantity_name = 'committed') as shop_committed,
        sum(levels.quantity) filter (levels.quantity_name = 'incoming') as shop_incoming
    from {{ ref('stg_shopify__inventory_levels') }} as levels
    left join {{ ref('stg_shopify__locations') }} as locations
        on
            levels.source_instance = locations.source_instance
            and levels.location_id = locations.location_id
    group by levels.source_instance, levels.location_id, levels.channel_sku, locations.name

),

places as (

    select source_instance, location_key, warehouse_instance, warehouse_id
    from {{ ref('int_locations') }}
    where is_ours

),

offers as (

    select * from {{ ref('inventory_offers') }}

)

select
    observed.source_instance,
    observed.location_name,
    observed.channel_sku,
    places.warehouse_instance,
    places.warehouse_id,
    cast(observed.shop_available as bigint) as shop_available,
    cast(observed.shop_on_hand as bigint) as shop_on_hand,
    cast(observed.shop_committed as bigint) as shop_committed,
    cast(observed.shop_incoming as bigint) as shop_incoming,
    offers.publishable,
    cast(observed.shop_available - offers.publishable as bigint) as difference,
    observed.updated_at as shop_updated_at
from observed
inner join places
    on
        observed.source_instance = places.source_instance
        and lower(trim(observed.location_name)) = places.location_key
left join offers
    on
        observed.source_instance = offers.source_instance
        and observed.channel_sku = offers.channel_sku
        and places.warehouse_instance = offers.warehouse_instance
        and places.warehouse_id = offers.warehouse_id
