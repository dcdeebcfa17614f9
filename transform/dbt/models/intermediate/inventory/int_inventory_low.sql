with

history as (

    select * from {{ ref('inventory_history') }}

),

-- Between the two borders nothing is decided: what it was, it stays.
marked as (

    select
        inventory_level_id,
        sequence,
        seen_at,
        case
            when not is_listed then 'ends'
            when available <= reorder_point then 'begins'
            when available > reorder_point + reorder_margin then 'ends'
            when reorder_point is null then 'ends'
        end as mark
    from history

),

ended as (

    select
        inventory_level_id,
        max(sequence) as ended_sequence
    from marked
    where mark = 'ends'
    group by inventory_level_id

)

select
    marked.inventory_level_id,
    min(marked.seen_at) as low_since
from marked
left join ended on marked.inventory_level_id = ended.inventory_level_id
where marked.mark = 'begins' and marked.sequence > coalesce(ended.ended_sequence, 0)
group by marked.inventory_level_id
