with

members as (

    select * from {{ ref('int_return_members') }}

),

records as (

    select * from {{ ref('int_return_records') }}

),

receipts as (

    select * from {{ ref('int_return_receipts') }}

),

refunds as (

    select * from {{ ref('int_refunds') }}

)

select
    'return.initiated' as event_type,
    members.order_id,
    members.source_instance,
    members.source_id as subject,
    members.created_at as occurred_at,
    cast(null as varchar) as status,
    records.rma_id as detail
from members
inner join records on members.return_record_id = records.return_record_id
where members.rule = 'first'

union all

select
    'return.' || receipts.stage as event_type,
    members.order_id,
    receipts.source_instance,
    receipts.source_id as subject,
    receipts.occurred_at,
    cast(null as varchar) as status,
    receipts.quantity || ' of ' || receipts.requested_quantity as detail
from receipts
inner join members on receipts.return_record_id = members.return_record_id

union all

select
    'return.closed' as event_type,
    members.order_id,
    members.source_instance,
    members.source_id as subject,
    records.closed_at as occurred_at,
    cast(null as varchar) as status,
    records.rma_id as detail
from members
inner join records on members.return_record_id = records.return_record_id
where members.system_kind = 'shop' and records.closed_at is not null

union all

select
    'refund.created' as event_type,
    order_id,
    source_instance,
    refund_source_id as subject,
    refunded_at as occurred_at,
    cast(null as varchar) as status,
    {{ money_text('amount') }} || ' ' || currency as detail
from refunds
