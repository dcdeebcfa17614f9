with

requests as (

    select * from {{ ref('fulfillment_requests') }}
    where
        is_held_by_wms
        and not is_beyond_change
        and wms_order_id is not null
        and split_part(warehouse_instance, ':', 1) = 'shiphero'

),

gate as (

    select fulfillment_request_id from {{ ref('int_gate') }}
    where shop_reason = 'cancelled'

),

-- One that leaves in the parcels of another order has no parcels of its own to stop.
wms_orders as (

    select fulfillment_request_id, wms_order_id from {{ ref('int_wms_orders') }}
    where not is_gone and coalesce(merged_into_id, wms_order_id) = wms_order_id

)

select
    cast(requests.fulfillment_request_id as varchar) as fulfillment_request_id,
    requests.warehouse_instance as destination_instance,
    requests.wms_order_id as destination_id,
    'canceled' as fulfillment_status
from requests
inner join gate on requests.fulfillment_request_id = gate.fulfillment_request_id
inner join wms_orders
    on
        requests.fulfillment_request_id = wms_orders.fulfillment_request_id
        and requests.wms_order_id = wms_orders.wms_order_id
