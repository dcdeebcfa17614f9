with

members as (

    select * from {{ ref('int_return_members') }}

),

records as (

    select * from {{ ref('int_return_records') }}

),

quantities as (

    select
        return_id,
        bool_or(is_by_wms) as is_by_wms,
        sum(requested_quantity) as requested_quantity,
        sum(received_quantity) as received_quantity,
        sum(restocked_quantity) as restocked_quantity,
        sum(scrapped_quantity) as scrapped_quantity,
        sum(refunded_quantity) as refunded_quantity,
        bool_and(received_quantity = 0 or coalesce(condition, disposition) is not null)
            as is_judged
    from {{ ref('int_return_quantities') }}
    group by return_id

),

said as (

    select
        members.return_id,
        members.system_kind,
        records.status,
        case members.system_kind when 'shop' then 1 when 'crm' then 2 else 3 end as precedence
    from members
    inner join records on members.return_record_id = records.return_record_id
    where records.status is not null

),

-- The shop's no is the return's; then the CRM's.
first_words as (

    select return_id, status
    from said
    qualify row_number() over (partition by return_id order by precedence, status) = 1

),

evidence as (

    select said.return_id, said.status
    from said
    left join quantities on said.return_id = quantities.return_id
    where
        said.status not in ('declined', 'cancelled')
        -- What happens to goods is for the warehouse to say, where it takes returns.
        and not (
            said.system_kind != 'wms'
            and coalesce(quantities.is_by_wms, false)
            and said.status in ('received', 'inspected', 'restocked')
        )

    union all

    select return_id, 'received' from quantities
    where received_quantity > 0

    union all

    select return_id, 'inspected' from quantities
    where received_quantity > 0 and is_judged

    union all

    select return_id, 'restocked' from quantities
    where restocked_quantity > 0 and restocked_quantity + scrapped_quantity >= received_quantity

    union all

    select return_id, 'refunded' from quantities
    where refunded_quantity > 0 and refunded_quantity >= greatest(received_quantity, 1)

),

furthest as (

    select
        return_id,
        max(case status
            when 'requested' then 1
            when 'approved' then 2
            when 'in_transit' then 3
            when 'received' then 4
            when 'inspected' then 5
            when 'restocked' then 6
            when 'refunded' then 7
            when 'closed' then 8
        end) as rank
    from evidence
    group by return_id

),

returns as (

    select
        return_id,
        min(order_id) as order_id
    from members
    group by return_id

)

select
    returns.return_id,
    returns.order_id,
    case
        when first_words.status in ('declined', 'cancelled')
            and coalesce(quantities.received_quantity, 0) = 0
            then first_words.status
        else case coalesce(furthest.rank, 1)
            when 1 then 'requested'
            when 2 then 'approved'
            when 3 then 'in_transit'
            when 4 then 'received'
            when 5 then 'inspected'
            when 6 then 'restocked'
            when 7 then 'refunded'
            else 'closed'
        end
    end as status,
    case
        when coalesce(quantities.received_quantity, 0) = 0 then 'nothing_received'
        when quantities.restocked_quantity >= quantities.received_quantity then 'restocked'
        when quantities.restocked_quantity + quantities.scrapped_quantity
            >= quantities.received_quantity
            and quantities.restocked_quantity > 0 then 'partly_scrapped'
        when quantities.scrapped_quantity >= quantities.received_quantity then 'scrapped'
        when quantities.restocked_quantity > 0 then 'partly_restocked'
        else 'waiting'
    end as restock_status,
    cast(coalesce(quantities.requested_quantity, 0) as bigint) as requested_quantity,
    cast(coalesce(quantities.received_quantity, 0) as bigint) as received_quantity,
    cast(coalesce(quantities.restocked_quantity, 0) as bigint) as restocked_quantity,
    cast(coalesce(quantities.scrapped_quantity, 0) as bigint) as scrapped_quantity,
    cast(coalesce(quantities.refunded_quantity, 0) as bigint) as refunded_quantity
from returns
left join quantities on returns.return_id = quantities.return_id
left join first_words on returns.return_id = first_words.return_id
left join furthest on returns.return_id = furthest.return_id
