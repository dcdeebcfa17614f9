with

raw_books as (

    select
        run_id,
        sync,
        destination as destination_instance,
        status,
        "rows" as row_count,
        unchanged as unchanged_count,
        operations as operation_count,
        blocked,
        states,
        balanced as is_balanced,
        {{ json_numbers_sum('blocked') }} as blocked_count,
        {{ json_numbers_sum('states') }} as closed_count
    from {{ raw('journal', 'sync_books') }}
    where "_sdc_deleted_at" is null

)

select * from raw_books
