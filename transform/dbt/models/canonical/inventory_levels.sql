with

terms as (

    select * from {{ ref('int_inventory_terms') }}

),

warehouses as (

    select source_instance, warehouse_id, name from {{ ref('int_warehouses__warehouses') }}

),

low as (

    select * from {{ ref('int_inventory_low') }}

)

select
    terms.inventory_level_id,
    {{ canonical_id('item', 'terms.sku') }} as item_id,
    terms.sku,
    terms.source_instance,
    terms.source_id,
    terms.warehouse_id,
    warehouses.name as warehouse_name,
    terms.on_hand,
    terms.allocated,
    terms.backordered,
    terms.unavailable,
    terms.unavailable_on_hand,
    terms.reserved,
    terms.sell_ahead,
    terms.pending,
    terms.incoming,
    case when terms.incoming is not null then 'wms' end as incoming_said_by,
    terms.available,
    terms.publishable,
    terms.is_kit,
    terms.kit_available,
    terms.vendor_available,
    terms.available - terms.vendor_available as available_difference,
    terms.reorder_point,
    low.inventory_level_id is not null as is_low,
    low.low_since,
    terms.updated_at as last_updated_at
from terms
left join warehouses
    on
        terms.source_instance = warehouses.source_instance
        and terms.warehouse_id = warehouses.warehouse_id
left join low on terms.inventory_level_id = low.inventory_level_id
