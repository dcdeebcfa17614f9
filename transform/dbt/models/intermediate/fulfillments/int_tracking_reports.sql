{{ per_order() }}

with

packages as (

    select * from {{ of_changed_orders(ref('int_packages')) }}

),

trackers as (

    select package_id, order_id, source_instance, tracker_id
    from {{ of_changed_orders(ref('int_package_trackers')) }}

),

reports as (

    select * from {{ ref('int_carriers__tracking_events') }}

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'tracking'

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

)

select * from by_carriers

union all

select
    package_id,
    order_id,
    source_instance,
    false as is_by_carrier,
    cast(null as varchar) as vendor_status,
    occurred_at,
    cast(null as varchar) as message,
    cast(null as varchar) as city,
    cast(null as varchar) as country,
    status
from by_warehouses
