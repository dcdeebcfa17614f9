{% set fields = [
    'id', 'sku', 'title', 'variant.sku', 'variant.barcode', 'quantity', 'currentQuantity',
    'unfulfilledQuantity', 'requiresShipping', 'isGiftCard',
    'originalUnitPriceSet.shopMoney.amount', 'discountedTotalSet.shopMoney.amount',
    'discountedTotalSet.presentmentMoney.amount', 'totalDiscountSet.shopMoney.amount',
] %}

with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as order_source_id,
        {{ unnest_records('"lineItems"', fields) }} as line,
        {{ json_positions('"lineItems"') }} as line_number,
        "updatedAt" as updated_at,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'orders') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        order_source_id,
        line_number,
        updated_at,
        loaded_at,
        {{ json_field('line', 'title') }} as title,
        {{ json_field('line', 'variant.barcode') }} as barcode,
        {{ gid_number(json_field('line', 'id')) }} as line_source_id,
        {{ channel_sku(
            json_field('line', 'sku'), json_field('line', 'variant.sku'),
            json_field('line', 'title')
        ) }} as channel_sku,
        cast({{ json_field('line', 'quantity') }} as bigint) as quantity,
        cast({{ json_field('line', 'currentQuantity') }} as bigint) as stated_current_quantity,
        cast({{ json_field('line', 'unfulfilledQuantity') }} as bigint) as unfulfilled_quantity,
        cast({{ json_field('line', 'requiresShipping') }} as boolean) as stated_requires_shipping,
        cast({{ json_field('line', 'isGiftCard') }} as boolean) as stated_is_gift_card,
        {{ money(json_field('line', 'originalUnitPriceSet.shopMoney.amount')) }} as unit_price,
        {{ money(json_field('line', 'discountedTotalSet.shopMoney.amount')) }} as line_total,
        {{ money(json_field('line', 'totalDiscountSet.shopMoney.amount')) }} as line_discount,
        {{ money(json_field('line', 'discountedTotalSet.presentmentMoney.amount')) }}
            as presentment_line_total
    from raw_lines

)

select
    * exclude (stated_current_quantity, stated_requires_shipping, stated_is_gift_card),
    coalesce(stated_current_quantity, quantity) as current_quantity,
    coalesce(stated_requires_shipping, true) as requires_shipping,
    coalesce(stated_is_gift_card, false) as is_gift_card
from lines
