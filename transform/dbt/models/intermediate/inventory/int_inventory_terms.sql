with

stock as (

    select
        *,
        split_part(source_instance, ':', 1) as system
    from {{ ref('int_warehouses__stock') }}

),

rules as (

    select * from {{ ref('inventory_rules') }}

),

pending as (

    select * from {{ ref('int_inventory_pending') }}

),

ruled as (

    select
        stock.*,
        coalesce(own.reorder_margin, of_system.reorder_margin, of_all.reorder_margin, 0)
            as reorder_margin,
        -- Units that must not be sold come off only where they are among those on hand.
        case
            when coalesce(
                own.on_hand_includes_unavailable, of_system.on_hand_includes_unavailable,
                of_all.on_hand_includes_unavailable, true
            ) then stock.unavailable
            else 0
        end as unavailable_on_hand,
        coalesce(pending.pending, 0) as pending
    from stock
    left join rules as own on stock.source_instance = own.warehouse
    left join rules as of_system on stock.system = of_system.warehouse
    left join rules as of_all on of_all.warehouse = '*'
    left join pending
        on
            stock.source_instance = pending.source_instance
            and stock.warehouse_id = pending.warehouse_id
            and stock.sku = pending.sku

),

derived as (

    select
        *,
        on_hand - allocated - unavailable_on_hand as available,
        on_hand - allocated - unavailable_on_hand - backordered - reserved + sell_ahead - pending
            as own_publishable
    from ruled

),

kit_components as (

    select source_instance, kit_sku, component_sku, quantity
    from {{ ref('int_warehouses__kit_components') }}

),

-- A component that is not kept there makes none of the kit.
kits as (

    select
        derived.source_instance,
        derived.warehouse_id,
        derived.sku,
        min(floor(coalesce(components.available, 0) / kit_components.quantity)) as kit_available,
        min(floor(coalesce(components.own_publishable, 0) / kit_components.quantity))
            as kit_publishable
    from derived
    inner join kit_components
        on
            derived.source_instance = kit_components.source_instance
            and derived.sku = kit_components.kit_sku
    left join derived as components
        on
            derived.source_instance = components.source_instance
            and derived.warehouse_id = components.warehouse_id
            and kit_components.component_sku = components.sku
    group by derived.source_instance, derived.warehouse_id, derived.sku

)

select
    {{ canonical_id(
        'inventory_level', 'derived.source_instance', 'derived.warehouse_id', 'derived.sku'
    ) }} as inventory_level_id,
    derived.source_instance,
    derived.source_id,
    derived.warehouse_id,
    derived.sku,
    derived.on_hand,
    derived.allocated,
    derived.backordered,
    derived.unavailable,
    derived.unavailable_on_hand,
    derived.reserved,
    derived.sell_ahead,
    derived.pending,
    derived.incoming,
    derived.available,
    derived.vendor_available,
    derived.reorder_point,
    derived.reorder_margin,
    derived.updated_at,
    kits.sku is not null as is_kit,
    cast(kits.kit_available as bigint) as kit_available,
    cast(coalesce(kits.kit_publishable, derived.own_publishable) as bigint) as publishable
from derived
left join kits
    on
        derived.source_instance = kits.source_instance
        and derived.warehouse_id = kits.warehouse_id
        and derived.sku = kits.sku
