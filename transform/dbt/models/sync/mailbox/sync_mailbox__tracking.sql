{{ config(enabled=has_account('mailbox')) }}

with

packages as (

    select * from {{ ref('fulfillment_packages') }}
    where is_shipped and tracking_number is not null

),

fulfillments as (

    select * from {{ ref('fulfillments') }}

),

orders as (

    select * from {{ ref('int_orders') }}
    where source_instance like 'mailbox:%'

)

select
    cast(packages.fulfillment_package_id as varchar) as parcel_id,
    orders.source_instance as destination_instance,
    cast(null as varchar) as destination_id,
    orders.order_number,
    packages.tracking_number,
    packages.carrier,
    packages.tracking_url,
    {{ timestamp_text('fulfillments.shipped_at') }} as shipped_at
from packages
inner join fulfillments on packages.fulfillment_id = fulfillments.fulfillment_id
inner join orders on packages.order_id = orders.order_id
