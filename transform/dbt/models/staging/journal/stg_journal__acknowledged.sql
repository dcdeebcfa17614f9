with

raw_acknowledged as (

    select
        sync,
        destination as destination_instance,
        "key" as sync_key,
        destination_id,
        acknowledged_at,
        coalesce(changed_at, acknowledged_at) as changed_at,
        fields,
        "_sdc_loaded_at" as loaded_at,
        {{ json_text('fields', 'partner_order_id') }} as partner_order_id,
        {{ json_text('fields', 'hs_fulfillment_status') }} as hs_fulfillment_status
    from {{ raw('journal', 'acknowledged') }}
    where "_sdc_deleted_at" is null

),

-- What is known by another key today has landed under that one, or is left alone since.
raw_moves as (

    select
        sync,
        destination as destination_instance,
        from_key,
        max("at") as moved_at
    from {{ raw('journal', 'key_moves') }}
    where op_key is null and (from_key <> to_key or outcome = 'retired')
    group by sync, destination, from_key

)

select
    raw_acknowledged.sync,
    raw_acknowledged.destination_instance,
    raw_acknowledged.sync_key,
    raw_acknowledged.destination_id,
    raw_acknowledged.acknowledged_at,
    raw_acknowledged.fields,
    raw_acknowledged.partner_order_id,
    raw_acknowledged.hs_fulfillment_status,
    raw_acknowledged.loaded_at
from raw_acknowledged
left join raw_moves
    on
        raw_acknowledged.sync = raw_moves.sync
        and raw_acknowledged.destination_instance = raw_moves.destination_instance
        and raw_acknowledged.sync_key = raw_moves.from_key
        and raw_acknowledged.changed_at < raw_moves.moved_at
where raw_moves.from_key is null
