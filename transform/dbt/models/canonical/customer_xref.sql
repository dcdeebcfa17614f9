with

records as (

    select * from {{ ref('int_identity__records') }}

),

members as (

    select * from {{ ref('int_identity__members') }}

),

decided as (

    select * from {{ ref('int_identity__members_decided') }}

)

select
    members.customer_id,
    records.source_instance,
    records.source_object,
    records.source_id,
    members.rule,
    members.is_first,
    records.is_gone,
    decided.decision,
    decided.decided_by,
    decided.decided_at,
    decided.reason as decided_why,
    records.created_at as source_created_at,
    coalesce(records.updated_at, records.created_at) as last_updated_at
from members
inner join records on members.record_id = records.record_id
left join decided on members.seq = decided.seq
