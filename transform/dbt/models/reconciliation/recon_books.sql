with

books as (

    select * from {{ ref('stg_journal__sync_books') }}

),

runs as (

    select run_id, started_at from {{ ref('stg_journal__runs') }}

),

latest as (

    select
        books.*,
        runs.started_at
    from books
    inner join runs on books.run_id = runs.run_id
    qualify row_number() over (
        partition by books.sync, books.destination_instance order by runs.started_at desc
    ) = 1

)

select
    *,
    -- The books of a run that is still open have not closed; what was counted must add up by then.
    coalesce(is_balanced, true)
    and (
        status != 'planned'
        or row_count <= unchanged_count + blocked_count + operation_count
    ) as is_in_balance
from latest
