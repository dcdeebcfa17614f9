-- The addresses that sources name, each with its customer: the main one of a customer or contact,
-- and where an order ships and whom it bills. `address_id` is the same for the same address of
-- the same customer, however it is written.

with

members as (

    select * from {{ ref('int_identity__members') }}

),

records as (

    select * from {{ ref('int_identity__records') }}

),

orders as (

    select * from {{ ref('int_channels__orders') }}

),

parsed as (

    select * from {{ ref('int_addresses__parsed') }}

),

people as (

    select
        records.source_instance,
        records.source_object,
        records.source_id,
        members.customer_id,
        records.updated_at as last_updated_at,
        'main' as address_type,
        nullif(concat_ws(' ', records.first_name, records.last_name), '') as name,
        records.company,
        {{ trimmed_parts() }}
    from records
    inner join members on records.record_id = members.record_id
    where records.source_object <> 'order'

),

buyers as (

    select
        records.source_instance,
        records.source_object,
        records.source_id,
        members.customer_id
    from records
    inner join members on records.record_id = members.record_id
    where records.source_object <> 'contact'

),

bought as (

    select
        orders.*,
        buyers.customer_id
    from orders
    inner join buyers
        on
            orders.source_instance = buyers.source_instance
            and if(orders.customer_source_id is null, 'order', 'customer') = buyers.source_object
            and coalesce(orders.customer_source_id, orders.source_id) = buyers.source_id

),

order_addresses as (
    {% for prefix, type in [('ship_', 'shipping'), ('bill_', 'billing')] %}
    select
        source_instance,
        'order' as source_object,
        source_id,
        customer_id,
        updated_at as last_updated_at,
        '{{ type }}' as address_type,
        nullif(trim({{ prefix }}name), '') as name,
        nullif(trim({{ prefix }}company), '') as company,
        {{ trimmed_parts(order_parts(prefix)) }}
    from bought
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

together as (

    select * from people
    union all
    select * from order_addresses

),

named as (

    select
        source_instance,
        source_object,
        source_id,
        customer_id,
        last_updated_at,
        address_type,
        name,
        company,
        {{ written_id() }} as written_id
    from together

)

select
    named.*,
    {{ canonical_id('address', 'named.customer_id', 'parsed.address_key') }} as address_id,
    parsed.address_key,
    parsed.line1
from named
inner join parsed on named.written_id = parsed.written_id
