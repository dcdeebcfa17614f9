with

stock as (

    select * from {{ ref('int_warehouses__stock') }}

),

warehouses as (

    select * from {{ ref('int_warehouses__warehouses') }}

),

derived as (

    select
        stock.*,
        warehouses.name as warehouse_name,
        stock.on_hand - stock.allocated - stock.unavailable as available,
        -- What a shop may sell; less than nothing when more was promised than is there.
        stock.on_hand - stock.allocated - stock.unavailable - stock.backordered - stock.reserved
        + stock.sell_ahead as publishable
    from stock
    left join warehouses
        on
            stock.source_instance = warehouses.source_instance
            and stock.warehouse_id = warehouses.warehouse_id

)

select
    {{ canonical_id('inventory_level', 'source_instance', 'warehouse_id', 'sku') }}
        as inventory_level_id,
    {{ canonical_id('item', 'sku') }} as item_id,
    sku,
    source_instance,
    source_id,
    warehouse_id,
    warehouse_name,
    on_hand,
    allocated,
    backordered,
    unavailable,
    reserved,
    sell_ahead,
    cast(0 as bigint) as incoming,
    available,
    publishable,
    vendor_available,
    reorder_point,
    coalesce(available <= reorder_point, false) as is_low,
    updated_at as last_updated_at
from derived
