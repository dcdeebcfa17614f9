with

members as (

    select * from {{ ref('int_return_members') }}

),

record_lines as (

    select
        *,
        case when system_kind = 'shop' then reason end as shop_reason
    from {{ ref('int_return_record_lines') }}

),

refund_lines as (

    select * from {{ ref('int_refund_lines') }}

),

handling as (

    select * from {{ ref('int_return_handling') }}

),

said as (

    select
        members.return_id,
        min(members.order_id) as order_id,
        record_lines.line_key,
        min(record_lines.order_line_id) as order_line_id,
        min(record_lines.sku) as sku,
        min(members.created_at) as created_at,
        bool_or(record_lines.system_kind = 'shop') as has_shop,
        sum(record_lines.requested_quantity) filter (record_lines.system_kind = 'shop')
            as shop_requested,
        sum(record_lines.received_quantity) filter (record_lines.system_kind = 'shop')
            as shop_received,
        sum(record_lines.refunded_quantity) filter (record_lines.system_kind = 'shop')
            as shop_refunded,
        sum(record_lines.requested_quantity) filter (record_lines.system_kind = 'wms')
            as wms_requested,
        sum(record_lines.received_quantity) filter (record_lines.system_kind = 'wms')
            as wms_received,
        sum(record_lines.restocked_quantity) filter (record_lines.system_kind = 'wms')
            as wms_restocked,
        sum(record_lines.scrapped_quantity) filter (record_lines.system_kind = 'wms')
            as wms_scrapped,
        {{ joined('record_lines.shop_reason') }} as shop_reason,
        {{ joined('record_lines.reason') }} as any_reason,
        {{ joined('record_lines.condition') }} as condition,
        {{ joined('record_lines.disposition') }} as disposition,
        max(record_lines.updated_at) as updated_at
    from record_lines
    inner join members on record_lines.return_record_id = members.return_record_id
    group by members.return_id, record_lines.line_key

),

-- What the shop put back on its books with the refund of a return.
settled as (

    select
        members.return_id,
        refund_lines.order_line_id,
        sum(refund_lines.quantity) filter (refund_lines.restock_type = 'returned') as restocked
    from refund_lines
    inner join members
        on
            members.system_kind = 'shop'
            and refund_lines.source_instance = members.source_instance
            and refund_lines.return_source_id = members.source_id
    group by members.return_id, refund_lines.order_line_id

),

-- Refunds that name no return settle those that the shop does not know, the oldest first.
loose_refunds as (

    select
        order_line_id,
        sum(quantity) as quantity
    from refund_lines
    where return_source_id is null and restock_type != 'cancelled'
    group by order_line_id

),

counted as (

    select
        said.*,
        coalesce(handling.is_by_wms, said.wms_received is not null) as is_by_wms,
        coalesce(said.shop_requested, said.wms_requested, said.wms_received, 0)
            as requested_quantity,
        case when coalesce(handling.is_by_wms, said.wms_received is not null)
            then coalesce(said.wms_received, 0)
            else coalesce(said.shop_received, 0)
        end as received_quantity,
        case when coalesce(handling.is_by_wms, said.wms_received is not null)
            then coalesce(said.wms_restocked, 0)
            else coalesce(settled.restocked, 0)
        end as restocked_quantity,
        coalesce(said.wms_scrapped, 0) as scrapped_quantity
    from said
    left join handling on said.order_line_id = handling.order_line_id
    left join settled
        on
            said.return_id = settled.return_id
            and said.order_line_id = settled.order_line_id

),

queued as (

    select
        counted.*,
        loose_refunds.quantity as loose_quantity,
        sum(case when counted.has_shop then 0 else counted.requested_quantity end) over (
            partition by counted.order_line_id order by counted.created_at, counted.return_id
            rows between unbounded preceding and current row
        ) - counted.requested_quantity as before_quantity
    from counted
    left join loose_refunds on counted.order_line_id = loose_refunds.order_line_id

)

select
    return_id,
    order_id,
    order_line_id,
    line_key,
    sku,
    is_by_wms,
    has_shop,
    cast(requested_quantity as bigint) as requested_quantity,
    cast(received_quantity as bigint) as received_quantity,
    cast(restocked_quantity as bigint) as restocked_quantity,
    cast(scrapped_quantity as bigint) as scrapped_quantity,
    cast(case
        when has_shop then coalesce(shop_refunded, 0)
        when order_line_id is null then 0
        else greatest(
            0, least(requested_quantity, coalesce(loose_quantity, 0) - before_quantity)
        )
    end as bigint) as refunded_quantity,
    coalesce(shop_reason, any_reason) as reason,
    condition,
    disposition,
    updated_at
from queued
