-- What records said before their system merged them, for it does not say it again: which customer a
-- contact carried, whose order it was. Append-only; a row for each change.

{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false,
        post_hook='{{ remember_changed_orders() }}',
    )
}}

with

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

),

orders as (

    select * from {{ of_changed_orders(ref('int_orders')) }}

),

said as (

    select
        destination_instance as source_instance,
        'contact' as source_object,
        destination_id as source_id,
        crossdock_customer_id as named
    from contacts
    where crossdock_customer_id is not null

    union all

    select
        source_instance,
        'order' as source_object,
        source_id,
        customer_source_id as named
    from orders
    where customer_source_id is not null

)

{% if is_incremental() -%}
,

last_seen as (

    select
        source_instance,
        source_object,
        source_id,
        arg_max(named, sequence) as named,
        max(sequence) as sequence
    from {{ this }}
    where (source_object, source_id) in (select (said.source_object, said.source_id) from said)
    group by source_instance, source_object, source_id

)

select
    said.*,
    coalesce(last_seen.sequence, 0) + 1 as sequence,
    {{ business_now() }} as seen_at
from said
left join last_seen
    on
        said.source_instance = last_seen.source_instance
        and said.source_object = last_seen.source_object
        and said.source_id = last_seen.source_id
where said.named is distinct from last_seen.named
{%- else -%}
select
    said.*,
    cast(1 as bigint) as sequence,
    {{ business_now() }} as seen_at
from said
{%- endif %}
