{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with

order_events as (

    select
        order_id,
        source_instance,
        'order.created' as event_type,
        source_id as subject,
        placed_at as occurred_at
    from {{ ref('orders') }}

    union all

    select order_id, source_instance, 'order.updated', source_id, last_updated_at
    from {{ ref('orders') }}
    where last_updated_at > placed_at

    union all

    select order_id, source_instance, 'order.cancelled', source_id, cancelled_at
    from {{ ref('orders') }}
    where cancelled_at is not null

),

fulfillment_events as (

    select
        order_id,
        source_instance,
        'fulfillment.created' as event_type,
        source_id as subject,
        created_at as occurred_at
    from {{ ref('fulfillments') }}

    union all

    select order_id, source_instance, 'fulfillment.shipped', source_id, shipped_at
    from {{ ref('fulfillments') }}
    where shipped_at is not null

),

tracking_events as (

    select
        order_id,
        source_instance,
        'tracking.update' as event_type,
        source_id as subject,
        created_at as occurred_at
    from {{ ref('fulfillment_packages') }}
    where tracking_number is not null and not is_voided

),

happened as (

    select * from order_events
    union all
    select * from fulfillment_events
    union all
    select * from tracking_events

),

identified as (

    select
        *,
        {{ canonical_id('event', 'source_instance', 'event_type', 'subject', 'occurred_at') }}
            as event_id
    from happened
    where occurred_at is not null

),

{% if is_incremental() %}
counted as (

    select
        order_id,
        max(sequence) as last_sequence
    from {{ this }}
    group by order_id

),
{% endif %}

fresh as (

    select
        identified.*,
        {{ 'coalesce(counted.last_sequence, 0)' if is_incremental() else '0' }} as last_sequence
    from identified
    {% if is_incremental() %}
    left join counted on identified.order_id = counted.order_id
    where identified.event_id not in (select seen.event_id from {{ this }} as seen)
    {% endif %}

)

select
    event_id,
    event_type,
    order_id,
    source_instance,
    subject as source_id,
    occurred_at,
    {{ business_now() }} as seen_at,
    cast(
        last_sequence + row_number() over (
            partition by order_id order by occurred_at, event_type, subject
        ) as bigint
    ) as sequence,
    occurred_at as last_updated_at
from fresh
