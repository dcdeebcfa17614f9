{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with

records as (

    select return_record_id, system_kind, source_instance, source_id
    from {{ ref('int_return_records') }}

),

record_lines as (

    select * from {{ ref('int_return_record_lines') }}

),

totals as (

    select
        return_record_id,
        sum(received_quantity) as received_quantity,
        sum(restocked_quantity) as restocked_quantity,
        sum(requested_quantity) as requested_quantity,
        max(updated_at) as updated_at
    from record_lines
    where system_kind = 'wms'
    group by return_record_id

),

stages as (

    select
        return_record_id,
        'received' as stage,
        received_quantity as quantity,
        requested_quantity,
        updated_at
    from totals
    where received_quantity > 0

    union all

    select return_record_id, 'restocked', restocked_quantity, requested_quantity, updated_at
    from totals
    where restocked_quantity > 0

){% if is_incremental() %},

known as (

    select
        return_record_id,
        stage,
        max(quantity) as quantity
    from {{ this }}
    group by return_record_id, stage

)
{% endif %}

select
    stages.return_record_id,
    records.source_instance,
    records.source_id,
    stages.stage,
    cast(stages.quantity as bigint) as quantity,
    cast(stages.requested_quantity as bigint) as requested_quantity,
    coalesce(stages.updated_at, {{ business_now() }}) as occurred_at
from stages
inner join records on stages.return_record_id = records.return_record_id
{% if is_incremental() %}
left join known
    on stages.return_record_id = known.return_record_id and stages.stage = known.stage
where stages.quantity > coalesce(known.quantity, 0)
{% endif %}
