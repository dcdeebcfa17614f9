with

raw_refunds as (

    select
        source_instance,
        note,
        {{ gid_number('id') }} as refund_source_id,
        {{ gid_number(json_text('"order"', 'id')) }} as order_source_id,
        {{ gid_number(json_text('"return"', 'id')) }} as return_source_id,
        coalesce("processedAt", "createdAt") as refunded_at,
        coalesce("updatedAt", "createdAt") as updated_at,
        {{ shop_money('"totalRefundedSet"') }} as amount,
        {{ presentment_money('"totalRefundedSet"') }} as presentment_amount,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'refunds') }}
    where "_sdc_deleted_at" is null

)

select * from raw_refunds
