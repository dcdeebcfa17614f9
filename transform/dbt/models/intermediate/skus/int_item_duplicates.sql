with

warehouse_items as (

    select * from {{ ref('int_warehouses__items') }}

),

barcodes as (

    select * from {{ ref('int_item_barcodes') }}

),

items as (

    select
        sku,
        {{ sku_key('sku') }} as spelling,
        {{ squeezed('title') }} as name,
        {{ model_codes('title') }} as codes
    from warehouse_items
    qualify row_number() over (partition by sku order by source_instance, source_id) = 1

),

coded as (

    select
        items.sku,
        items.name,
        min(barcodes.barcode) as barcode
    from items
    left join barcodes on items.sku = barcodes.sku
    where {{ has_model_code('items.codes') }}
    group by items.sku, items.name

),

-- Names alone say little: sizes and colours often share one. With a model code in them they mean
-- the same thing, unless each has a barcode of its own.
same_names as (

    select
        sku,
        name,
        count(*) over (partition by name) as sku_count,
        count(barcode) over (partition by name) as with_barcode,
        count(distinct barcode) over (partition by name) as barcodes
    from coded

),

shared as (

    select 'barcode' as problem, barcode as shared_value, sku from barcodes
    where sku_count > 1

    union all

    select 'name' as problem, name as shared_value, sku from same_names
    where sku_count > 1 and not (with_barcode = sku_count and barcodes = sku_count)

    union all

    select 'spelling' as problem, spelling as shared_value, sku from items
    qualify count(*) over (partition by spelling) > 1

),

places as (

    select
        sku,
        {{ joined('source_instance') }} as warehouses
    from warehouse_items
    group by sku

)

select
    shared.problem,
    shared.shared_value,
    shared.sku,
    places.warehouses,
    count(*) over (partition by shared.problem, shared.shared_value) as sku_count
from shared
inner join places on shared.sku = places.sku
