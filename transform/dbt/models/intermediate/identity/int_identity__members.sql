-- Which customer each record belongs to, and the rule that says so.

with

records as (

    select * from {{ ref('int_identity__keys') }}

),

pairs as (

    select * from {{ ref('int_identity__pairs') }}

),

clusters as (

    select
        node as seq,
        component as cluster
    from ({{ connected_components('records', 'seq', 'pairs', 'left_seq', 'right_seq') }})

),

-- The most trusted of the rules that tie a record to any other.
ties as (

    select
        ends.seq,
        min_by(ends.rule, ends.trust) as rule
    from (
        select left_seq as seq, rule, trust from pairs
        union all
        select right_seq as seq, rule, trust from pairs
    ) as ends
    group by ends.seq

),

-- Ours come last in `seq`: one is first only where the record that it was made from is no more,
-- and then it still names its customer.
firsts as (

    select
        seq as cluster,
        if(is_ours, stated_customer_id, record_id) as customer_id
    from records

)

select
    records.record_id,
    records.seq,
    firsts.customer_id,
    clusters.cluster = records.seq as is_first,
    count(*) over (partition by clusters.cluster) as members,
    case
        when count(*) over (partition by clusters.cluster) = 1 then 'alone'
        when clusters.cluster = records.seq then 'first'
        else ties.rule
    end as rule
from records
inner join clusters on records.seq = clusters.seq
inner join firsts on clusters.cluster = firsts.cluster
left join ties on records.seq = ties.seq
