{{ config(enabled=has_account('easypost')) }}

with

raw_details as (

    select
        source_instance,
        id as tracker_id,
        {{ unnest_records('tracking_details', [
            'status', 'datetime', 'message', 'tracking_location',
        ]) }} as detail
    from {{ raw('easypost', 'trackers') }}

),

details as (

    select
        source_instance,
        tracker_id,
        detail.status as vendor_status,
        cast(detail.datetime as timestamptz) as occurred_at,
        nullif(trim(detail.message), '') as message,
        {{ json_text('detail.tracking_location', 'city') }} as city,
        {{ json_text('detail.tracking_location', 'country') }} as country
    from raw_details

)

select * from details
where occurred_at is not null
