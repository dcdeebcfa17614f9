{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id',
) }}

-- Whom each order is of, and in which build that last changed.

with

orders as (

    select order_id, source_instance, source_id, customer_source_id
    from {{ ref('int_channels__orders') }}

),

people as (

    select customer_id, source_instance, source_object, source_id
    from {{ ref('customer_xref') }}

),

-- A guest's order is its own source of who bought.
found as (

    select
        orders.order_id,
        coalesce(accounts.customer_id, guests.customer_id) as customer_id
    from orders
    left join people as accounts
        on
            orders.source_instance = accounts.source_instance
            and orders.customer_source_id = accounts.source_id
            and accounts.source_object = 'customer'
    left join people as guests
        on
            orders.source_instance = guests.source_instance
            and orders.source_id = guests.source_id
            and guests.source_object = 'order'

)

select
    found.*,
    {{ this_build() }} as build
from found
{% if is_incremental() %}
left join {{ this }} as known on found.order_id = known.order_id
where
    known.order_id is null
    or known.customer_id is distinct from found.customer_id
{% endif %}
