-- Records that their own system merged into others. The CRM says so itself. A shop does not: there
-- all orders of a customer that is gone belong to another one.

with

seen as (

    select * from {{ ref('int_identity__merges_seen') }}

),

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

),

shop_customers as (

    select * from {{ ref('int_channels__customers') }}

),

orders as (

    select
        source_instance,
        source_id,
        customer_source_id
    from {{ ref('int_orders') }}

),

gone_customers as (

    select
        source_instance,
        source_id
    from shop_customers
    where is_gone

),

former_orders as (

    select distinct
        seen.source_instance,
        seen.source_id as order_id,
        seen.named as customer_id
    from seen
    inner join gone_customers
        on
            seen.source_instance = gone_customers.source_instance
            and seen.named = gone_customers.source_id
    where seen.source_object = 'order'

)

select
    destination_instance as source_instance,
    'contact' as source_object,
    destination_id as source_id,
    merged_into as into_id
from contacts
where merged_into is not null

union all

select
    former_orders.source_instance,
    'customer' as source_object,
    former_orders.customer_id as source_id,
    any_value(orders.customer_source_id) as into_id
from former_orders
inner join orders
    on
        former_orders.source_instance = orders.source_instance
        and former_orders.order_id = orders.source_id
group by former_orders.source_instance, former_orders.customer_id
having
    count(distinct orders.customer_source_id) = 1
    and count(orders.customer_source_id) = count(*)
    and any_value(orders.customer_source_id) <> former_orders.customer_id
