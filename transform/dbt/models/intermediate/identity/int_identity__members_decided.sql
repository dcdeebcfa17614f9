-- Who decided about a record, and why: the newest decision that is heard.

with

pairs as (

    select * from {{ ref('int_identity__decisions_pairs') }}

),

decisions as (

    select * from {{ ref('int_identity__decisions_judged') }}
    where problem is null

),

ends as (

    select
        decision_id,
        left_seq as seq
    from pairs
    union
    select
        decision_id,
        right_seq as seq
    from pairs

)

select
    ends.seq,
    decisions."action" as decision,
    decisions.decided_by,
    decisions.decided_at,
    decisions.reason
from ends
inner join decisions on ends.decision_id = decisions.decision_id
qualify row_number() over (
    partition by ends.seq
    order by decisions.decided_at desc nulls last, decisions.decision_id asc
) = 1
