with

raw_stock as (

    select
        source_instance,
        id as source_id,
        warehouse_id,
        sku,
        updated_at,
        coalesce(on_hand, 0) as on_hand,
        coalesce(allocated, 0) as allocated,
        coalesce(backorder, 0) as backordered,
        coalesce(non_sellable_quantity, 0) as unavailable,
        coalesce(reserve_inventory, 0) as reserved,
        coalesce(sell_ahead, 0) as sell_ahead,
        available as vendor_available,
        reorder_level as reorder_point
    from {{ raw('shiphero', 'warehouse_products') }}
    where "_sdc_deleted_at" is null

)

select * from raw_stock
