with

members as (

    select * from {{ ref('int_return_members') }}

),

records as (

    select return_record_id, rma_id, vendor_status, status, updated_at
    from {{ ref('int_return_records') }}

)

select
    members.return_record_id,
    members.return_id,
    members.system_kind,
    members.source_instance,
    members.source_id,
    members.rule,
    records.rma_id,
    records.vendor_status,
    records.status,
    members.created_at,
    coalesce(records.updated_at, members.created_at) as last_updated_at
from members
inner join records on members.return_record_id = records.return_record_id
