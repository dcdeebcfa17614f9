-- Which records belong together, by the least `seq` among them: linked by pairs, directly or
-- through others, less what a person keeps apart.

with

records as (

    select seq from {{ ref('int_identity__keys') }}

),

pairs as (

    select * from {{ ref('int_identity__pairs') }}

),

linked as (

    select
        node as seq,
        component
    from ({{ connected_components('records', 'seq', 'pairs', 'left_seq', 'right_seq') }})

),

apart as (

    select distinct
        decided.left_seq as left_node,
        decided.right_seq as right_node
    from {{ ref('int_identity__decisions_pairs') }} as decided
    inner join {{ ref('int_identity__decisions_judged') }} as judged
        on decided.decision_id = judged.decision_id
    where decided."action" = 'keep_apart' and judged.problem is null

),

torn as (

    select distinct lefts.component
    from apart
    inner join linked as lefts on apart.left_node = lefts.seq
    inner join linked as rights on apart.right_node = rights.seq
    where lefts.component = rights.component

),

torn_nodes as (

    select
        linked.component,
        linked.seq as node
    from linked
    inner join torn on linked.component = torn.component

),

torn_ties as (

    select
        torn_nodes.component,
        pairs.left_seq as left_node,
        pairs.right_seq as right_node,
        row_number() over (
            partition by torn_nodes.component
            order by pairs.trust, pairs.left_seq, pairs.right_seq
        ) as place
    from pairs
    inner join torn_nodes on pairs.left_seq = torn_nodes.node

),

mended as (

    select
        node as seq,
        component
    from ({{ components_kept_apart('torn_nodes', 'torn_ties', 'apart') }})

)

select
    linked.seq,
    coalesce(mended.component, linked.component) as cluster
from linked
left join mended on linked.seq = mended.seq
