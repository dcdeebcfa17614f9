{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false,
    )
}}

with

changes as (

    select * from {{ ref('int_identity__members_seen') }}
    where from_customer_id is not null

),

records as (

    select * from {{ ref('int_identity__keys') }}

),

decided as (

    select * from {{ ref('int_identity__members_decided') }}

),

new_changes as (

    select
        changes.*,
        {{ canonical_id('customer_id_change', 'changes.record_id', 'changes.sequence') }}
            as customer_id_change_id
    from changes
    {% if is_incremental() -%}
    where customer_id_change_id not in (select known.customer_id_change_id from {{ this }} as known)
    {%- endif %}

)

select
    new_changes.customer_id_change_id,
    new_changes.from_customer_id,
    new_changes.customer_id as to_customer_id,
    new_changes.kind,
    records.source_instance,
    records.source_object,
    records.source_id,
    new_changes.sequence,
    new_changes.rule,
    decided.decision,
    decided.decided_by,
    decided.reason,
    new_changes.seen_at as changed_at,
    new_changes.seen_at as last_updated_at
from new_changes
inner join records on new_changes.record_id = records.record_id
left join decided on records.seq = decided.seq
