-- What each record says of its customer, in the order in which its word counts.

with

records as (

    select * from {{ ref('int_identity__records') }}

),

members as (

    select * from {{ ref('int_identity__members') }}

),

keys as (

    select record_id, email_class, e164
    from {{ ref('int_identity__keys') }}

),

addresses as (

    select
        source_instance,
        source_object,
        source_id,
        min_by(address_id, row(address_type, address_id)) as address_id,
        bool_or(line1 is not null) as has_street
    from {{ ref('int_addresses__members') }}
    group by source_instance, source_object, source_id

),

authority as (

    select system_kind from {{ ref('authority') }}
    where subject = 'contact_data'

),

rules as (

    select rule, trust from {{ ref('identity_rules') }}

),

-- Whose word counts: the system that has the authority, a record that is still there, an account
-- before a single order, and then the newest.
ranked as (

    select
        records.*,
        members.customer_id,
        members.is_first,
        members.rule,
        rules.trust,
        keys.email_class,
        keys.e164,
        addresses.address_id,
        addresses.has_street,
        row_number() over (
            partition by members.customer_id
            order by
                records.is_of_channel = (authority.system_kind = 'crm') asc,
                records.is_gone asc,
                records.source_object = 'order' asc,
                records.updated_at desc,
                records.record_id asc
        ) as word
    from records
    inner join members on records.record_id = members.record_id
    inner join keys on records.record_id = keys.record_id
    inner join rules on members.rule = rules.rule
    cross join authority
    left join addresses
        on
            records.source_instance = addresses.source_instance
            and records.source_object = addresses.source_object
            and records.source_id = addresses.source_id

)

select * from ranked
