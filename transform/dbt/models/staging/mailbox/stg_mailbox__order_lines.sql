{{ config(enabled=has_account('mailbox')) }}

with

raw_lines as (

    select
        source_instance,
        id as order_source_id,
        updated_at,
        "_sdc_loaded_at" as loaded_at,
        {{ unnest_json('"lines"') }} as line,
        {{ json_positions('"lines"') }} as line_number
    from {{ raw('mailbox', 'orders') }}
    where "_sdc_deleted_at" is null

),

lines as (

    select
        source_instance,
        order_source_id,
        updated_at,
        loaded_at,
        line_number,
        {{ json_text('line', 'id') }} as line_source_id,
        {{ channel_sku(json_text('line', 'sku'), 'null', json_text('line', 'title')) }}
            as channel_sku,
        {{ json_text('line', 'title') }} as title,
        cast({{ json_text('line', 'quantity') }} as bigint) as quantity,
        {{ money(json_text('line', 'unit_price')) }} as unit_price
    from raw_lines

)

select
    *,
    quantity as current_quantity,
    quantity as unfulfilled_quantity,
    true as requires_shipping,
    false as is_gift_card,
    quantity * unit_price as line_total
from lines
