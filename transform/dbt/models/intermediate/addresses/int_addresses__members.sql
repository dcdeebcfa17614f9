-- The addresses that sources name, each with its customer: the main one of a customer or contact,
-- and where an order ships and whom it bills. `address_id` is the same for the same address of
-- the same customer, however it is written.

with

members as (

    select record_id, customer_id from {{ ref('int_identity__members') }}

),

records as (

    select * from {{ ref('int_identity__records') }}

),

order_writings as (

    select * from {{ ref('int_addresses__order_writings') }}

),

parsed as (

    select written_id, address_key, line1
    from {{ ref('int_addresses__parsed') }}

),

people as (

    select
        records.source_instance,
        records.source_object,
        records.source_id,
        records.updated_at as last_updated_at,
        members.customer_id,
        {{ trimmed_parts() }}
    from records
    inner join members on records.record_id = members.record_id

),

together as (

    select
        source_instance,
        source_object,
        source_id,
        last_updated_at,
        customer_id,
        'main' as address_type,
        {{ written_id() }} as written_id
    from people
    where source_object <> 'order'

    union all

    select
        order_writings.source_instance,
        'order' as source_object,
        order_writings.source_id,
        order_writings.updated_at as last_updated_at,
        people.customer_id,
        order_writings.address_type,
        order_writings.written_id
    from order_writings
    inner join people
        on
            order_writings.source_instance = people.source_instance
            and order_writings.buyer_object = people.source_object
            and order_writings.buyer_id = people.source_id

)

select
    together.*,
    {{ canonical_id('address', 'together.customer_id', 'parsed.address_key') }} as address_id,
    parsed.address_key,
    parsed.line1
from together
inner join parsed on together.written_id = parsed.written_id
