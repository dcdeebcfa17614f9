{% set lifecycle = [
    'placed', 'paid', 'held', 'sent_to_wms', 'backordered', 'picked', 'packed',
    'partially_shipped', 'shipped', 'delivered', 'returned', 'cancel_requested', 'cancelled',
] %}

with

orders as (

    select status from {{ ref('orders') }}

)

select
    status,
    count(*) as orders
from orders
group by status
order by case status
{%- for status in lifecycle %}
    when '{{ status }}' then {{ loop.index }}
{%- endfor %}
    else 99
end
