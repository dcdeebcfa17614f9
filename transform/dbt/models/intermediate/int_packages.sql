with

packages as (

    select
        *,
        split_part(source_instance, ':', 1) as system
    from {{ ref('int_warehouses__packages') }}

),

carriers as (

    select * from {{ ref('carriers') }}

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'package'

)

select
    packages.source_instance,
    packages.shipment_source_id,
    packages.package_source_id,
    packages.package_number,
    packages.tracking_number,
    packages.carrier,
    packages.service,
    packages.vendor_status,
    packages.created_at,
    -- A carrier that nobody listed passes through as text, without a code.
    carriers.carrier_code,
    coalesce(
        nullif(packages.tracking_url, ''),
        replace(carriers.tracking_url, '{number}', packages.tracking_number)
    ) as tracking_url,
    coalesce(status_map.status = 'voided', false) as is_voided
from packages
left join carriers on lower(trim(packages.carrier)) = carriers.carrier
left join status_map
    on
        packages.system = status_map.system
        and lower(packages.vendor_status) = status_map.value
