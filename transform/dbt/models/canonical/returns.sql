with

members as (

    select * from {{ ref('int_return_members') }}

),

records as (

    select return_record_id, rma_id, rma_key, closed_at, updated_at
    from {{ ref('int_return_records') }}

),

statuses as (

    select * from {{ ref('int_return_status') }}

),

in_force as (

    select return_id, status
    from {{ ref('returns_status_history') }}
    qualify row_number() over (partition by return_id order by sequence desc) = 1

),

refunds as (

    select
        return_id,
        sum(amount) as refunded_amount,
        max(currency) as currency
    from {{ ref('int_refunds') }}
    where return_id is not null
    group by return_id

),

{% set kinds = ['shop', 'crm', 'wms'] %}
told as (

    select
        members.return_id,
        min(members.order_id) as order_id,
        {% for kind in kinds -%}
        min_by(
            members.source_instance, (members.created_at, members.source_id)
        ) filter (members.system_kind = '{{ kind }}') as {{ kind }}_instance,
        min_by(
            members.source_id, (members.created_at, members.source_id)
        ) filter (members.system_kind = '{{ kind }}') as {{ kind }}_return_id,
        {% endfor -%}
        coalesce(
            min(records.rma_id) filter (members.system_kind = 'shop'),
            min(records.rma_id) filter (members.system_kind = 'wms'),
            min(records.rma_id),
            min(records.rma_key)
        ) as rma_id,
        min(members.source_instance) filter (members.rule = 'first') as source_instance,
        min(members.source_id) filter (members.rule = 'first') as source_id,
        {{ joined("nullif(members.rule, 'first')") }} as joined_by,
        count(*) as record_count,
        min(members.created_at) as requested_at,
        max(records.closed_at) as closed_at,
        max(records.updated_at) as last_updated_at
    from members
    inner join records on members.return_record_id = records.return_record_id
    group by members.return_id

)

select
    told.return_id,
    told.rma_id,
    told.order_id as original_order_id,
    told.source_instance,
    told.source_id,
    {% for kind in kinds -%}
    told.{{ kind }}_instance,
    told.{{ kind }}_return_id,
    {% endfor -%}
    told.joined_by,
    told.record_count,
    coalesce(in_force.status, statuses.status) as status,
    statuses.restock_status,
    statuses.requested_quantity,
    statuses.received_quantity,
    statuses.restocked_quantity,
    statuses.scrapped_quantity,
    statuses.refunded_quantity,
    refunds.currency,
    cast(coalesce(refunds.refunded_amount, 0) as decimal(18, 4)) as refunded_amount,
    told.requested_at,
    told.closed_at,
    coalesce(told.last_updated_at, told.requested_at) as last_updated_at
from told
inner join statuses on told.return_id = statuses.return_id
left join in_force on told.return_id = in_force.return_id
left join refunds on told.return_id = refunds.return_id
