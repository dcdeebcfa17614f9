with

orders as (

    select * from {{ ref('orders') }}

),

lines as (

    select
        order_id,
        count(*) as line_count,
        sum(ordered_quantity) as units,
        sum(line_total) as line_total
    from {{ ref('order_lines') }}
    group by order_id

)

select
    orders.source_instance as shop,
    orders.currency,
    count(*) as orders,
    cast(coalesce(sum(lines.line_count), 0) as bigint) as lines,
    cast(coalesce(sum(lines.units), 0) as bigint) as units,
    cast(coalesce(sum(lines.line_total), 0) as decimal(18, 2)) as goods_after_discount,
    cast(sum(orders.shipping_total) as decimal(18, 2)) as shipping,
    cast(sum(orders.total) as decimal(18, 2)) as total,
    count(*) filter (where orders.status in ('shipped', 'delivered', 'returned')) as shipped_orders
from orders
left join lines on orders.order_id = lines.order_id
group by orders.source_instance, orders.currency
order by orders.source_instance, orders.currency
