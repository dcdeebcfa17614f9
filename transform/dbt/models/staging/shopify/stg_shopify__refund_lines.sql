with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as refund_source_id,
        coalesce("updatedAt", "createdAt") as updated_at,
        {{ unnest_json('"refundLineItems"') }} as line
    from {{ raw('shopify', 'refunds') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        refund_source_id,
        updated_at,
        {{ gid_number(json_text('line', 'lineItem.id')) }} as line_source_id,
        -- The API may leave a refund's lines without an id; a line is refunded once in a refund.
        coalesce({{ gid_number(json_text('line', 'id')) }},
            {{ gid_number(json_text('line', 'lineItem.id')) }}) as refund_line_source_id,
        {{ json_text('line', 'lineItem.sku') }} as channel_sku,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity,
        {{ json_text('line', 'restockType') }} as vendor_restock_type,
        coalesce(cast({{ json_text('line', 'restocked') }} as boolean), false) as is_restocked,
        {{ shop_money('line', 'subtotalSet') }} as amount,
        {{ shop_money('line', 'totalTaxSet') }} as tax_amount,
        {{ presentment_money('line', 'subtotalSet') }} as presentment_amount
    from raw_lines

)

select * from lines
