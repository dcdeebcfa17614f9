{% set parts = [
    'name', 'company', 'line1', 'line2', 'city', 'postal_code', 'country_code', 'phone',
] %}

with

orders as (

    select * from {{ ref('int_orders') }}

),

statuses as (

    select * from {{ ref('int_order_states') }}

),

addresses as (

    select source_instance, source_id, address_type, address_id
    from {{ ref('int_addresses__members') }}
    where source_object = 'order'

),

people as (

    select customer_id, source_instance, source_object, source_id
    from {{ ref('customer_xref') }}

)

select
    orders.order_id,
    orders.source_instance,
    orders.source_id,
    orders.source_order_id,
    orders.order_number,
    coalesce(accounts.customer_id, guests.customer_id) as customer_id,
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
left join people as accounts
    on
        orders.source_instance = accounts.source_instance
        and orders.customer_source_id = accounts.source_id
        and accounts.source_object = 'customer'
-- A guest's order is its own source of who bought.
left join people as guests
    on
        orders.source_instance = guests.source_instance
        and orders.source_id = guests.source_id
        and guests.source_object = 'order'
left join addresses as ship_addresses
    on
        orders.source_instance = ship_addresses.source_instance
        and orders.source_id = ship_addresses.source_id
        and ship_addresses.address_type = 'shipping'
left join addresses as bill_addresses
    on
        orders.source_instance = bill_addresses.source_instance
        and orders.source_id = bill_addresses.source_id
        and bill_addresses.address_type = 'billing'
