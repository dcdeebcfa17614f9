{{ per_order() }}

with

packages as (

    select * from {{ of_changed_orders(ref('int_packages')) }}

),

events as (

    select * from {{ of_changed_orders(ref('int_tracking_events')) }}

),

trackers as (

    select * from {{ of_changed_orders(ref('int_package_trackers')) }}

),

-- All words on where a parcel is: what happened, and the carrier's and the warehouse's last word
-- where they do not say when.
words as (

    select package_id, status, phase, is_by_carrier, occurred_at from events

    union all

    select package_id, status, phase, true, updated_at from trackers

    union all

    select package_id, 'delivered', 3, false, created_at from packages
    where is_delivered

    union all

    select package_id, 'in_transit', 2, false, created_at from packages
    where has_left and not is_voided and package_id not in (select package_id from trackers)

),

-- A parcel that arrived does not go back on the road because a scan was reported late; within one
-- phase the latest report counts, so that a failed attempt is over when it is on the van again.
furthest as (

    select
        package_id,
        max_by(status, (phase, occurred_at, is_by_carrier)) as status,
        max(phase) as phase,
        max(phase) filter (where is_by_carrier) as carrier_phase
    from words
    group by package_id

),

times as (

    select
        package_id,
        min(occurred_at) filter (where is_by_carrier and phase >= 2) as first_scan_at,
        min(occurred_at) filter (where status = 'delivered') as delivered_at,
        min(occurred_at) filter (where status = 'returned_to_sender') as returned_at,
        max(occurred_at) as last_event_at
    from events
    group by package_id

),

followed as (

    select
        package_id,
        min(tracking_url) as tracking_url,
        min(estimated_delivery_at) as estimated_delivery_at,
        bool_or(not coalesce(is_gone, false)) as is_followed,
        max(updated_at) as tracked_at
    from trackers
    group by package_id

)

select
    packages.package_id,
    packages.order_id,
    coalesce(furthest.status, 'unknown') as tracking_status,
    coalesce(furthest.carrier_phase >= 2, false) as is_scanned,
    times.first_scan_at,
    case when furthest.status = 'delivered' then times.delivered_at end as delivered_at,
    case when furthest.status = 'returned_to_sender' then times.returned_at end as returned_at,
    times.last_event_at,
    followed.tracking_url,
    followed.estimated_delivery_at,
    followed.tracked_at,
    coalesce(followed.is_followed, false) as is_followed
from packages
left join furthest on packages.package_id = furthest.package_id
left join times on packages.package_id = times.package_id
left join followed on packages.package_id = followed.package_id
