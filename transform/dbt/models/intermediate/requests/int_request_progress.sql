{{ per_order() }}

with

requests as (

    select * from {{ of_changed_orders(ref('fulfillment_requests')) }}

),

wms_orders as (

    select * from {{ of_changed_orders(ref('int_wms_orders')) }}

),

gate_reasons as (

    select reason, order_status from {{ ref('gate_reasons') }}

),

lines as (

    select
        fulfillment_request_id,
        bool_or(has_left) as has_left,
        sum(greatest(shop_open_quantity, coalesce(wms_open_quantity, 0))) as open_quantity
    from {{ of_changed_orders(ref('int_request_line_progress')) }}
    where requires_shipping
    group by fulfillment_request_id

),

counted as (

    select
        requests.fulfillment_request_id,
        requests.order_id,
        requests.gate_result,
        requests.is_held_by_wms,
        requests.warehouse_instance,
        requests.wms_status,
        gate_reasons.order_status,
        wms_orders.updated_at as wms_updated_at,
        wms_orders.ordered_quantity > 0
        and wms_orders.labelled_quantity >= wms_orders.ordered_quantity as is_packed,
        wms_orders.ordered_quantity > 0
        and wms_orders.picked_quantity >= wms_orders.ordered_quantity as is_picked,
        wms_orders.backordered_quantity > 0 as is_backordered,
        coalesce(lines.has_left, false) as has_left,
        coalesce(lines.open_quantity, 0) as open_quantity
    from requests
    left join wms_orders on requests.fulfillment_request_id = wms_orders.fulfillment_request_id
    left join gate_reasons on requests.gate_result = gate_reasons.reason
    left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id

)

select
    fulfillment_request_id,
    order_id,
    gate_result,
    is_held_by_wms,
    warehouse_instance,
    wms_updated_at,
    case
        when has_left and open_quantity = 0 then 'shipped'
        when has_left then 'partially_shipped'
        when gate_result != 'sent' then order_status
        when wms_status is null then 'cleared'
        when wms_status = 'cancelled' then 'cancelled'
        when wms_status = 'rejected' then 'held'
        when is_packed or wms_status in ('packed', 'fulfilled') then 'packed'
        when is_picked or wms_status = 'picked' then 'picked'
        when is_backordered or wms_status = 'backordered' then 'backordered'
        else 'sent_to_wms'
    end as status
from counted
