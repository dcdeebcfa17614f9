{{ per_order() }}

with

reports as (

    select * from {{ of_changed_orders(ref('int_tracking_reports')) }}

),

packages as (

    select * from {{ of_changed_orders(ref('int_packages')) }}

),

statuses as (

    select status, phase, is_milestone from {{ ref('tracking_statuses') }}

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
        min(case when not is_by_carrier then source_instance end) as warehouse_instance,
        min(vendor_status) as vendor_status,
        min(message) as message,
        min(city) as city,
        min(country) as country
    from reports
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
    concat_ws('; ', merged.carrier_instance, merged.warehouse_instance) as said_by,
    packages.source_instance as package_instance,
    packages.package_source_id,
    merged.vendor_status,
    merged.message,
    merged.city,
    merged.country
from merged
inner join packages on merged.package_id = packages.package_id
left join statuses on merged.status = statuses.status
