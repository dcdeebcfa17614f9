-- Never done unasked: a merge cannot be undone there.

with

ranked as (

    select * from {{ ref('int_crm_contacts__ranked') }}
    where not is_gone and merged_into is null

),

rules as (

    select
        rule,
        description
    from {{ ref('identity_rules') }}

),

customers as (

    select customer_id
    from {{ ref('customers') }}
    where is_in_channel

),

survivors as (

    select * from ranked
    where place = 1

),

others as (

    select * from ranked
    where place > 1

)

select
    {{ canonical_id(
        'merge_proposal', 'others.destination_instance', 'survivors.destination_id',
        'others.destination_id',
    ) }} as merge_proposal_id,
    others.customer_id,
    others.destination_instance as source_instance,
    survivors.destination_id as survivor_id,
    {{ crm_contact_link('survivors.record_url', 'survivors.destination_id') }} as survivor_link,
    others.destination_id as source_id,
    {{ crm_contact_link('others.record_url', 'others.destination_id') }} as link,
    case
        when survivors.carried_customer_id = cast(survivors.customer_id as varchar)
            then 'carries our id'
        else 'is the oldest'
    end as survivor_reason,
    if(others.rule in ('first', 'alone'), survivors.rule, others.rule) as rule,
    rules.description as reason,
    customers.customer_id is not null as is_in_channel,
    greatest(others.updated_at, survivors.updated_at) as last_updated_at
from others
inner join survivors
    on
        others.customer_id = survivors.customer_id
        and others.destination_instance = survivors.destination_instance
left join rules
    on if(others.rule in ('first', 'alone'), survivors.rule, others.rule) = rules.rule
left join customers on others.customer_id = customers.customer_id
