with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as order_source_id,
        {{ unnest_json('"lineItems"') }} as line,
        {{ json_positions('"lineItems"') }} as line_number,
        "updatedAt" as updated_at
    from {{ raw('shopify', 'orders') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        order_source_id,
        line_number,
        updated_at,
        {{ gid_number(json_text('line', 'id')) }} as line_source_id,
        {{ channel_sku(
            json_text('line', 'sku'), json_text('line', 'variant.sku'), json_text('line', 'title')
        ) }} as channel_sku,
        {{ json_text('line', 'title') }} as title,
        {{ json_text('line', 'variant.barcode') }} as barcode,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity,
        cast(coalesce(
            {{ json_text('line', 'currentQuantity') }}, {{ json_text('line', 'quantity') }}
        ) as bigint) as current_quantity,
        cast({{ json_text('line', 'unfulfilledQuantity') }} as bigint) as unfulfilled_quantity,
        coalesce(cast({{ json_text('line', 'requiresShipping') }} as boolean), true)
            as requires_shipping,
        coalesce(cast({{ json_text('line', 'isGiftCard') }} as boolean), false) as is_gift_card,
        {{ shop_money('line', 'originalUnitPriceSet') }} as unit_price,
        {{ shop_money('line', 'discountedTotalSet') }} as line_total,
        {{ shop_money('line', 'totalDiscountSet') }} as line_discount,
        {{ presentment_money('line', 'discountedTotalSet') }} as presentment_line_total
    from raw_lines

)

select * from lines
