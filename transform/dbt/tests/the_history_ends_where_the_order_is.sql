-- The last change of an order's history is its status, and each begins where the one before ended.
with

moves as (

    select
        *,
        lag(to_status) over (partition by order_id order by sequence) as status_before,
        row_number() over (partition by order_id order by sequence desc) as from_the_end
    from {{ ref('order_status_history') }}
    where is_moved

),

orders as (

    select order_id, status from {{ ref('orders') }}

)

select moves.*
from moves
inner join orders on moves.order_id = orders.order_id
where
    moves.from_status is distinct from moves.status_before
    or (moves.from_the_end = 1 and moves.to_status != orders.status)
