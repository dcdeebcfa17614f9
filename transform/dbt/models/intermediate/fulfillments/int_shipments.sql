{{ per_order() }}

with

shipments as (

    select * from {{ ref('int_warehouses__shipments') }}

),

wms_orders as (

    select * from {{ of_changed_orders(ref('int_wms_orders')) }}

),

-- Where people put several requests into one order there, the shipment is of one of them.
of_one_request as (

    select
        destination_instance,
        wms_order_id,
        order_id,
        min(fulfillment_request_id) as fulfillment_request_id
    from wms_orders
    group by destination_instance, wms_order_id, order_id

)

select
    {{ canonical_id('fulfillment', 'shipments.source_instance', 'shipments.shipment_source_id') }}
        as fulfillment_id,
    of_one_request.order_id,
    of_one_request.fulfillment_request_id,
    shipments.source_instance,
    shipments.shipment_source_id,
    shipments.wms_order_id,
    shipments.warehouse_id,
    shipments.has_left,
    shipments.left_at,
    shipments.created_at
from shipments
inner join of_one_request
    on
        shipments.source_instance = of_one_request.destination_instance
        and shipments.wms_order_id = of_one_request.wms_order_id
