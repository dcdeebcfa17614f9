-- What each record says of its customer, in the order in which its word counts. The next build
-- tells from it who changed.

{{ per_customer() }}

with

records as (

    select * from {{ ref('int_identity__records') }}

),

members as (

    select * from {{ of_changed_customers(ref('int_identity__members')) }}

),

keys as (

    select record_id, email_class, e164
    from {{ ref('int_identity__keys') }}

),

addresses as (

    select * from {{ of_changed_customers(ref('int_addresses__members')) }}

),

authority as (

    select system_kind from {{ ref('authority') }}
    where subject = 'contact_data'

),

rules as (

    select rule, trust from {{ ref('identity_rules') }}

),

-- A customer or contact has one address of its own; a guest's order those that it names.
own_addresses as (

    select
        source_instance,
        source_object,
        source_id,
        address_id,
        line1 is not null as has_street
    from addresses
    where address_type = 'main'

    union all

    select
        addresses.source_instance,
        addresses.source_object,
        addresses.source_id,
        arg_min(addresses.address_id, addresses.address_type) as address_id,
        bool_or(addresses.line1 is not null) as has_street
    from addresses
    inner join records
        on
            addresses.source_instance = records.source_instance
            and addresses.source_object = records.source_object
            and addresses.source_id = records.source_id
    where addresses.source_object = 'order'
    group by addresses.source_instance, addresses.source_object, addresses.source_id

),

-- Whose word counts: the system that has the authority, a record that is still there, an account
-- before a single order, and then the newest.
ranked as (

    select
        records.record_id,
        records.source_instance,
        records.source_object,
        records.source_id,
        records.is_of_channel,
        records.is_gone,
        records.build,
        records.created_at,
        records.updated_at,
        records.email,
        records.phone,
        records.first_name,
        records.last_name,
        records.company,
        members.customer_id,
        members.is_first,
        members.rule,
        rules.trust,
        keys.email_class,
        keys.e164,
        own_addresses.address_id,
        own_addresses.has_street,
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
    left join own_addresses
        on
            records.source_instance = own_addresses.source_instance
            and records.source_object = own_addresses.source_object
            and records.source_id = own_addresses.source_id

)

select * from ranked
