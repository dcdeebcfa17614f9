{{ config(enabled=told_channels() | length > 0) }}

with

fulfillments as (

    select * from {{ ref('fulfillments') }}
    where
        is_shipped
        -- What is older was told, or is nobody's news any more.
        and shipped_at > {{ business_now() }} - interval '60 days'

),

requests as (

    select fulfillment_request_id, source_instance, request_source_id, order_source_id
    from {{ ref('int_channels__fulfillment_requests') }}
    where list_contains({{ told_channels() }}, split_part(source_instance, ':', 1))

),

orders as (

    select order_id, is_before_go_live from {{ ref('int_orders') }}

),

packages as (

    select * from {{ ref('fulfillment_packages') }}
    where not is_voided

),

parcels as (

    select
        fulfillment_id,
        bool_and(is_shipped) as have_all_left,
        coalesce(
            list_sort(list_distinct(list(tracking_number)
            filter (where tracking_number is not null))), []
        ) as tracking_numbers,
        min_by(carrier, package_number) as carrier,
        min_by(carrier_code, package_number) as carrier_code
    from packages
    group by fulfillment_id

),

-- Of a number that stands on several parcels any page will do.
pages as (

    select
        fulfillment_id,
        count(*) = count(tracking_url) as is_complete,
        list(tracking_url order by tracking_number) as tracking_urls
    from (
        select fulfillment_id, tracking_number, min(tracking_url) as tracking_url
        from packages
        where tracking_number is not null
        group by fulfillment_id, tracking_number
    ) as numbers
    group by fulfillment_id

)

select
    fulfillments.fulfillment_id,
    fulfillments.order_id,
    fulfillments.fulfillment_request_id,
    requests.source_instance,
    requests.request_source_id,
    requests.order_source_id,
    fulfillments.shipped_at,
    parcels.carrier,
    parcels.carrier_code,
    coalesce(parcels.tracking_numbers, []) as tracking_numbers,
    case when pages.is_complete then pages.tracking_urls end as tracking_urls
from fulfillments
inner join requests on fulfillments.fulfillment_request_id = requests.fulfillment_request_id
inner join orders on fulfillments.order_id = orders.order_id
left join parcels on fulfillments.fulfillment_id = parcels.fulfillment_id
left join pages on fulfillments.fulfillment_id = pages.fulfillment_id
where
    not orders.is_before_go_live
    -- One message for all of its parcels, unless one of them stays behind.
    and (
        coalesce(parcels.have_all_left, true)
        or fulfillments.shipped_at < {{ business_now() }} - interval '1 day'
    )
