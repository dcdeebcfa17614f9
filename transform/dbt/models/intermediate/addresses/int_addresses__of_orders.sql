-- Where each order ships and whom it bills, with the customer that it is of.

{{ per_order(of_people=true) }}

with

order_writings as (

    select * from {{ of_changed_orders(ref('int_addresses__order_writings'), of_people=true) }}

),

people as (

    select order_id, customer_id
    from {{ of_changed_orders(ref('int_order_people'), of_people=true) }}

),

parsed as (

    select written_id, address_key, line1 from {{ ref('int_addresses__parsed') }}

)

select
    order_writings.order_id,
    order_writings.source_instance,
    'order' as source_object,
    order_writings.source_id,
    order_writings.updated_at as last_updated_at,
    people.customer_id,
    order_writings.address_type,
    order_writings.written_id,
    {{ canonical_id('address', 'people.customer_id', 'parsed.address_key') }} as address_id,
    parsed.address_key,
    parsed.line1
from order_writings
inner join people on order_writings.order_id = people.order_id
inner join parsed on order_writings.written_id = parsed.written_id
where people.customer_id is not null
