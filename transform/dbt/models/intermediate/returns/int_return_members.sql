with

members as (

    select * from {{ ref('int_return_groups') }}

),

goods as (

    select * from {{ ref('int_return_pairs__goods') }}

),

tickets as (

    select * from {{ ref('int_return_pairs__tickets') }}

),

gathered as (

    select
        members.*,
        coalesce(tickets.left_id, goods.left_id, members.return_group_id) as entity_id,
        case
            when tickets.left_id is not null then 'order_time'
            when goods.left_id is not null then 'order_goods'
        end as pair_rule
    from members
    left join goods on members.return_group_id = goods.right_id
    left join tickets on members.return_group_id = tickets.right_id

),

ranked as (

    select
        *,
        row_number() over first_told as position,
        first_value(source_instance) over first_told as first_instance,
        first_value(source_id) over first_told as first_id,
        min(order_id) over (partition by entity_id) as return_order_id,
        count(*) over (partition by entity_id, return_group_id) as records_of_number
    from gathered
    window first_told as (
        partition by entity_id order by created_at, source_instance, source_id
    )

)

select
    return_record_id,
    {{ canonical_id('return', 'first_instance', 'first_id') }} as return_id,
    return_order_id as order_id,
    system_kind,
    source_instance,
    source_id,
    created_at,
    case
        when position = 1 then 'first'
        when pair_rule is not null then pair_rule
        when rma_key is not null and records_of_number > 1 then 'rma'
        else 'paired'
    end as rule
from ranked
