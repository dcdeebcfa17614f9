with

warehouse_items as (

    select * from {{ ref('int_warehouses__items') }}

),

listings as (

    select
        channel_sku as sku,
        max(barcode) as barcode,
        max(weight_g) as weight_g
    from {{ ref('int_channels__listings') }}
    group by channel_sku

),

stock as (

    select
        sku,
        max(reorder_point) as reorder_point
    from {{ ref('int_warehouses__stock') }}
    group by sku

),

-- Two warehouses may hold the same SKU; the one that knew it first describes it.
items as (

    select *
    from warehouse_items
    qualify row_number() over (partition by sku order by source_instance, source_id) = 1

)

select
    {{ canonical_id('item', 'items.sku') }} as item_id,
    items.sku,
    coalesce(items.barcode, listings.barcode) as upc,
    items.title as description,
    listings.weight_g,
    stock.reorder_point,
    items.is_active as active,
    items.is_kit,
    items.source_instance,
    items.source_id,
    items.updated_at as last_updated_at
from items
left join listings on items.sku = listings.sku
left join stock on items.sku = stock.sku
