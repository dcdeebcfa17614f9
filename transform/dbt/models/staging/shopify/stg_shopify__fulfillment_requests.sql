with

raw_fulfillment_orders as (

    select
        source_instance,
        status as vendor_status,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        "fulfillAt" as scheduled_for,
        {{ gid_number('id') }} as request_source_id,
        {{ gid_number('"orderId"') }} as order_source_id,
        {{ gid_number(json_text('"assignedLocation"', 'location.id')) }} as location_id,
        {{ json_text('"assignedLocation"', 'name') }} as location_name,
        {{ json_text('"deliveryMethod"', 'methodType') }} as delivery_method,
        coalesce(json_array_length("fulfillmentHolds"), 0) as hold_count,
        {{ json_text('"fulfillmentHolds"', '[0].reason') }} as hold_reason,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'fulfillment_orders') }}

)

select * from raw_fulfillment_orders
