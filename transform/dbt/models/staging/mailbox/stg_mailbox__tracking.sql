{{ config(enabled=has_account('mailbox')) }}

with

raw_tracking as (

    select
        source_instance as destination_instance,
        parcel_id as destination_id,
        "_crossdock_read_at" as read_at,
        "_sdc_deleted_at" is not null as is_gone,
        parcel_id,
        order_number,
        tracking_number,
        carrier,
        tracking_url,
        shipped_at
    from {{ raw('mailbox', 'tracking') }}

)

select * from raw_tracking
