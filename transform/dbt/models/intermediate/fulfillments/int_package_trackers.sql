{{ per_order() }}

with

packages as (

    select package_id, order_id, tracking_key, carrier_code, created_at
    from {{ of_changed_orders(ref('int_packages')) }}
    where tracking_key is not null

),

trackers as (

    select
        *,
        split_part(source_instance, ':', 1) as system,
        {{ tracking_key('tracking_number') }} as tracking_key
    from {{ ref('int_carriers__trackers') }}

),

aliases as (

    select * from {{ ref('carrier_aliases') }}

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'tracking'

),

statuses as (

    select status, phase from {{ ref('tracking_statuses') }}

)

-- Carriers give a number again after months: a tracker is of the parcel of its time. Several orders
-- in one parcel share its tracker.
select
    packages.package_id,
    packages.order_id,
    trackers.source_instance,
    trackers.tracker_id,
    trackers.tracking_url,
    trackers.estimated_delivery_at,
    trackers.is_gone,
    trackers.vendor_status,
    coalesce(status_map.status, 'unknown') as status,
    coalesce(statuses.phase, 0) as phase,
    trackers.updated_at
from packages
inner join trackers
    on
        packages.tracking_key = trackers.tracking_key
        and trackers.created_at >= packages.created_at - interval '90 days'
        and trackers.created_at < packages.created_at + interval '90 days'
left join aliases on {{ carrier_key('trackers.carrier') }} = aliases.alias
left join status_map
    on
        trackers.system = status_map.system
        and trackers.vendor_status = status_map.value
left join statuses on status_map.status = statuses.status
where coalesce(packages.carrier_code = aliases.carrier_code, true)
