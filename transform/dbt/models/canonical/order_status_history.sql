{{ per_order() }}

with

claims as (

    select * from {{ of_changed_orders(ref('int_order_claims')) }}
    where verdict != 'repeated'

),

events as (

    select * from {{ of_changed_orders(ref('events')) }}
    where status is not null and order_id is not null

),

states as (

    select order_id, status from {{ of_changed_orders(ref('int_order_states')) }}

),

statuses as (

    select status, rank from {{ ref('order_statuses') }}

),

-- An announcement that the units bore out is no change of its own.
told as (

    select
        claims.*,
        case when claims.verdict = 'announced' then 'not_proven' else claims.verdict end as told_as
    from claims
    inner join states on claims.order_id = states.order_id
    inner join statuses on states.status = statuses.status
    where claims.verdict != 'announced' or claims.claimed_rank > statuses.rank

)

select
    {{ canonical_id('order_status', 'told.event_id') }} as order_status_history_id,
    told.order_id,
    cast(row_number() over (
        partition by told.order_id order by told.sequence
    ) as bigint) as sequence,
    before.status as from_status,
    events.status as to_status,
    told.told_as as verdict,
    told.told_as = 'moved' as is_moved,
    told.told_as in ('moved', 'outgrown') as is_legal,
    {{ system_kind('events.source_instance') }} as said_by,
    events.event_type,
    told.event_id,
    events.occurred_at,
    events.seen_at,
    events.source_instance,
    events.source_id,
    events.last_updated_at
from told
inner join events on told.event_id = events.event_id
left join statuses as before on told.rank_before = before.rank
