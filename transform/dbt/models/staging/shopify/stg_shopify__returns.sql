with

raw_returns as (

    select
        source_instance,
        name as rma_id,
        status as vendor_status,
        "createdAt" as created_at,
        "requestApprovedAt" as approved_at,
        "closedAt" as closed_at,
        "orderUpdatedAt" as updated_at,
        {{ gid_number('id') }} as return_source_id,
        {{ gid_number(json_text('"order"', 'id')) }} as order_source_id,
        {{ json_text('decline', 'reason') }} as decline_reason,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'returns') }}
    where "_sdc_deleted_at" is null

)

select * from raw_returns
