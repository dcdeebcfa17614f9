-- Pairs of customers that may be one: of all pairs of their profiles the one that says most. What
-- a person decided is no question any more.

with

weighed as (

    select * from {{ ref('int_identity__review_scores') }}
    where score >= {{ var('least_review_score', 8) }}

),

learned as (

    select * from {{ ref('int_identity__review_splink') }}

),

reasons as (

    select * from {{ ref('int_identity__review_scores') }}

),

sequence as (

    select * from {{ ref('int_identity__sequence') }}

),

record_keys as (

    select
        record_id,
        profile_id
    from {{ ref('int_identity__record_keys') }}

),

members as (

    select
        record_id,
        seq,
        customer_id
    from {{ ref('int_identity__members') }}

),

decisions as (

    select
        left_seq,
        right_seq
    from {{ ref('int_identity__decisions_pairs') }}

),

proposed as (

    select
        left_profile_id,
        right_profile_id,
        scorer,
        score,
        cast(null as double) as probability,
        agree,
        nearly,
        differ
    from weighed
    union all
    select
        cast(learned.left_profile_id as uuid) as left_profile_id,
        cast(learned.right_profile_id as uuid) as right_profile_id,
        'splink' as scorer,
        round(learned.score, 1) as score,
        learned.probability,
        reasons.agree,
        reasons.nearly,
        reasons.differ
    from learned
    left join reasons
        on
            cast(learned.left_profile_id as uuid) = reasons.left_profile_id
            and cast(learned.right_profile_id as uuid) = reasons.right_profile_id

),

-- The first record of each profile stands for it.
firsts as (

    select
        record_keys.profile_id,
        members.record_id,
        members.customer_id
    from sequence
    inner join record_keys on sequence.record_id = record_keys.record_id
    inner join members on sequence.record_id = members.record_id
    where sequence.seq = sequence.profile

),

of_customers as (

    select
        proposed.* exclude (left_profile_id, right_profile_id),
        a.customer_id < b.customer_id as is_in_order,
        least(a.customer_id, b.customer_id) as customer_id,
        greatest(a.customer_id, b.customer_id) as other_customer_id,
        if(is_in_order, a.record_id, b.record_id) as record_id,
        if(is_in_order, b.record_id, a.record_id) as other_record_id
    from proposed
    inner join firsts as a on proposed.left_profile_id = a.profile_id
    inner join firsts as b on proposed.right_profile_id = b.profile_id
    where a.customer_id <> b.customer_id

),

decided as (

    select distinct
        least(a.customer_id, b.customer_id) as customer_id,
        greatest(a.customer_id, b.customer_id) as other_customer_id
    from decisions
    inner join members as a on decisions.left_seq = a.seq
    inner join members as b on decisions.right_seq = b.seq

),

best as (

    select
        customer_id,
        other_customer_id,
        {{ joined('scorer') }} as scorers,
        max(score) filter (scorer = 'weights') as weights_score,
        max(probability) as splink_probability,
        max(score) as score,
        max_by(
            {
                record: record_id, other: other_record_id,
                agree: agree, nearly: nearly, differ: differ
            },
            row(scorer = 'weights', score, record_id, other_record_id)
        ) as shown
    from of_customers
    group by customer_id, other_customer_id

)

select
    best.customer_id,
    best.other_customer_id,
    best.scorers,
    best.weights_score,
    best.splink_probability,
    best.score,
    best.shown.record as record_id,
    best.shown.other as other_record_id,
    best.shown.agree,
    best.shown.nearly,
    best.shown.differ
from best
left join decided
    on
        best.customer_id = decided.customer_id
        and best.other_customer_id = decided.other_customer_id
where decided.customer_id is null
