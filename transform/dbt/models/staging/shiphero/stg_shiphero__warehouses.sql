with

raw_warehouses as (

    select
        source_instance,
        id as warehouse_id,
        identifier as name,
        "profile"
    from {{ raw('shiphero', 'warehouses') }}
    where "_sdc_deleted_at" is null

)

select * from raw_warehouses
