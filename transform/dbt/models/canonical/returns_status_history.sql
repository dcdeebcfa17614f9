{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with

returns as (

    select * from {{ ref('int_return_status') }}

),

members as (

    select return_id, source_instance from {{ ref('int_return_members') }}
    where rule = 'first'

),

transitions as (

    select from_status, to_status from {{ ref('return_transitions') }}

),

{% if is_incremental() %}
last_known as (

    select return_id, sequence, to_status, status
    from {{ this }}
    qualify row_number() over (partition by return_id order by sequence desc) = 1

),
{% endif %}

changes as (

    select
        returns.return_id,
        returns.status as to_status,
        {% if is_incremental() %}
        last_known.status as from_status,
        coalesce(last_known.sequence, 0) + 1 as sequence
        {% else %}
        cast(null as varchar) as from_status,
        1 as sequence
        {% endif %}
    from returns
    {% if is_incremental() %}
    left join last_known on returns.return_id = last_known.return_id
    where returns.status is distinct from last_known.to_status
    {% endif %}

),

judged as (

    select
        changes.*,
        changes.from_status is null
        or changes.from_status = changes.to_status
        or transitions.from_status is not null as is_legal
    from changes
    left join transitions
        on
            changes.from_status = transitions.from_status
            and changes.to_status = transitions.to_status

)

select
    {{ canonical_id('return_status', 'judged.return_id', 'judged.sequence') }}
        as returns_status_history_id,
    judged.return_id,
    cast(judged.sequence as bigint) as sequence,
    judged.from_status,
    judged.to_status,
    case when judged.is_legal then judged.to_status else judged.from_status end as status,
    judged.is_legal,
    {{ business_now() }} as seen_at,
    members.source_instance,
    {{ business_now() }} as last_updated_at
from judged
inner join members on judged.return_id = members.return_id
