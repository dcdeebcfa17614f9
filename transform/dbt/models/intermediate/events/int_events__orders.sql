with

orders as (

    select * from {{ ref('int_orders') }}

),

statuses as (

    select * from {{ ref('int_order_status') }}

),

known_statuses as (

    select status from {{ ref('order_statuses') }}

),

crm_orders as (

    select * from {{ ref('stg_hubspot__orders') }}

),

acknowledged as (

    select destination_instance, sync_key, acknowledged_at, hs_fulfillment_status
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_hubspot__orders'

),

-- What somebody wrote into the CRM after we did; our own words come back from there too.
crm_words as (

    select
        cast(crm_orders.crossdock_order_id as uuid) as order_id,
        crm_orders.destination_instance as source_instance,
        crm_orders.destination_id as source_id,
        crm_orders.updated_at,
        crm_orders.hs_fulfillment_status as status
    from crm_orders
    inner join known_statuses on crm_orders.hs_fulfillment_status = known_statuses.status
    inner join acknowledged
        on
            crm_orders.destination_instance = acknowledged.destination_instance
            and crm_orders.crossdock_order_id = acknowledged.sync_key
    where
        not crm_orders.is_gone
        and crm_orders.read_at > acknowledged.acknowledged_at
        and crm_orders.hs_fulfillment_status != acknowledged.hs_fulfillment_status

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

    select
        'order.cancelled', order_id, source_instance, source_id, cancelled_at, 'cancelled',
        cancel_reason
    from orders
    where cancelled_at is not null

    union all

    -- What the units say, whoever proved it.
    select 'order.status', order_id, said_by, source_id, since, status, basis
    from statuses

    union all

    select 'order.claimed', order_id, source_instance, source_id, updated_at, status, null
    from crm_words

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
