-- Which decisions are heard. Where some would merge what another keeps apart, the latter holds and
-- none of the former is heard: which of them is wrong, only a person knows.

with

decisions as (

    select * from {{ ref('int_identity__decisions') }}

),

pairs as (

    select * from {{ ref('int_identity__decisions_pairs') }}

),

merge_pairs as (

    select * from pairs
    where "action" = 'merge' and left_seq <> right_seq

),

merged_records as (

    select left_seq as seq from merge_pairs
    union
    select right_seq as seq from merge_pairs

),

merged_groups as (

    select
        node as seq,
        component
    from ({{
        connected_components('merged_records', 'seq', 'merge_pairs', 'left_seq', 'right_seq')
    }})

),

torn_groups as (

    select distinct lefts.component
    from pairs
    inner join merged_groups as lefts on pairs.left_seq = lefts.seq
    inner join merged_groups as rights on pairs.right_seq = rights.seq
    where pairs."action" = 'keep_apart' and lefts.component = rights.component

),

contradicted as (

    select distinct merge_pairs.decision_id
    from merge_pairs
    inner join merged_groups on merge_pairs.left_seq = merged_groups.seq
    inner join torn_groups on merged_groups.component = torn_groups.component

),

found as (

    select
        decision_id,
        count(*) as pairs,
        bool_or(left_seq = right_seq) as names_itself
    from pairs
    group by decision_id

)

select
    decisions.*,
    case
        when decisions."action" not in ('merge', 'keep_apart') then 'unknown_action'
        when found.decision_id is null then 'names_no_record'
        when decisions."action" = 'keep_apart' and found.names_itself then 'names_the_same_record'
        when contradicted.decision_id is not null then 'contradicts_keep_apart'
    end as problem
from decisions
left join found on decisions.decision_id = found.decision_id
left join contradicted on decisions.decision_id = contradicted.decision_id
