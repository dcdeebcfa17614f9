with

raw_runs as (

    select
        run_id,
        job,
        state,
        started_at,
        ended_at
    from {{ raw('journal', 'runs') }}
    where "_sdc_deleted_at" is null

)

select * from raw_runs
