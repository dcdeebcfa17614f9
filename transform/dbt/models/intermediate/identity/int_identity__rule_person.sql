-- A person decided that they are one customer.

{{ config(materialized='ephemeral') }}

with

pairs as (

    select * from {{ ref('int_identity__decisions_pairs') }}

),

judged as (

    select * from {{ ref('int_identity__decisions_judged') }}

)

select distinct
    pairs.left_seq,
    pairs.right_seq,
    'person' as rule
from pairs
inner join judged on pairs.decision_id = judged.decision_id
where
    pairs."action" = 'merge'
    and judged.problem is null
    and pairs.left_seq <> pairs.right_seq
