with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as request_source_id,
        {{ unnest_json('"lineItems"') }} as line
    from {{ raw('shopify', 'fulfillment_orders') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        request_source_id,
        {{ gid_number(json_text('line', 'id')) }} as request_line_source_id,
        {{ gid_number(json_text('line', 'lineItem.id')) }} as line_source_id,
        cast({{ json_text('line', 'totalQuantity') }} as bigint) as total_quantity,
        cast({{ json_text('line', 'remainingQuantity') }} as bigint) as remaining_quantity
    from raw_lines

)

select * from lines
