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
    round(
        nullif(weight, 0) * case weight_unit
            when 'GRAMS' then 1
            when 'KILOGRAMS' then 1000
            when 'OUNCES' then 28.349523125
            when 'POUNDS' then 453.59237
        end, 3
    ) as weight_g
from variants
