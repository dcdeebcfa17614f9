with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as return_source_id,
        "orderUpdatedAt" as updated_at,
        {{ unnest_json('"returnLineItems"') }} as line
    from {{ raw('shopify', 'returns') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        return_source_id,
        updated_at,
        {{ gid_number(json_text('line', 'id')) }} as return_line_source_id,
        {{ gid_number(json_text('line', 'fulfillmentLineItem.lineItem.id')) }} as line_source_id,
        {{ json_text('line', 'fulfillmentLineItem.lineItem.sku') }} as channel_sku,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity,
        coalesce(cast({{ json_text('line', 'processedQuantity') }} as bigint), 0)
            as processed_quantity,
        coalesce(cast({{ json_text('line', 'refundedQuantity') }} as bigint), 0)
            as refunded_quantity,
        {{ json_text('line', 'returnReasonDefinition.handle') }} as vendor_reason,
        nullif(concat_ws(
            ' / ',
            nullif(trim({{ json_text('line', 'returnReasonNote') }}), ''),
            nullif(trim({{ json_text('line', 'customerNote') }}), '')
        ), '') as note
    from raw_lines

)

select * from lines
