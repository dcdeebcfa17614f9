with

returns as (

    select * from {{ ref('returns') }}

),

xref as (

    select * from {{ ref('returns_xref') }}

),

refund_lines as (

    select * from {{ ref('int_refund_lines') }}

),

refunds as (

    select refund_id, return_id, refund_source_id, refunded_at from {{ ref('int_refunds') }}

),

handling as (

    select * from {{ ref('int_return_handling') }}

),

returned as (

    select * from {{ ref('int_returned_lines') }}

),

last_refunds as (

    select
        return_id,
        max(refunded_at) as refunded_at
    from refunds
    where return_id is not null
    group by return_id

),

last_restocks as (

    select
        members.return_id,
        max(receipts.occurred_at) as restocked_at
    from {{ ref('int_return_receipts') }} as receipts
    inner join xref as members on receipts.return_record_id = members.return_record_id
    where receipts.stage = 'restocked'
    group by members.return_id

),

-- A refund that says that the goods came back, and names no return.
loose as (

    select
        refund_lines.refund_id,
        min(refund_lines.order_id) as order_id,
        min(refund_lines.source_instance) as source_instance,
        min(refund_lines.refunded_at) as refunded_at,
        sum(refund_lines.quantity) as refunded_quantity,
        sum(coalesce(returned.returned_quantity, 0)) as returned_quantity
    from refund_lines
    inner join handling
        on refund_lines.order_line_id = handling.order_line_id and handling.is_by_wms
    left join returned on refund_lines.order_line_id = returned.order_line_id
    where refund_lines.restock_type = 'returned' and refund_lines.return_source_id is null
    group by refund_lines.refund_id

)

select
    case when shop_return_id is null and wms_return_id is null
        then 'ticket_without_order' else 'return_without_order'
    end as kind,
    return_id,
    original_order_id as order_id,
    source_instance,
    source_id,
    rma_id as detail,
    requested_at as since
from returns
where original_order_id is null

union all

select
    'receipt_without_rma', return_id, original_order_id, wms_instance, wms_return_id,
    received_quantity || ' received', requested_at
from returns
where shop_return_id is null and crm_return_id is null and received_quantity > 0

union all

select
    'refunded_not_restocked', returns.return_id, returns.original_order_id,
    returns.source_instance, returns.source_id,
    returns.refunded_quantity || ' refunded, ' || returns.restocked_quantity || ' restocked',
    coalesce(last_refunds.refunded_at, returns.last_updated_at)
from returns
left join last_refunds on returns.return_id = last_refunds.return_id
where returns.refunded_quantity > returns.restocked_quantity + returns.scrapped_quantity

union all

select
    'refunded_not_restocked', cast(null as uuid), loose.order_id, loose.source_instance,
    refunds.refund_source_id,
    loose.refunded_quantity || ' refunded as returned, ' || loose.returned_quantity || ' received',
    loose.refunded_at
from loose
inner join refunds on loose.refund_id = refunds.refund_id
where loose.refunded_quantity > loose.returned_quantity

union all

select
    'restocked_not_refunded', returns.return_id, returns.original_order_id,
    returns.source_instance, returns.source_id,
    returns.restocked_quantity || ' restocked, ' || returns.refunded_quantity || ' refunded',
    coalesce(last_restocks.restocked_at, returns.last_updated_at)
from returns
left join last_restocks on returns.return_id = last_restocks.return_id
where
    returns.restocked_quantity > returns.refunded_quantity
    and returns.status != 'closed'

union all

select
    'unknown_word', xref.return_id, returns.original_order_id, xref.source_instance,
    xref.source_id, xref.vendor_status, xref.created_at
from xref
inner join returns on xref.return_id = returns.return_id
where xref.vendor_status is not null and xref.status is null
