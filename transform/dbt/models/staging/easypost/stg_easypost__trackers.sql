{{ config(enabled=has_account('easypost')) }}

with

raw_trackers as (

    select
        source_instance,
        id as tracker_id,
        tracking_code as tracking_number,
        carrier,
        status as vendor_status,
        public_url as tracking_url,
        est_delivery_date as estimated_delivery_at,
        created_at,
        updated_at,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('easypost', 'trackers') }}

)

select * from raw_trackers
