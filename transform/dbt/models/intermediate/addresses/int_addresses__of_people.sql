-- The main address of each customer or contact of a source, with our customer.

{{ per_customer() }}

with

members as (

    select record_id, customer_id from {{ of_changed_customers(ref('int_identity__members')) }}

),

records as (

    select * from {{ ref('int_identity__records') }}
    where source_object <> 'order'

),

parsed as (

    select written_id, address_key, line1 from {{ ref('int_addresses__parsed') }}

),

written as (

    select
        records.source_instance,
        records.source_object,
        records.source_id,
        records.updated_at as last_updated_at,
        members.customer_id,
        {{ trimmed_parts() }}
    from members
    inner join records on members.record_id = records.record_id

),

named as (

    select
        * exclude ({{ written_parts() | join(', ') }}),
        {{ written_id() }} as written_id
    from written

)

select
    named.source_instance,
    named.source_object,
    named.source_id,
    named.last_updated_at,
    named.customer_id,
    'main' as address_type,
    named.written_id,
    {{ canonical_id('address', 'named.customer_id', 'parsed.address_key') }} as address_id,
    parsed.address_key,
    parsed.line1
from named
inner join parsed on named.written_id = parsed.written_id
