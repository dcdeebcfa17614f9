{{ config(enabled=instances('easypost') | length > 0) }}

with

packages as (

    select *, {{ tracking_key('tracking_number') }} as tracking_key
    from {{ ref('fulfillment_packages') }}
    where
        is_shipped
        and not is_voided
        and not is_followed
        and tracking_status not in ('delivered', 'returned_to_sender')
        and tracking_number is not null
        -- An older parcel has arrived, or is lost; carriers give its number again.
        and shipped_at > {{ business_now() }} - interval '90 days'

),

orders as (

    select order_id, is_before_go_live from {{ ref('int_orders') }}

),

carriers as (

    select * from {{ ref('carriers') }}

),

accounts as (

    select min(instance) as instance from {{ destinations('easypost') }} as instances

),

-- Several orders in one parcel share its number.
parcels as (

    select packages.*
    from packages
    inner join orders on packages.order_id = orders.order_id
    where not orders.is_before_go_live
    qualify row_number() over (
        partition by packages.tracking_key, packages.carrier_code
        order by packages.fulfillment_package_id
    ) = 1

)

select
    cast(parcels.fulfillment_package_id as varchar) as parcel_id,
    accounts.instance as destination_instance,
    cast(null as varchar) as destination_id,
    parcels.tracking_key as tracking_code,
    carriers.easypost_carrier as carrier
from parcels
inner join carriers on parcels.carrier_code = carriers.carrier_code
cross join accounts
where accounts.instance is not null
