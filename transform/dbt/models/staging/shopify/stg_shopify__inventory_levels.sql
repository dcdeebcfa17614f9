with

raw_levels as (

    select
        source_instance,
        "updatedAt" as updated_at,
        {{ gid_number(json_text('item', 'id')) }} as inventory_item_id,
        {{ json_text('item', 'sku') }} as channel_sku,
        {{ gid_number(json_text('location', 'id')) }} as location_id,
        {{ unnest_json('quantities') }} as quantity
    from {{ raw('shopify', 'inventory_levels') }}
    where "_sdc_deleted_at" is null

),

levels as (

    select
        source_instance,
        updated_at,
        inventory_item_id,
        channel_sku,
        location_id,
        {{ json_text('quantity', 'name') }} as quantity_name,
        cast({{ json_text('quantity', 'quantity') }} as bigint) as quantity
    from raw_levels

)

select * from levels
