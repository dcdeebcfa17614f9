with

members as (

    select * from {{ ref('int_return_groups') }}

),

record_lines as (

    select * from {{ ref('int_return_record_lines') }}

),

groups as (

    select
        return_group_id,
        min(order_id) as order_id,
        min(rma_key) as rma_key,
        min(created_at) as created_at,
        bool_or(system_kind = 'shop') as has_shop,
        bool_or(system_kind = 'wms') as has_wms,
        bool_or(system_kind = 'crm') as has_crm
    from members
    where order_id is not null
    group by return_group_id

),

group_lines as (

    select
        members.return_group_id,
        record_lines.line_key,
        sum(case when record_lines.system_kind = 'shop' then record_lines.requested_quantity end)
            as announced_quantity,
        sum(case when record_lines.system_kind = 'wms' then greatest(
            coalesce(record_lines.requested_quantity, 0), record_lines.received_quantity
        ) end) as wms_quantity
    from record_lines
    inner join members on record_lines.return_record_id = members.return_record_id
    group by members.return_group_id, record_lines.line_key

),

line_counts as (

    select
        return_group_id,
        count(*) as line_count
    from group_lines
    group by return_group_id

),

possible as (

    select
        announced.return_group_id as left_id,
        arrived.return_group_id as right_id,
        announced.rma_key is not null
        and arrived.rma_key is not null as has_two_numbers,
        abs(epoch(arrived.created_at) - epoch(announced.created_at)) as seconds_apart
    from groups as announced
    inner join groups as arrived
        on
            announced.order_id = arrived.order_id
            and arrived.created_at
            between announced.created_at - interval '1 day'
            and announced.created_at + {{ return_window() }}
    where
        announced.has_shop and not announced.has_wms
        and arrived.has_wms and not arrived.has_shop
        and not (announced.has_crm and arrived.has_crm)

),

-- Whatever the warehouse names was announced, and no more of it.
fitting as (

    select
        possible.left_id,
        possible.right_id,
        possible.has_two_numbers,
        possible.seconds_apart,
        bool_and(arrived.wms_quantity = announced.announced_quantity)
        and count(*) = min(line_counts.line_count) as is_exact
    from possible
    inner join group_lines as arrived on possible.right_id = arrived.return_group_id
    inner join line_counts on possible.left_id = line_counts.return_group_id
    left join group_lines as announced
        on possible.left_id = announced.return_group_id and arrived.line_key = announced.line_key
    group by
        possible.left_id, possible.right_id, possible.has_two_numbers, possible.seconds_apart
    having bool_and(coalesce(announced.announced_quantity, 0) >= arrived.wms_quantity)

),

-- Two systems may count their returns each in its own way; then nothing less than the same goods.
candidates as (

    select * from fitting
    where is_exact or not has_two_numbers

),

{{ mutual_best('candidates', 'is_exact desc, seconds_apart, left_id, right_id') }}

select
    left_id,
    right_id
from paired
