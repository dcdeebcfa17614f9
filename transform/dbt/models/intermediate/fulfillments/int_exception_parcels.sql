with

packages as (

    select * from {{ ref('fulfillment_packages') }}

),

orders as (

    select order_id, is_before_go_live from {{ ref('int_orders') }}

),

-- What the warehouse itself says, without the carrier's word.
in_the_warehouse as (

    select package_id, has_left from {{ ref('int_packages') }}

),

-- Parcels from before anybody was followed here are nobody's omission.
follows_since as (

    select coalesce(min(created_at), 'infinity') as since from {{ ref('int_carriers__trackers') }}

),

facts as (

    select
        packages.*,
        in_the_warehouse.has_left,
        packages.tracking_status in ('in_transit', 'out_for_delivery', 'exception') as is_moving,
        {{ parcels_are_followed() }} and packages.shipped_at >= follows_since.since
            as is_to_be_followed
    from packages
    inner join in_the_warehouse
        on packages.fulfillment_package_id = in_the_warehouse.package_id
    inner join orders on packages.order_id = orders.order_id
    cross join follows_since
    where not orders.is_before_go_live

),

judged as (

    select
        *,
        case
            when is_voided and (is_moving or tracking_status = 'delivered')
                then 'voided_but_moving'
            when is_voided then null
            when tracking_status = 'returned_to_sender' then 'returned_to_sender'
            when tracking_status = 'delivered' and not has_left then 'delivered_while_open'
            when tracking_status = 'delivered' then null
            when not is_shipped then 'never_left'
            when tracking_status = 'exception' then 'delivery_failed'
            when is_followed then 'stuck'
            when is_to_be_followed and carrier_code is not null and tracking_number is not null
                then 'tracker_missing'
        end as exception_type
    from facts

)

select
    exception_type,
    order_id,
    fulfillment_id,
    fulfillment_package_id,
    source_instance,
    source_id,
    carrier_code,
    case exception_type
        when 'returned_to_sender' then coalesce(returned_at, last_event_at, created_at)
        when 'delivered_while_open' then coalesce(delivered_at, last_event_at, created_at)
        when 'never_left' then created_at
        when 'tracker_missing' then shipped_at
        else coalesce(last_event_at, shipped_at, created_at)
    end as since,
    concat_ws(
        ' ', coalesce(carrier, 'no carrier'), coalesce(tracking_number, 'without a number'),
        replace(tracking_status, '_', ' ')
    ) as detail,
    last_updated_at
from judged
where exception_type is not null
