with

warehouse_items as (

    select * from {{ ref('int_warehouses__items') }}

),

listings as (

    select
        channel_sku as sku,
        max(barcode) as barcode,
        max(weight_g) as weight_g,
        coalesce(bool_and(is_discontinued), false) as is_discontinued
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

duplicates as (

    select
        sku,
        {{ joined('problem') }} as problems
    from {{ ref('int_item_duplicates') }}
    group by sku

),

-- Two warehouses may hold the same SKU; the one that knew it first describes it, and the other
-- what that one does not know.
items as (

    select
        source_instance,
        source_id,
        sku,
        title,
        updated_at,
        {{ first_known('barcode', 'sku') }} as barcode,
        {{ first_known('weight_g', 'sku') }} as weight_g,
        {{ first_known('length_mm', 'sku') }} as length_mm,
        {{ first_known('width_mm', 'sku') }} as width_mm,
        {{ first_known('height_mm', 'sku') }} as height_mm,
        bool_or(is_active) over (partition by sku) as is_active,
        bool_or(is_kit) over (partition by sku) as is_kit
    from warehouse_items
    qualify row_number() over (partition by sku order by source_instance, source_id) = 1

)

select
    {{ canonical_id('item', 'items.sku') }} as item_id,
    items.sku,
    coalesce(items.barcode, listings.barcode) as upc,
    items.title as description,
    coalesce(items.weight_g, listings.weight_g) as weight_g,
    items.length_mm,
    items.width_mm,
    items.height_mm,
    stock.reorder_point,
    items.is_active as active,
    not items.is_active or coalesce(listings.is_discontinued, false) as discontinued,
    items.is_kit,
    duplicates.problems is not null as is_duplicate,
    duplicates.problems as duplicate_of_others_by,
    items.source_instance,
    items.source_id,
    items.updated_at as last_updated_at
from items
left join listings on items.sku = listings.sku
left join stock on items.sku = stock.sku
left join duplicates on items.sku = duplicates.sku
