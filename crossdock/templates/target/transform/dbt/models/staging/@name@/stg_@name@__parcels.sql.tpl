{{ config(enabled=has_account('@name@')) }}

with

raw_parcels as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "_sdc_deleted_at" is not null as is_gone,
        external_id,
        order_id,
        tracking_number,
        carrier,
        tracking_url,
        shipped_at
    from {{ raw('@name@', 'parcels') }}

)

select * from raw_parcels
