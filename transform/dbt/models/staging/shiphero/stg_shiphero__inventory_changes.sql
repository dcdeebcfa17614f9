with

raw_changes as (

    select
        source_instance,
        id as change_source_id,
        sku,
        warehouse_id,
        location_id,
        previous_on_hand,
        change_in_on_hand,
        reason,
        created_at as changed_at
    from {{ raw('shiphero', 'inventory_changes') }}
    where "_sdc_deleted_at" is null

)

select * from raw_changes
