with

raw_returns as (

    select
        source_instance,
        id as return_source_id,
        order_id as wms_order_id,
        cast(null as varchar) as order_number,
        cast(legacy_id as varchar) as wms_number,
        nullif(trim(partner_id), '') as rma_id,
        status as vendor_status,
        reason as vendor_reason,
        created_at,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'returns') }}
    where "_sdc_deleted_at" is null

)

select * from raw_returns
