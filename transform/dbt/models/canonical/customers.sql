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
    from {{ ref('int_identity__addresses') }}
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

),

-- First and last name are one value: they come from one record.
named as (

    select
        customer_id,
        word,
        first_name,
        last_name
    from ranked
    where first_name is not null or last_name is not null
    qualify row_number() over (partition by customer_id order by word) = 1

),

accounts as (

    select
        customer_id,
        source_instance,
        list(source_id order by created_at, source_id) as ids
    from ranked
    where source_object <> 'order'
    group by customer_id, source_instance

),

identifiers as (

    select
        customer_id,
        to_json(map_from_entries(list(row(source_instance, ids) order by source_instance)))
            as external_ids
    from accounts
    group by customer_id

),

merged as (

    select
        customer_id,
        min_by(row(email, email_class), word) filter (
            email is not null and email_class is distinct from 'placeholder'
        ) as mailbox,
        min_by(coalesce(e164, phone), row(e164 is null, word)) filter (phone is not null) as phone,
        min_by(company, word) filter (company is not null) as company,
        -- A city alone is not where somebody lives.
        min_by(address_id, row(not has_street, word)) filter (address_id is not null)
            as default_address_id,
        max_by(rule, trust) as rule,
        count(*) as records,
        bool_or(is_of_channel) as is_in_channel,
        any_value(source_instance) filter (is_first) as source_instance,
        any_value(source_object) filter (is_first) as source_object,
        any_value(source_id) filter (is_first) as source_id,
        min(created_at) as created_at,
        max(coalesce(updated_at, created_at)) as last_updated_at
    from ranked
    group by customer_id

)

select
    merged.customer_id,
    merged.mailbox[1] as email,
    merged.mailbox[2] as email_class,
    merged.phone,
    named.first_name,
    named.last_name,
    merged.company,
    merged.default_address_id,
    coalesce(identifiers.external_ids, json('{}')) as external_ids,
    merged.rule,
    merged.records,
    merged.is_in_channel,
    merged.source_instance,
    merged.source_object,
    merged.source_id,
    merged.created_at,
    merged.last_updated_at
from merged
left join named on merged.customer_id = named.customer_id
left join identifiers on merged.customer_id = identifiers.customer_id
