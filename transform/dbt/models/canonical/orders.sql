{% set parts = [
    'name', 'company', 'line1', 'line2', 'city', 'postal_code', 'country_code', 'phone',
] %}

{{ per_order(of_people=true) }}

with

orders as (

    select * from {{ of_changed_orders(ref('int_orders'), of_people=true) }}

),

statuses as (

    select * from {{ of_changed_orders(ref('int_order_states'), of_people=true) }}

),

people as (

    select * from {{ of_changed_orders(ref('int_order_people'), of_people=true) }}

),

addresses as (

    select order_id, address_type, address_id
    from {{ of_changed_orders(ref('int_addresses__of_orders'), of_people=true) }}

)

select
    orders.order_id,
    orders.source_instance,
    orders.source_id,
    orders.source_order_id,
    orders.order_number,
    people.customer_id,
    statuses.status,
    statuses.counted_status,
    orders.payment_status,
    orders.vendor_payment_status,
    orders.vendor_fulfillment_status,
    orders.is_paid,
    orders.is_test,
    orders.is_before_go_live,
    orders.currency,
    orders.presentment_currency,
    orders.subtotal,
    orders.discount_total,
    orders.shipping_total,
    orders.tax_total,
    orders.total,
    orders.current_total,
    orders.presentment_total,
    orders.shipping_method,
    orders.sales_channel,
    orders.email,
    orders.phone,
    orders.note,
    orders.tags,
    {% for kind in ['ship', 'bill'] -%}
    {% for part in parts -%}
    orders.{{ kind }}_{{ part }},
    {% endfor -%}
    coalesce(orders.{{ kind }}_country_code, orders.{{ kind }}_country) as {{ kind }}_country,
    coalesce(orders.{{ kind }}_region_code, orders.{{ kind }}_region) as {{ kind }}_region,
    {% endfor -%}
    ship_addresses.address_id as ship_address_id,
    bill_addresses.address_id as bill_address_id,
    orders.placed_at,
    orders.cancelled_at,
    orders.cancel_reason,
    orders.updated_at as last_updated_at
from orders
inner join statuses on orders.order_id = statuses.order_id
left join people on orders.order_id = people.order_id
left join addresses as ship_addresses
    on orders.order_id = ship_addresses.order_id and ship_addresses.address_type = 'shipping'
left join addresses as bill_addresses
    on orders.order_id = bill_addresses.order_id and bill_addresses.address_type = 'billing'
