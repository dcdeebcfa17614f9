-- What customer each record was seen to belong to, and when that changed: the memory behind
-- `customer_id_history`. Append-only; a row for each record, and one more for each change.

{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false,
    )
}}

with

members as (

    select * from {{ ref('int_identity__members') }}

),

-- The CRM remembers what we do not: a contact was of the customer whose id it carries.
carried as (

    select
        record_id,
        stated_customer_id
    from {{ ref('int_identity__keys') }}
    where stated_customer_id is not null

),

{% if is_incremental() -%}
last_seen as (

    select
        record_id,
        arg_max(customer_id, sequence) as customer_id,
        max(sequence) as sequence
    from {{ this }}
    group by record_id

),
{%- else -%}
last_seen as (

    select
        record_id,
        customer_id,
        cast(null as bigint) as sequence
    from members
    where false

),
{%- endif %}

changed as (

    select
        members.record_id,
        members.customer_id,
        members.rule,
        coalesce(last_seen.customer_id, carried.stated_customer_id) as from_customer_id,
        coalesce(last_seen.sequence, 0) + 1 as sequence
    from members
    left join last_seen on members.record_id = last_seen.record_id
    left join carried on members.record_id = carried.record_id
    where members.customer_id is distinct from last_seen.customer_id

),

living as (

    select distinct customer_id from members

),

known as (

    select distinct customer_id from last_seen

)

select
    changed.record_id,
    changed.sequence,
    nullif(changed.from_customer_id, changed.customer_id) as from_customer_id,
    changed.customer_id,
    case
        when nullif(changed.from_customer_id, changed.customer_id) is null then null
        when living.customer_id is null then 'merge'
        when known.customer_id is null then 'split'
        else 'moved'
    end as kind,
    changed.rule,
    {{ business_now() }} as seen_at
from changed
left join living on changed.from_customer_id = living.customer_id
left join known on changed.customer_id = known.customer_id
