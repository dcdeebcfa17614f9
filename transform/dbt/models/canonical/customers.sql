{{ per_customer() }}

with

ranked as (

    select * from {{ of_changed_customers(ref('int_identity__members_ranked')) }}

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
        {{ json_map_of('source_instance', 'ids') }} as external_ids
    from accounts
    group by customer_id

),

merged as (

    select
        customer_id,
        min_by(row(email, email_class), word) filter (
            email is not null and email_class is distinct from 'placeholder'
        ) as mailbox,
        -- First and last name are one value: they come from one record.
        min_by(row(first_name, last_name), word) filter (
            first_name is not null or last_name is not null
        ) as person,
        -- A valid phone comes before one that is none.
        coalesce(
            min_by(e164, word) filter (e164 is not null),
            min_by(phone, word) filter (phone is not null)
        ) as phone,
        min_by(company, word) filter (company is not null) as company,
        -- A city alone is not where somebody lives.
        coalesce(
            min_by(address_id, word) filter (address_id is not null and has_street),
            min_by(address_id, word) filter (address_id is not null)
        ) as default_address_id,
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
    merged.person[1] as first_name,
    merged.person[2] as last_name,
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
left join identifiers on merged.customer_id = identifiers.customer_id
