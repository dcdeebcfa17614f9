{{ per_order() }}

with

packages as (

    select
        *,
        split_part(source_instance, ':', 1) as system
    from {{ ref('int_warehouses__packages') }}

),

shipments as (

    select * from {{ of_changed_orders(ref('int_shipments')) }}

),

carriers as (

    select * from {{ ref('carriers') }}

),

aliases as (

    select * from {{ ref('carrier_aliases') }}

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'package'

)

select
    {{ canonical_id('package', 'packages.source_instance', 'packages.package_source_id') }}
        as package_id,
    shipments.fulfillment_id,
    shipments.order_id,
    packages.source_instance,
    packages.package_source_id,
    packages.package_number,
    packages.tracking_number,
    {{ tracking_key('packages.tracking_number') }} as tracking_key,
    -- A carrier that nobody listed passes through as text, without a code.
    packages.carrier,
    carriers.carrier_code,
    packages.service,
    packages.vendor_status,
    coalesce(status_map.status = 'voided', false) as is_voided,
    coalesce(
        nullif(packages.tracking_url, ''),
        {{ tracking_page('carriers.tracking_url', 'packages.tracking_number') }}
    ) as tracking_url,
    -- What the warehouse says: that it left, that it arrived.
    shipments.has_left
    or coalesce(packages.is_picked_up, false)
    or coalesce(packages.is_delivered, false) as has_left,
    coalesce(packages.is_delivered, false) as is_delivered,
    shipments.left_at,
    packages.created_at as labelled_at,
    coalesce(packages.created_at, shipments.created_at) as created_at
from packages
inner join shipments
    on
        packages.source_instance = shipments.source_instance
        and packages.shipment_source_id = shipments.shipment_source_id
left join aliases on {{ carrier_key('packages.carrier') }} = aliases.alias
left join carriers on aliases.carrier_code = carriers.carrier_code
left join status_map
    on
        packages.system = status_map.system
        and lower(packages.vendor_status) = status_map.value
