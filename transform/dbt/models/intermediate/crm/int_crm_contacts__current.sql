-- Customers that the CRM may get a new contact for: known to a shop since we went live, or with an
-- order since then. Before that a customer is adopted where the CRM has it, and else left alone.

with

xref as (

    select * from {{ ref('customer_xref') }}

),

orders as (

    select
        source_instance,
        source_id,
        customer_source_id
    from {{ ref('int_orders') }}
    where not is_test and not is_before_go_live

),

settings as (

    select * from {{ ref('instance_settings') }}

)

select xref.customer_id
from xref
left join settings on xref.source_instance = settings.instance
where
    xref.source_object = 'customer'
    and not xref.is_gone
    and xref.source_created_at >= coalesce(settings.go_live_at, {{ default_go_live_at() }})

union

select xref.customer_id
from orders
inner join xref
    on
        orders.source_instance = xref.source_instance
        and if(orders.customer_source_id is null, 'order', 'customer') = xref.source_object
        and coalesce(orders.customer_source_id, orders.source_id) = xref.source_id
