with

warehouse_kits as (

    select
        'wms' as exploded_by,
        source_instance,
        kit_sku,
        component_sku,
        quantity,
        updated_at as last_updated_at
    from {{ ref('int_warehouses__kit_components') }}

),

sku_map as (

    select * from {{ ref('sku_map') }}
    where units > 1

),

our_kits as (

    select
        'us' as exploded_by,
        source_instance,
        channel_sku as kit_sku,
        sku as component_sku,
        quantity,
        last_updated_at
    from sku_map

)

select * from warehouse_kits

union all

select * from our_kits
