with

raw_operations as (

    select
        op_key,
        run_id,
        sync,
        destination as destination_instance,
        "key" as sync_key,
        "action",
        state,
        error,
        updated_at
    from {{ raw('journal', 'operations') }}
    where "_sdc_deleted_at" is null

)

select * from raw_operations
