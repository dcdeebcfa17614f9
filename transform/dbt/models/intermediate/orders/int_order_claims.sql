{{ per_order() }}

with

events as (

    select * from {{ of_changed_orders(ref('events')) }}
    where status is not null and order_id is not null

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

authority as (

    select subject, system_kind from {{ ref('authority') }}

),

transitions as (

    select from_status, to_status from {{ ref('status_transitions') }}

),

current_statuses as (

    select order_id, basis from {{ of_changed_orders(ref('int_order_status')) }}

),

-- From each status, as a number, those that may follow, as bits; from none, any.
reachable as (

    select
        statuses.rank,
        coalesce(sum(1 << followers.rank), 0) as bits
    from statuses
    left join transitions on statuses.status = transitions.from_status
    left join statuses as followers on transitions.to_status = followers.status
    group by statuses.rank

),

numbers as (

    select unnest(generate_series(1, max(rank))) as rank from statuses

),

allowed as (

    select
        list_prepend(
            cast(-1 as bigint),
            list(cast(coalesce(reachable.bits, 0) as bigint) order by numbers.rank)
        ) as bits
    from numbers
    left join reachable on numbers.rank = reachable.rank

),

-- A word counts if its system has a say in the matter, and moves the order if words do; what was
-- counted in units counts as long as nothing was added to the order since.
claims as (

    select
        events.event_id,
        events.order_id,
        events.occurred_at,
        events.event_type,
        statuses.rank,
        events.event_type = 'order.status' as is_counted,
        authority.subject is not null as is_authorised,
        coalesce(events.detail = current_statuses.basis, false) as is_current,
        case
            when events.event_type = 'order.status' then
                case when events.detail = current_statuses.basis then statuses.rank else 0 end
            when authority.subject is not null and statuses.moved_by = 'word' then statuses.rank
            else 0
        end as moves_to
    from events
    inner join statuses on events.status = statuses.status
    inner join current_statuses on events.order_id = current_statuses.order_id
    left join authority
        on
            statuses.subject = authority.subject
            and {{ system_kind('events.source_instance') }} = authority.system_kind

),

-- The set of claims decides, not the order in which they came in.
gathered as (

    select
        order_id,
        list(event_id order by occurred_at asc, rank asc, event_id asc) as event_ids,
        list(moves_to order by occurred_at asc, rank asc, event_id asc) as moves
    from claims
    group by order_id

),

folded as (

    select
        gathered.*,
        {{ fold_states('gathered.moves', 'allowed.bits') }} as states
    from gathered
    cross join allowed

),

steps as (

    select
        order_id,
        unnest(event_ids) as event_id,
        unnest(states[1:-2]) as rank_before,
        unnest(states[2:]) as rank_after,
        unnest(generate_series(1, len(event_ids))) as sequence
    from folded

)

select
    steps.order_id,
    steps.event_id,
    steps.sequence,
    steps.rank_before,
    steps.rank_after,
    claims.rank as claimed_rank,
    case
        when claims.moves_to > 0 and steps.rank_after = claims.rank
            then case when steps.rank_before = claims.rank then 'repeated' else 'moved' end
        when claims.is_counted and not claims.is_current then 'outgrown'
        when not claims.is_counted and not claims.is_authorised then 'no_authority'
        when claims.moves_to = 0 then 'announced'
        when claims.rank < steps.rank_before then 'late'
        else 'illegal'
    end as verdict
from steps
inner join claims on steps.event_id = claims.event_id
