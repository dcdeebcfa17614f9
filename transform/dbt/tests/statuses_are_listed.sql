-- Whatever status an order has is one that the transitions know.
select orders.status
from {{ ref('orders') }} as orders
left join {{ ref('status_transitions') }} as transitions
    on orders.status in (transitions.from_status, transitions.to_status)
where transitions.from_status is null
