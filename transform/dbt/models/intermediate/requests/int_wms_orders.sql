{{ per_order() }}

with

wms_orders as (

    select * from {{ ref('int_warehouses__orders') }}

),

wms_lines as (

    select
        *,
        split_part(partner_line_item_id, ':', 1) as request_line_source_id
    from {{ ref('int_warehouses__order_lines') }}

),

orders as (

    select order_id, source_order_id, wms_shop_name
    from {{ of_changed_orders(ref('int_orders')) }}

),

requests as (

    select
        order_id,
        fulfillment_request_id,
        count(*) over (partition by order_id) as requests_of_order
    from {{ of_changed_orders(ref('int_channels__fulfillment_requests')) }}

),

request_lines as (

    select fulfillment_request_id, request_line_source_id
    from {{ of_changed_orders(ref('int_request_lines')) }}

),

-- A further request of an order has its number and one more (`shop_7-2`).
numbered as (

    select
        *,
        partner_order_id as source_order_id,
        true as is_exact
    from wms_orders

    union all

    select
        *,
        regexp_replace(partner_order_id, '-[0-9]+$', ''),
        false
    from wms_orders
    where contains(partner_order_id, '-') and regexp_matches(partner_order_id, '-[0-9]+$')

),

-- Ours are known by our shop name: a native app may have brought the same order. A warehouse that
-- names no shop has no orders but ours.
ours as (

    select
        numbered.* exclude (source_order_id),
        orders.order_id,
        split_part(numbered.destination_instance, ':', 1) as system,
        lower(trim(numbered.fulfillment_status)) as vendor_word
    from numbered
    inner join orders
        on
            numbered.source_order_id = orders.source_order_id
            and coalesce(numbered.shop_name, orders.wms_shop_name) = orders.wms_shop_name
    qualify row_number() over (
        partition by numbered.destination_instance, numbered.destination_id
        order by numbered.is_exact desc
    ) = 1

),

quantities as (

    select
        wms_lines.source_instance,
        wms_lines.wms_order_id,
        sum(wms_lines.quantity) as ordered_quantity,
        sum(wms_lines.quantity_shipped) as labelled_quantity,
        sum(wms_lines.quantity_picked) as picked_quantity,
        sum(wms_lines.quantity_backordered) as backordered_quantity,
        sum(wms_lines.quantity_cancelled) as cancelled_quantity
    from wms_lines
    inner join ours
        on
            wms_lines.source_instance = ours.destination_instance
            and wms_lines.wms_order_id = ours.destination_id
    group by wms_lines.source_instance, wms_lines.wms_order_id

),

-- The lines say which request a WMS order is; where somebody replaced them all, an order with a
-- single request leaves no doubt.
matches as (

    select
        ours.destination_instance,
        ours.destination_id,
        requests.fulfillment_request_id,
        count(request_lines.fulfillment_request_id) > 0 as is_by_line
    from ours
    inner join requests on ours.order_id = requests.order_id
    left join wms_lines
        on
            ours.destination_instance = wms_lines.source_instance
            and ours.destination_id = wms_lines.wms_order_id
    left join request_lines
        on
            requests.fulfillment_request_id = request_lines.fulfillment_request_id
            and wms_lines.request_line_source_id = request_lines.request_line_source_id
    group by
        ours.destination_instance, ours.destination_id, requests.fulfillment_request_id,
        requests.requests_of_order
    having count(request_lines.fulfillment_request_id) > 0 or requests.requests_of_order = 1

),

status_map as (

    select system, value, status from {{ ref('status_map') }}
    where object = 'order'

)

select
    matches.fulfillment_request_id,
    ours.order_id,
    ours.destination_instance,
    ours.destination_id as wms_order_id,
    ours.partner_order_id,
    ours.merged_into_id,
    ours.is_gone,
    ours.updated_at,
    ours.fulfillment_status as vendor_status,
    case
        -- One that leaves in another's parcels is closed there, and not called off.
        when
            ours.merged_into_id != ours.destination_id
            and coalesce(status_map.status, common_map.status) = 'cancelled' then 'open'
        else coalesce(
            status_map.status, common_map.status,
            case when ours.vendor_word is null then 'open' else 'unknown' end
        )
    end as wms_status,
    coalesce(quantities.ordered_quantity, 0) as ordered_quantity,
    coalesce(quantities.labelled_quantity, 0) as labelled_quantity,
    coalesce(quantities.picked_quantity, 0) as picked_quantity,
    coalesce(quantities.backordered_quantity, 0) as backordered_quantity,
    coalesce(quantities.cancelled_quantity, 0) as cancelled_quantity
from matches
inner join ours
    on
        matches.destination_instance = ours.destination_instance
        and matches.destination_id = ours.destination_id
left join quantities
    on
        ours.destination_instance = quantities.source_instance
        and ours.destination_id = quantities.wms_order_id
left join status_map
    on
        ours.system = status_map.system
        and ours.vendor_word = status_map.value
left join status_map as common_map
    on
        common_map.system = '*'
        and ours.vendor_word = common_map.value
qualify row_number() over (
    partition by matches.fulfillment_request_id
    order by
        ours.is_gone asc, matches.is_by_line desc, ours.partner_order_id asc,
        ours.destination_instance asc, ours.destination_id asc
) = 1
