with

raw_locations as (

    select
        source_instance,
        name,
        "isActive" as is_active,
        {{ gid_number('id') }} as location_id,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'locations') }}
    where "_sdc_deleted_at" is null

)

select * from raw_locations
