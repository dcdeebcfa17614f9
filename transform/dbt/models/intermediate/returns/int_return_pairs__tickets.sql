with

members as (

    select
        members.*,
        coalesce(goods.left_id, members.return_group_id) as entity_id
    from {{ ref('int_return_groups') }} as members
    left join {{ ref('int_return_pairs__goods') }} as goods
        on members.return_group_id = goods.right_id

),

entities as (

    select
        entity_id,
        min(order_id) as order_id,
        min(rma_key) as rma_key,
        min(created_at) as created_at,
        bool_or(system_kind = 'crm') as has_crm,
        bool_and(system_kind = 'crm') as is_only_crm
    from members
    where order_id is not null
    group by entity_id

),

-- A ticket names no goods: order and time alone say which return it is about, and a number of its
-- own that it is another.
candidates as (

    select
        returns.entity_id as left_id,
        tickets.entity_id as right_id,
        abs(epoch(tickets.created_at) - epoch(returns.created_at)) as seconds_apart
    from entities as tickets
    inner join entities as returns
        on
            tickets.order_id = returns.order_id
            and tickets.created_at
            between returns.created_at - {{ return_window() }}
            and returns.created_at + {{ return_window() }}
    where
        tickets.is_only_crm and not returns.has_crm
        and (tickets.rma_key is null or returns.rma_key is null)

),

{{ mutual_best('candidates', 'seconds_apart, left_id, right_id') }}

select
    left_id,
    right_id
from paired
