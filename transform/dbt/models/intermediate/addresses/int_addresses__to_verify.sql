-- Addresses that are worth asking a carriers' directory about: where orders wait to be shipped, and
-- nobody has said yes or no. Each costs money, so each is asked about once.

with

orders as (

    select * from {{ ref('orders') }}
    where
        status in ('placed', 'paid', 'held', 'backordered', 'sent_to_wms')
        and not is_test
        and not is_before_go_live

),

shipping as (

    select * from {{ ref('int_addresses__shipping') }}
    where not has_bad_address

),

verifications as (

    select address_key from {{ ref('int_addresses__verifications') }}

),

countries as (

    select * from {{ ref('int_addresses__countries') }}

),

-- As the newest of the orders writes it.
newest as (

    select
        shipping.address_key,
        orders.order_id,
        orders.placed_at,
        orders.ship_line1 as line1,
        orders.ship_line2 as line2,
        orders.ship_city as city,
        orders.ship_region as region,
        orders.ship_postal_code as postal_code,
        countries.country_code
    from orders
    inner join shipping on orders.order_id = shipping.order_id
    inner join countries on {{ fold('orders.ship_country') }} = countries.country_key
    left join verifications on shipping.address_key = verifications.address_key
    where verifications.address_key is null
    qualify row_number() over (
        partition by shipping.address_key
        order by orders.placed_at desc, orders.order_id asc
    ) = 1

)

select * from newest
