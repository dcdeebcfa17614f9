-- What somebody wrote into the CRM after we did; our own words come back from there too.

with

crm_orders as (

    select * from {{ ref('int_crm_orders') }}

),

confirmed as (

    select * from {{ ref('int_crm_confirmed_orders') }}

),

known_statuses as (

    select status from {{ ref('order_statuses') }}

)

select
    'order.claimed' as event_type,
    crm_orders.order_id,
    crm_orders.source_instance,
    crm_orders.source_id as subject,
    crm_orders.updated_at as occurred_at,
    crm_orders.vendor_status as status,
    cast(null as varchar) as detail
from crm_orders
inner join confirmed
    on
        crm_orders.source_instance = confirmed.source_instance
        and crm_orders.order_id = confirmed.order_id
inner join known_statuses on crm_orders.vendor_status = known_statuses.status
where
    crm_orders.read_at > confirmed.acknowledged_at
    and crm_orders.vendor_status != confirmed.vendor_status
