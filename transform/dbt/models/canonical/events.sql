{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        post_hook='{{ remember_changed_orders() }}',
    )
}}
{#- What happens once to a record, whenever it was noticed. -#}
{% set once = [
    'order.created', 'order.paid', 'fulfillment.created', 'fulfillment.shipped', 'fulfillment.voided',
] %}

with

happened as (

    select * from {{ of_changed_orders(ref('int_events__orders')) }}
    union all by name
    select * from {{ of_changed_orders(ref('int_events__fulfillments')) }}
    union all by name
    select * from {{ of_changed_orders(ref('int_events__tracking')) }}
    union all by name
    select * from {{ ref('int_events__crm') }}
    union all by name
    select * from {{ ref('int_events__returns') }}
    union all by name
    select * from {{ ref('int_events__inventory') }}

),

{% if is_incremental() %}
counted as (

    select
        order_id,
        max(sequence) as last_sequence,
        max_by(status, sequence) filter (where event_type = 'order.status') as last_status,
        max_by(detail, sequence) filter (where event_type = 'order.status') as last_detail,
        max(occurred_at) filter (where event_type = 'order.status') as last_status_at
    from {{ this }}
    where order_id in (select happened.order_id from happened)
    group by order_id

),

-- A status that follows from units is news when it differs from the last; where its proof is no
-- younger than that, it is news as of now.
news as (

    select happened.* replace (
        case
            when
                happened.event_type = 'order.status'
                and happened.occurred_at <= counted.last_status_at
                then greatest({{ business_now() }}, counted.last_status_at)
            else happened.occurred_at
        end as occurred_at
    )
    from happened
    left join counted on happened.order_id = counted.order_id
    where
        happened.event_type != 'order.status'
        or happened.status is distinct from counted.last_status
        or happened.detail is distinct from counted.last_detail

),
{% else %}
news as (

    select * from happened

),
{% endif %}

-- The same event, told twice, is one.
identified as (

    select
        *,
        {{ canonical_id(
            'event', 'source_instance', 'event_type', 'order_id', 'subject',
            "case when event_type not in ('" ~ once | join("', '") ~ "') then occurred_at end",
            'status',
            "case when event_type not in ('" ~ once | join("', '") ~ "') then detail end"
        ) }} as event_id
    from news
    where occurred_at is not null
    qualify row_number() over (partition by event_id order by occurred_at) = 1

),

fresh as (

    select
        identified.*,
        {{ 'coalesce(counted.last_sequence, 0)' if is_incremental() else '0' }} as last_sequence
    from identified
    {% if is_incremental() %}
    left join {{ this }} as seen on identified.event_id = seen.event_id
    left join counted on identified.order_id = counted.order_id
    where seen.event_id is null
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
    cast(case when order_id is null then 0 else last_sequence + row_number() over (
        partition by order_id order by occurred_at, event_type, subject, event_id
    ) end as bigint) as sequence,
    status,
    detail,
    occurred_at as last_updated_at
from fresh
