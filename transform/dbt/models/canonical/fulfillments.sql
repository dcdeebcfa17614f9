{{ per_order() }}

with

shipments as (

    select * from {{ of_changed_orders(ref('int_shipments')) }}

),

packages as (

    select * from {{ of_changed_orders(ref('fulfillment_packages')) }}

),

parcels as (

    select
        fulfillment_id,
        count(*) as label_count,
        count(*) filter (where not is_voided) as package_count,
        count(*) filter (where is_shipped and tracking_status = 'delivered') as delivered_count,
        coalesce(bool_or(is_shipped), false) as is_shipped,
        {{ joined_few('case when not is_voided then carrier end') }} as carrier,
        {{ joined_few('case when not is_voided then service end') }} as service,
        {{ joined_few('case when is_shipped then tracking_number end') }} as tracking_numbers,
        min(shipped_at) as shipped_at,
        max(delivered_at) as delivered_at,
        max(last_updated_at) as last_updated_at
    from packages
    group by fulfillment_id

),

judged as (

    select
        shipments.*,
        parcels.* exclude (fulfillment_id, package_count),
        coalesce(parcels.package_count, 0) as package_count,
        coalesce(parcels.delivered_count = parcels.package_count, false)
        and parcels.package_count > 0 as is_delivered,
        case
            when parcels.label_count > 0 and parcels.package_count = 0 then 'voided'
            when shipments.has_left or parcels.is_shipped then 'shipped'
            else 'label_printed'
        end as status
    from shipments
    left join parcels on shipments.fulfillment_id = parcels.fulfillment_id

)

select
    fulfillment_id,
    order_id,
    fulfillment_request_id,
    source_instance,
    shipment_source_id as source_id,
    wms_order_id,
    warehouse_id,
    status,
    status = 'shipped' as is_shipped,
    coalesce(is_delivered, false) as is_delivered,
    carrier,
    service,
    tracking_numbers,
    package_count,
    created_at,
    case when status = 'shipped' then coalesce(shipped_at, left_at, created_at) end as shipped_at,
    case when is_delivered then delivered_at end as delivered_at,
    greatest(created_at, left_at, last_updated_at) as last_updated_at
from judged
