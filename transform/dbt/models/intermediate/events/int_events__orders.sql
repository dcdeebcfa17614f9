{{ per_order() }}

with

orders as (

    select * from {{ of_changed_orders(ref('int_orders')) }}

),

statuses as (

    select * from {{ of_changed_orders(ref('int_order_status')) }}

),

happened as (

    select
        'order.created' as event_type, order_id, source_instance, source_id as subject,
        placed_at as occurred_at, 'placed' as status, cast(null as varchar) as detail
    from orders

    union all

    select
        'order.updated', order_id, source_instance, source_id, updated_at, null, null
    from orders
    where updated_at > placed_at

    union all

    select
        'order.paid', order_id, source_instance, source_id, updated_at, null, null
    from orders
    where is_paid

    union all

    -- The shop asks; whether it is cancelled, the warehouse that has it decides.
    select
        'order.cancelled', order_id, source_instance, source_id, cancelled_at, 'cancel_requested',
        cancel_reason
    from orders
    where cancelled_at is not null

    union all

    -- What the units say, whoever proved it.
    select 'order.status', order_id, said_by, source_id, since, status, basis
    from statuses

)

select
    event_type,
    order_id,
    source_instance,
    subject,
    occurred_at,
    status,
    detail
from happened
