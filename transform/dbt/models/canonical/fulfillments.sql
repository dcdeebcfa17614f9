with

shipments as (

    select * from {{ ref('int_warehouses__shipments') }}

),

wms_orders as (

    select * from {{ ref('int_wms_orders') }}

),

packages as (

    select
        source_instance,
        shipment_source_id,
        count(*) as package_count,
        count(*) filter (where not is_voided) as valid_count,
        {{ joined('case when not is_voided then carrier end') }} as carrier,
        {{ joined('case when not is_voided then service end') }} as service,
        max(created_at) as last_created_at
    from {{ ref('int_packages') }}
    group by source_instance, shipment_source_id

),

judged as (

    select
        shipments.*,
        wms_orders.order_id,
        wms_orders.fulfillment_request_id,
        packages.carrier,
        packages.service,
        coalesce(packages.valid_count, 0) as package_count,
        case
            when packages.package_count > 0 and packages.valid_count = 0 then 'voided'
            when shipments.has_left then 'shipped'
            else 'label_printed'
        end as status,
        greatest(shipments.created_at, packages.last_created_at) as last_updated_at
    from shipments
    inner join wms_orders
        on
            shipments.source_instance = wms_orders.destination_instance
            and shipments.wms_order_id = wms_orders.wms_order_id
    left join packages using (source_instance, shipment_source_id)

)

select
    {{ canonical_id('fulfillment', 'source_instance', 'shipment_source_id') }} as fulfillment_id,
    order_id,
    fulfillment_request_id,
    source_instance,
    shipment_source_id as source_id,
    warehouse_id,
    status,
    status = 'shipped' as is_shipped,
    carrier,
    service,
    package_count,
    created_at,
    case when status = 'shipped' then created_at end as shipped_at,
    last_updated_at
from judged
