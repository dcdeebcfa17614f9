with

raw_lines as (

    select
        source_instance,
        {{ gid_number('id') }} as request_source_id,
        {{ unnest_records('"lineItems"', [
            'id', 'lineItem.id', 'totalQuantity', 'remainingQuantity',
        ]) }} as line,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'fulfillment_orders') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        request_source_id,
        loaded_at,
        {{ gid_number(json_field('line', 'id')) }} as request_line_source_id,
        {{ gid_number(json_field('line', 'lineItem.id')) }} as line_source_id,
        cast({{ json_field('line', 'totalQuantity') }} as bigint) as total_quantity,
        cast({{ json_field('line', 'remainingQuantity') }} as bigint) as remaining_quantity
    from raw_lines

)

select * from lines
