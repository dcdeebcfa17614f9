{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with

orders as (

    select order_id, source_instance, status, last_updated_at from {{ ref('orders') }}

),

transitions as (

    select from_status, to_status from {{ ref('status_transitions') }}

),

{% if is_incremental() %}
last_known as (

    select order_id, sequence, to_status
    from {{ this }}
    qualify row_number() over (partition by order_id order by sequence desc) = 1

),
{% endif %}

changes as (

    select
        orders.*,
        {% if is_incremental() %}
        last_known.to_status as from_status,
        coalesce(last_known.sequence, 0) + 1 as sequence
        {% else %}
        cast(null as varchar) as from_status,
        1 as sequence
        {% endif %}
    from orders
    {% if is_incremental() %}
    left join last_known on orders.order_id = last_known.order_id
    where orders.status is distinct from last_known.to_status
    {% endif %}

)

select
    {{ canonical_id('order_status', 'changes.order_id', 'changes.sequence') }}
        as order_status_history_id,
    changes.order_id,
    changes.sequence,
    changes.from_status,
    changes.status as to_status,
    changes.from_status is null or transitions.from_status is not null as is_legal,
    case
        when changes.status in ('sent_to_wms', 'partially_shipped', 'shipped') then 'wms'
        else 'channel'
    end as said_by,
    {{ business_now() }} as seen_at,
    changes.source_instance,
    changes.last_updated_at
from changes
left join transitions
    on changes.from_status = transitions.from_status and changes.status = transitions.to_status
