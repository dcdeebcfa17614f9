with

raw_products as (

    select
        source_instance,
        title as product_title,
        status as product_status,
        "updatedAt" as updated_at,
        {{ unnest_json('variants') }} as variant
    from {{ raw('shopify', 'products') }}
    where "_sdc_deleted_at" is null

),

variants as (

    select
        source_instance,
        product_title,
        product_status,
        updated_at,
        {{ gid_number(json_text('variant', 'id')) }} as variant_id,
        {{ channel_sku(json_text('variant', 'sku'), 'null', 'product_title') }} as channel_sku,
        {{ json_text('variant', 'barcode') }} as barcode,
        {{ json_text('variant', 'title') }} as variant_title,
        {{ money(json_text('variant', 'price')) }} as price,
        cast({{ json_text('variant', 'inventoryItem.measurement.weight.value') }} as decimal(18, 4))
            as weight,
        {{ json_text('variant', 'inventoryItem.measurement.weight.unit') }} as weight_unit
    from raw_products

)

select
    * exclude (weight, weight_unit),
    coalesce(product_status = 'ARCHIVED', false) as is_discontinued,
    {{ grams('weight', 'weight_unit') }} as weight_g
from variants
