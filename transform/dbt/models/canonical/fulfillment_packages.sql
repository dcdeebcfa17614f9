with

packages as (

    select * from {{ ref('int_packages') }}

),

fulfillments as (

    select * from {{ ref('fulfillments') }}

)

select
    {{ canonical_id('package', 'packages.source_instance', 'packages.package_source_id') }}
        as fulfillment_package_id,
    fulfillments.fulfillment_id,
    fulfillments.order_id,
    packages.source_instance,
    packages.package_source_id as source_id,
    packages.package_number,
    packages.carrier,
    packages.carrier_code,
    packages.service,
    packages.tracking_number,
    packages.tracking_url,
    packages.is_voided,
    not packages.is_voided and fulfillments.is_shipped as is_shipped,
    packages.created_at,
    packages.created_at as last_updated_at
from packages
inner join fulfillments
    on
        packages.source_instance = fulfillments.source_instance
        and packages.shipment_source_id = fulfillments.source_id
