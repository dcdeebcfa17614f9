-- The records that each decision names, as pairs. To keep apart means each of one side from each
-- of the other; to merge needs no more than what ties them all together.

with

decisions as (

    select * from {{ ref('int_identity__decisions') }}

),

records as (

    select
        keys.seq,
        keys.record_id,
        keys.stated_customer_id,
        lower(concat_ws(' ', keys.source_instance, keys.source_object, keys.source_id)) as label,
        lower(records.email) as mailbox
    from {{ ref('int_identity__keys') }} as keys
    inner join {{ ref('int_identity__records') }} as records on keys.record_id = records.record_id

),

sides as (

    select
        decision_id,
        'left' as side,
        lower(left_name) as side_name
    from decisions
    union all
    select
        decision_id,
        'right' as side,
        lower(right_name) as side_name
    from decisions

),

-- A customer's id is that of its first record. Where that record is no more, the contacts that
-- carry the id stand for it.
named as (

    select
        sides.decision_id,
        sides.side,
        records.seq
    from sides
    inner join records on sides.side_name = records.label

    union

    select
        sides.decision_id,
        sides.side,
        records.seq
    from sides
    inner join records on try_cast(sides.side_name as uuid) = records.record_id

    union

    select
        sides.decision_id,
        sides.side,
        records.seq
    from sides
    inner join records on try_cast(sides.side_name as uuid) = records.stated_customer_id
    left join records as first_records on records.stated_customer_id = first_records.record_id
    where first_records.record_id is null

    union

    select
        sides.decision_id,
        sides.side,
        records.seq
    from sides
    inner join records on sides.side_name = records.mailbox
    where contains(sides.side_name, '@')

),

found as (

    select
        decision_id,
        min(seq) filter (side = 'left') as left_seq,
        min(seq) filter (side = 'right') as right_seq
    from named
    group by decision_id

),

apart as (

    select
        named.decision_id,
        named.seq as left_seq,
        others.seq as right_seq
    from named
    inner join named as others on named.decision_id = others.decision_id
    where named.side = 'left' and others.side = 'right'

),

together as (

    select
        named.decision_id,
        if(named.side = 'left', found.right_seq, found.left_seq) as left_seq,
        named.seq as right_seq
    from named
    inner join found on named.decision_id = found.decision_id
    where found.left_seq is not null and found.right_seq is not null

)

select distinct
    decisions.decision_id,
    decisions."action",
    least(pairs.left_seq, pairs.right_seq) as left_seq,
    greatest(pairs.left_seq, pairs.right_seq) as right_seq
from decisions
inner join apart as pairs on decisions.decision_id = pairs.decision_id
where decisions."action" = 'keep_apart'

union

select distinct
    decisions.decision_id,
    decisions."action",
    least(pairs.left_seq, pairs.right_seq) as left_seq,
    greatest(pairs.left_seq, pairs.right_seq) as right_seq
from decisions
inner join together as pairs on decisions.decision_id = pairs.decision_id
where decisions."action" = 'merge'
