with

refund_lines as (

    select * from {{ ref('int_channels__refund_lines') }}

),

refunds as (

    select * from {{ ref('int_channels__refunds') }}

),

restock_words as (

    select system, value, meaning from {{ ref('return_words') }}
    where object = 'restock_type'

)

select
    {{ canonical_id('refund_line', 'refund_lines.source_instance',
        'refund_lines.refund_source_id', 'refund_lines.refund_line_source_id') }} as refund_line_id,
    {{ canonical_id('refund', 'refund_lines.source_instance', 'refund_lines.refund_source_id') }}
        as refund_id,
    {{ canonical_id('order', 'refunds.source_instance', 'refunds.order_source_id') }} as order_id,
    {{ canonical_id('order_line', 'refund_lines.source_instance', 'refund_lines.line_source_id') }}
        as order_line_id,
    refund_lines.source_instance,
    refund_lines.refund_line_source_id,
    refund_lines.channel_sku,
    refund_lines.quantity,
    refund_lines.vendor_restock_type,
    coalesce(restock_words.meaning, 'unknown') as restock_type,
    refund_lines.is_restocked,
    refund_lines.amount,
    refund_lines.tax_amount,
    refund_lines.presentment_amount,
    refunds.return_source_id,
    refunds.refunded_at,
    refund_lines.updated_at
from refund_lines
inner join refunds
    on
        refund_lines.source_instance = refunds.source_instance
        and refund_lines.refund_source_id = refunds.refund_source_id
left join restock_words
    on
        split_part(refund_lines.source_instance, ':', 1) = restock_words.system
        and refund_lines.vendor_restock_type = restock_words.value
