with

shipments as (

    select * from {{ ref('int_warehouses__shipments') }}

),

wms_orders as (

    select destination_instance, wms_order_id, order_id, fulfillment_request_id
    from {{ ref('int_wms_orders') }}

)

-- Where people put several requests into one order there, the shipment is of one of them.
select
    {{ canonical_id('fulfillment', 'shipments.source_instance', 'shipments.shipment_source_id') }}
        as fulfillment_id,
    wms_orders.order_id,
    wms_orders.fulfillment_request_id,
    shipments.source_instance,
    shipments.shipment_source_id,
    shipments.wms_order_id,
    shipments.warehouse_id,
    shipments.has_left,
    shipments.left_at,
    shipments.created_at
from shipments
inner join wms_orders
    on
        shipments.source_instance = wms_orders.destination_instance
        and shipments.wms_order_id = wms_orders.wms_order_id
qualify row_number() over (
    partition by wms_orders.order_id, shipments.source_instance, shipments.shipment_source_id
    order by wms_orders.fulfillment_request_id
) = 1
