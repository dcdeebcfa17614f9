{{ config(enabled=has_account('mailbox')) }}

with

raw_files as (

    select
        source_instance,
        name,
        hash,
        status,
        reason,
        modified_at,
        "size",
        orders,
        "rows",
        refused_rows,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('mailbox', 'files') }}

)

select * from raw_files
