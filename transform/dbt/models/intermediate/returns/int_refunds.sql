with

refunds as (

    select * from {{ ref('int_channels__refunds') }}

),

orders as (

    select order_id, currency, presentment_currency from {{ ref('int_orders') }}

),

members as (

    select source_instance, source_id, return_id from {{ ref('int_return_members') }}
    where system_kind = 'shop'

),

lines as (

    select
        refund_id,
        sum(quantity) as quantity,
        sum(quantity) filter (restock_type = 'cancelled') as cancelled_quantity,
        sum(quantity) filter (restock_type = 'returned') as returned_quantity
    from {{ ref('int_refund_lines') }}
    group by refund_id

),

identified as (

    select
        *,
        {{ canonical_id('refund', 'source_instance', 'refund_source_id') }} as refund_id,
        {{ canonical_id('order', 'source_instance', 'order_source_id') }} as order_id
    from refunds

)

select
    identified.refund_id,
    identified.order_id,
    members.return_id,
    identified.source_instance,
    identified.refund_source_id,
    identified.refunded_at,
    orders.currency,
    orders.presentment_currency,
    identified.amount,
    identified.presentment_amount,
    cast(coalesce(lines.quantity, 0) as bigint) as quantity,
    cast(coalesce(lines.cancelled_quantity, 0) as bigint) as cancelled_quantity,
    cast(coalesce(lines.returned_quantity, 0) as bigint) as returned_quantity,
    identified.note,
    identified.updated_at
from identified
left join orders on identified.order_id = orders.order_id
left join members
    on
        identified.source_instance = members.source_instance
        and identified.return_source_id = members.source_id
left join lines on identified.refund_id = lines.refund_id
