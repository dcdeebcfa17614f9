with

ranked as (

    select * from {{ ref('int_identity__members_ranked') }}

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
