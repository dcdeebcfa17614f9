{{ per_order() }}

with

counted as (

    select * from {{ of_changed_orders(ref('int_order_status')) }}

),

claims as (

    select
        order_id,
        max_by(rank_after, sequence) as rank
    from {{ of_changed_orders(ref('int_order_claims')) }}
    group by order_id

),

statuses as (

    select status, rank from {{ ref('order_statuses') }}

),

transitions as (

    select from_status, to_status from {{ ref('status_transitions') }}

)

-- What the units say now counts where it goes further than what was known; where it would lead
-- back, what was known stays.
select
    counted.order_id,
    counted.status as counted_status,
    case
        when statuses.status is null or transitions.to_status is not null then counted.status
        else statuses.status
    end as status,
    coalesce(counted.status != statuses.status and transitions.to_status is null, false)
        as is_contradicted,
    counted.since
from counted
left join claims on counted.order_id = claims.order_id
left join statuses on claims.rank = statuses.rank
left join transitions
    on
        statuses.status = transitions.from_status
        and counted.status = transitions.to_status
