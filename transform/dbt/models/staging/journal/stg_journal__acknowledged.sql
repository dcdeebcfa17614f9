with

raw_acknowledged as (

    select
        sync,
        destination as destination_instance,
        "key" as sync_key,
        destination_id,
        acknowledged_at,
        fields,
        {{ json_text('fields', 'partner_order_id') }} as partner_order_id,
        {{ json_text('fields', 'hs_fulfillment_status') }} as hs_fulfillment_status
    from {{ raw('journal', 'acknowledged') }}
    where "_sdc_deleted_at" is null

)

select * from raw_acknowledged
