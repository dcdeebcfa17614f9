{{ per_order() }}

with

lines as (

    select * from {{ of_changed_orders(ref('int_request_lines')) }}

),

requests as (

    select * from {{ of_changed_orders(ref('fulfillment_requests')) }}

),

orders as (

    select order_id, cancelled_at from {{ of_changed_orders(ref('int_orders')) }}

),

request_lines as (

    select * from {{ of_changed_orders(ref('fulfillment_request_lines')) }}

),

fulfillment_lines as (

    select * from {{ of_changed_orders(ref('fulfillment_lines')) }}

),

wms_orders as (

    select fulfillment_request_id, destination_instance, wms_order_id
    from {{ of_changed_orders(ref('int_wms_orders')) }}

),

wms_lines as (

    select * from {{ ref('int_warehouses__order_lines') }}

),

left_units as (

    select
        fulfillment_request_line_id,
        sum(quantity) as quantity
    from fulfillment_lines
    where is_shipped
    group by fulfillment_request_line_id

),

-- What the warehouse refused or cut will not be shipped.
refused as (

    select
        wms_orders.fulfillment_request_id,
        wms_lines.partner_line_item_id,
        sum(wms_lines.quantity_cancelled) as quantity
    from wms_orders
    inner join wms_lines
        on
            wms_orders.destination_instance = wms_lines.source_instance
            and wms_orders.wms_order_id = wms_lines.wms_order_id
    where wms_lines.quantity_cancelled > 0
    group by wms_orders.fulfillment_request_id, wms_lines.partner_line_item_id

),

components as (

    select
        request_lines.fulfillment_request_id,
        request_lines.order_line_id,
        request_lines.quantity_per_unit,
        coalesce(left_units.quantity, 0) as left_quantity,
        greatest(
            request_lines.quantity - coalesce(refused.quantity, 0)
            - coalesce(left_units.quantity, 0),
            0
        ) as still_quantity
    from request_lines
    left join left_units
        on request_lines.fulfillment_request_line_id = left_units.fulfillment_request_line_id
    left join refused
        on
            request_lines.fulfillment_request_id = refused.fulfillment_request_id
            and request_lines.partner_line_item_id = refused.partner_line_item_id

),

-- A kit has left when all of its components have, so the scarcest counts; it is still to be shipped
-- as long as one of them is.
by_wms as (

    select
        fulfillment_request_id,
        order_line_id,
        min(left_quantity // quantity_per_unit) as shipped_quantity,
        max(left_quantity) > 0 as has_left,
        max(
            (still_quantity + quantity_per_unit - 1) // quantity_per_unit
        ) as still_quantity
    from components
    group by fulfillment_request_id, order_line_id

),

counted as (

    select
        lines.*,
        requests.order_id,
        requests.gate_result,
        requests.is_held_by_wms,
        orders.cancelled_at,
        -- Without a warehouse of ours the shop's own word is all there is.
        case
            when requests.gate_result = 'sent' then coalesce(by_wms.shipped_quantity, 0)
            when requests.shop_shipped_quantity > 0 then lines.done_quantity
            else 0
        end as shipped_quantity,
        case
            when requests.gate_result = 'sent' then coalesce(by_wms.has_left, false)
            else requests.shop_shipped_quantity > 0 and lines.done_quantity > 0
        end as has_left,
        case
            when requests.wms_order_id is null then null
            when requests.wms_status in ('cancelled', 'rejected') then 0
            else coalesce(by_wms.still_quantity, 0)
        end as wms_open_quantity
    from lines
    inner join requests on lines.fulfillment_request_id = requests.fulfillment_request_id
    left join orders on requests.order_id = orders.order_id
    left join by_wms
        on
            lines.fulfillment_request_id = by_wms.fulfillment_request_id
            and lines.order_line_id = by_wms.order_line_id

)

select
    fulfillment_request_id,
    order_id,
    order_line_id,
    requires_shipping,
    gate_result,
    is_held_by_wms,
    has_left,
    cast(shipped_quantity as bigint) as shipped_quantity,
    cast(wms_open_quantity as bigint) as wms_open_quantity,
    -- The shop counts a unit as open until it hears that it left; a request that it took back wants
    -- nothing.
    cast(case
        when cancelled_at is not null or gate_result = 'cancelled' then 0
        when gate_result = 'sent'
            then greatest(wanted_quantity - greatest(shipped_quantity - done_quantity, 0), 0)
        else wanted_quantity
    end as bigint) as shop_open_quantity
from counted
