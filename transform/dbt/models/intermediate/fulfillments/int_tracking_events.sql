with

packages as (

    select * from {{ ref('int_packages') }}

),

trackers as (

    select package_id, order_id, source_instance, tracker_id
    from {{ ref('int_package_trackers') }}

),

reports as (

    select * from {{ ref('int_carriers__tracking_events') }}

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'tracking'

),

statuses as (

    select status, phase, is_milestone from {{ ref('tracking_statuses') }}

),

by_carriers as (

    select
        trackers.package_id,
        trackers.order_id,
        trackers.source_instance,
        true as is_by_carrier,
        reports.vendor_status,
        reports.occurred_at,
        reports.message,
        reports.city,
        reports.country,
        coalesce(status_map.status, 'unknown') as status
    from trackers
    inner join reports
        on
            trackers.source_instance = reports.source_instance
            and trackers.tracker_id = reports.tracker_id
    left join status_map
        on
            split_part(reports.source_instance, ':', 1) = status_map.system
            and reports.vendor_status = status_map.value

),

-- A label that was taken back was nobody's news.
by_warehouses as (

    select
        package_id,
        order_id,
        source_instance,
        labelled_at as occurred_at,
        'pre_transit' as status
    from packages
    where labelled_at is not null and not is_voided

    union all

    select package_id, order_id, source_instance, left_at, 'in_transit'
    from packages
    where left_at is not null and not is_voided

),

told as (

    select * from by_carriers
    union all by name
    select
        *,
        false as is_by_carrier
    from by_warehouses

),

-- The same news from two sources, or twice from one, is one event: systems that pass it on keep
-- its time to the minute.
merged as (

    select
        package_id,
        status,
        date_trunc('minute', occurred_at) as occurred_at,
        any_value(order_id) as order_id,
        bool_or(is_by_carrier) as is_by_carrier,
        min(case when is_by_carrier then source_instance end) as carrier_instance,
        {{ joined('source_instance') }} as said_by,
        min(vendor_status) as vendor_status,
        min(message) as message,
        min(city) as city,
        min(country) as country
    from told
    group by package_id, status, date_trunc('minute', occurred_at)

)

select
    {{ canonical_id('tracking_event', 'merged.package_id', 'merged.status', 'merged.occurred_at') }}
        as tracking_event_id,
    merged.package_id,
    merged.order_id,
    packages.fulfillment_id,
    packages.tracking_number,
    packages.is_voided,
    merged.status,
    coalesce(statuses.phase, 0) as phase,
    coalesce(statuses.is_milestone, false) as is_milestone,
    merged.occurred_at,
    merged.is_by_carrier,
    coalesce(merged.carrier_instance, packages.source_instance) as source_instance,
    merged.said_by,
    packages.source_instance as package_instance,
    packages.package_source_id,
    merged.vendor_status,
    merged.message,
    merged.city,
    merged.country
from merged
inner join packages on merged.package_id = packages.package_id
left join statuses on merged.status = statuses.status
