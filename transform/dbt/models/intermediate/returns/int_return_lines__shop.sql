with

return_lines as (

    select * from {{ ref('int_channels__return_lines') }}

),

returns as (

    select source_instance, return_source_id, order_source_id
    from {{ ref('int_channels__returns') }}

)

select
    {{ canonical_id('return_record', 'return_lines.source_instance',
        'return_lines.return_source_id') }} as return_record_id,
    return_lines.source_instance,
    return_lines.return_source_id,
    return_lines.return_line_source_id,
    {{ canonical_id('order', 'returns.source_instance', 'returns.order_source_id') }} as order_id,
    case when return_lines.line_source_id is not null
        then {{ canonical_id(
            'order_line', 'return_lines.source_instance', 'return_lines.line_source_id'
        ) }}
    end as order_line_id,
    return_lines.channel_sku,
    return_lines.quantity,
    return_lines.processed_quantity,
    return_lines.refunded_quantity,
    return_lines.vendor_reason,
    return_lines.note,
    return_lines.updated_at
from return_lines
inner join returns
    on
        return_lines.source_instance = returns.source_instance
        and return_lines.return_source_id = returns.return_source_id
