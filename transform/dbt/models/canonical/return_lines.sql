with

quantities as (

    select * from {{ ref('int_return_quantities') }}

),

members as (

    select return_id, source_instance, source_id from {{ ref('int_return_members') }}
    where rule = 'first'

),

order_lines as (

    select order_line_id, sku, channel_sku from {{ ref('order_lines') }}

)

select
    {{ canonical_id('return_line', 'quantities.return_id', 'quantities.line_key') }}
        as return_line_id,
    quantities.return_id,
    quantities.order_id,
    quantities.order_line_id,
    coalesce(order_lines.sku, quantities.sku) as sku,
    order_lines.channel_sku,
    quantities.requested_quantity,
    quantities.received_quantity,
    quantities.restocked_quantity,
    quantities.scrapped_quantity,
    quantities.refunded_quantity,
    quantities.reason,
    quantities.condition,
    quantities.disposition,
    members.source_instance,
    members.source_id,
    quantities.updated_at as last_updated_at
from quantities
inner join members on quantities.return_id = members.return_id
left join order_lines on quantities.order_line_id = order_lines.order_line_id
