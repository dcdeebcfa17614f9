{{ per_order() }}

with

fulfillments as (

    select * from {{ of_changed_orders(ref('fulfillments')) }}

)

-- That one shipment left does not make its order shipped: units are counted for that.
select
    'fulfillment.created' as event_type,
    order_id,
    source_instance,
    source_id as subject,
    created_at as occurred_at,
    cast(null as varchar) as status,
    cast(null as varchar) as detail
from fulfillments

union all

select
    'fulfillment.shipped' as event_type,
    order_id,
    source_instance,
    source_id as subject,
    shipped_at as occurred_at,
    'partially_shipped' as status,
    carrier as detail
from fulfillments
where is_shipped

union all

select
    'fulfillment.voided' as event_type,
    order_id,
    source_instance,
    source_id as subject,
    last_updated_at as occurred_at,
    cast(null as varchar) as status,
    cast(null as varchar) as detail
from fulfillments
where status = 'voided'
