{{ per_order() }}

with

orders as (

    select * from {{ of_changed_orders(ref('int_orders')) }}

),

requests as (

    select
        order_id,
        count(*) as request_count,
        count(*) filter (where status != 'cancelled' and gate_result != 'no_shipping')
            as open_count,
        count(*) filter (where status = 'shipped') as shipped_count,
        count(*) filter (where status = 'shipped' and gate_result = 'sent') as shipped_by_us_count,
        count(*) filter (where status = 'partially_shipped') as partial_count,
        count(*) filter (where status = 'cancelled') as cancelled_count,
        count(*) filter (where status = 'held') as held_count,
        count(*) filter (where is_held_by_wms and status not in ('cancelled', 'held'))
            as in_wms_count,
        count(*) filter (where status = 'backordered') as backordered_count,
        count(*) filter (where status = 'sent_to_wms') as waiting_count,
        count(*) filter (where status = 'picked') as picked_count,
        count(*) filter (where status = 'packed') as packed_count,
        min(warehouse_instance) filter (where is_held_by_wms) as warehouse_instance,
        max(wms_updated_at) as wms_updated_at
    from {{ of_changed_orders(ref('int_request_progress')) }}
    group by order_id

),

lines as (

    select
        order_id,
        sum(ordered_quantity) as ordered_quantity,
        sum(to_ship_quantity) as to_ship_quantity,
        sum(shipped_quantity) filter (where requires_shipping) as shipped_quantity,
        sum(returned_quantity) filter (where requires_shipping) as returned_quantity
    from {{ of_changed_orders(ref('int_line_progress')) }}
    group by order_id

),

fulfillments as (

    select fulfillment_id, is_delivered, shipped_at, delivered_at
    from {{ of_changed_orders(ref('fulfillments')) }}

),

fulfillment_lines as (

    select order_id, fulfillment_id from {{ of_changed_orders(ref('fulfillment_lines')) }}
    where is_shipped

),

parcels as (

    select
        fulfillment_lines.order_id,
        bool_and(fulfillments.is_delivered) as is_delivered,
        max(fulfillments.shipped_at) as shipped_at,
        max(fulfillments.delivered_at) as delivered_at
    from fulfillment_lines
    inner join fulfillments on fulfillment_lines.fulfillment_id = fulfillments.fulfillment_id
    group by fulfillment_lines.order_id

),

carriers as (

    select
        order_id,
        min(source_instance) as carrier_instance
    from {{ of_changed_orders(ref('int_tracking_events')) }}
    where status = 'delivered'
    group by order_id

),

judged as (

    select
        orders.*,
        requests.warehouse_instance,
        requests.wms_updated_at,
        parcels.shipped_at,
        parcels.delivered_at,
        carriers.carrier_instance,
        coalesce(lines.ordered_quantity, 0) as ordered_quantity,
        case
            when
                requests.shipped_count > 0
                and requests.shipped_count >= requests.open_count
                and coalesce(lines.to_ship_quantity, 0) = 0
                then
                case
                    when
                        lines.shipped_quantity > 0
                        and lines.returned_quantity >= lines.shipped_quantity then 'returned'
                    when
                        parcels.is_delivered
                        and requests.shipped_by_us_count = requests.shipped_count then 'delivered'
                    else 'shipped'
                end
            when requests.shipped_count + requests.partial_count > 0 then 'partially_shipped'
            when orders.cancelled_at is not null and requests.in_wms_count > 0
                then 'cancel_requested'
            when orders.cancelled_at is not null then 'cancelled'
            -- Of what a warehouse has, the part that is least far counts.
            when requests.backordered_count > 0 then 'backordered'
            when requests.waiting_count > 0 then 'sent_to_wms'
            when requests.picked_count > 0 then 'picked'
            when requests.packed_count > 0 then 'packed'
            when requests.held_count > 0 then 'held'
            when requests.cancelled_count > 0 and requests.cancelled_count = requests.request_count
                then 'cancelled'
            when orders.is_paid then 'paid'
            else 'placed'
        end as status
    from orders
    left join requests on orders.order_id = requests.order_id
    left join lines on orders.order_id = lines.order_id
    left join parcels on orders.order_id = parcels.order_id
    left join carriers on orders.order_id = carriers.order_id

)

select
    order_id,
    source_id,
    status,
    case
        when status = 'held' then 'crossdock'
        when status in ('placed', 'paid', 'cancel_requested') then source_instance
        when status = 'cancelled' and cancelled_at is not null then source_instance
        when status = 'delivered' then coalesce(carrier_instance, warehouse_instance)
        else coalesce(warehouse_instance, source_instance)
    end as said_by,
    coalesce(case
        when status = 'placed' then placed_at
        when status in ('cancel_requested', 'cancelled') then coalesce(cancelled_at, wms_updated_at)
        when status in ('sent_to_wms', 'backordered', 'picked', 'packed') then wms_updated_at
        when status in ('partially_shipped', 'shipped') then shipped_at
        when status = 'delivered' then delivered_at
    end, updated_at) as since,
    ordered_quantity || ' units ordered' as basis
from judged
