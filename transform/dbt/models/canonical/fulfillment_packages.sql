{{ per_order() }}

with

packages as (

    select * from {{ of_changed_orders(ref('int_packages')) }}

),

tracking as (

    select * from {{ of_changed_orders(ref('int_package_tracking')) }}

),

-- A parcel has left when the warehouse says so, or when its carrier has it.
judged as (

    select
        packages.*,
        tracking.* exclude (package_id, order_id, tracking_url),
        coalesce(packages.tracking_url, tracking.tracking_url) as page,
        not packages.is_voided and (packages.has_left or tracking.is_scanned) as is_shipped,
        least(packages.left_at, tracking.first_scan_at) as known_left_at
    from packages
    inner join tracking on packages.package_id = tracking.package_id

)

select
    package_id as fulfillment_package_id,
    fulfillment_id,
    order_id,
    source_instance,
    package_source_id as source_id,
    package_number,
    carrier,
    carrier_code,
    service,
    tracking_number,
    page as tracking_url,
    is_voided,
    is_shipped,
    tracking_status,
    is_followed,
    created_at,
    case when is_shipped then coalesce(known_left_at, created_at) end as shipped_at,
    case
        when not is_shipped then null
        when known_left_at is null then 'label'
        when known_left_at = left_at then 'warehouse'
        else 'carrier'
    end as shipped_at_source,
    delivered_at,
    returned_at,
    estimated_delivery_at,
    last_event_at,
    greatest(created_at, last_event_at, tracked_at) as last_updated_at
from judged
