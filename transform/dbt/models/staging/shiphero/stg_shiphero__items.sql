with

raw_products as (

    select
        source_instance,
        id as source_id,
        sku,
        name as title,
        updated_at,
        nullif(trim(barcode), '') as barcode,
        coalesce(active, true) as is_active,
        coalesce(kit, false) as is_kit
    from {{ raw('shiphero', 'products') }}
    where "_sdc_deleted_at" is null

)

select * from raw_products
