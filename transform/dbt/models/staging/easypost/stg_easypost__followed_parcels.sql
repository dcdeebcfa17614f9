{{ config(enabled=instances('easypost') | length > 0) }}

with

raw_trackers as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "_sdc_deleted_at" is not null as is_gone,
        tracking_code,
        carrier
    from {{ raw('easypost', 'trackers') }}

)

select * from raw_trackers
