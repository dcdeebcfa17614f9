{#- How many requests of an order have which status decides its own. -#}
{% set statuses = [
    'shipped', 'partially_shipped', 'sent_to_wms', 'held', 'cancelled',
] %}

with

orders as (

    select order_id, is_paid, cancelled_at from {{ ref('int_orders') }}

),

requests as (

    select
        order_id,
        count(*) filter (where status != 'cancelled' and gate_result != 'no_shipping')
            as open_count,
        count(*) as request_count
        {%- for status in statuses %},
        count(*) filter (where status = '{{ status }}') as {{ status }}_count
        {%- endfor %}
    from {{ ref('int_request_progress') }}
    group by order_id

)

select
    orders.order_id,
    case
        when requests.shipped_count > 0 and requests.shipped_count >= requests.open_count
            then 'shipped'
        when requests.shipped_count + requests.partially_shipped_count > 0
            then 'partially_shipped'
        when orders.cancelled_at is not null and requests.sent_to_wms_count > 0
            then 'cancel_requested'
        when orders.cancelled_at is not null then 'cancelled'
        when requests.sent_to_wms_count > 0 then 'sent_to_wms'
        when requests.held_count > 0 then 'held'
        when requests.cancelled_count > 0 and requests.cancelled_count = requests.request_count
            then 'cancelled'
        when orders.is_paid then 'paid'
        else 'placed'
    end as status
from orders
left join requests on orders.order_id = requests.order_id
