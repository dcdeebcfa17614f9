with

wms_orders as (

    select
        destination_instance,
        destination_id,
        partner_order_id,
        shop_name,
        fulfillment_status,
        is_gone,
        regexp_replace(partner_order_id, '-[0-9]+$', '') as base_order_id
    from {{ ref('int_warehouses__orders') }}

),

wms_lines as (

    select
        source_instance,
        wms_order_id,
        split_part(partner_line_item_id, ':', 1) as request_line_source_id,
        quantity,
        quantity_shipped
    from {{ ref('int_warehouses__order_lines') }}

),

orders as (

    select order_id, source_instance, source_order_id, wms_shop_name
    from {{ ref('int_orders') }}

),

requests as (

    select
        source_instance,
        {{ canonical_id('order', 'source_instance', 'order_source_id') }} as order_id,
        {{ canonical_id('fulfillment_request', 'source_instance', 'request_source_id') }}
            as fulfillment_request_id,
        count(*) over (partition by source_instance, order_source_id) as requests_of_order
    from {{ ref('int_channels__fulfillment_requests') }}

),

-- Ours are known by our shop name: a native app may have brought the same order.
ours as (

    select wms_orders.*, orders.order_id
    from wms_orders
    inner join orders
        on
            wms_orders.shop_name = orders.wms_shop_name
            and orders.source_order_id in (wms_orders.partner_order_id, wms_orders.base_order_id)
    qualify row_number() over (
        partition by wms_orders.destination_instance, wms_orders.destination_id
        order by orders.source_order_id = wms_orders.partner_order_id desc
    ) = 1

),

quantities as (

    select
        source_instance,
        wms_order_id,
        sum(quantity) as ordered_quantity,
        sum(quantity_shipped) as labelled_quantity
    from wms_lines
    group by source_instance, wms_order_id

),

-- The lines say which request a WMS order is; where somebody replaced them all, an order with a
-- single request leaves no doubt.
matches as (

    select distinct
        ours.destination_instance,
        ours.destination_id,
        requests.fulfillment_request_id,
        request_lines.fulfillment_request_id is not null as is_by_line
    from ours
    inner join requests on ours.order_id = requests.order_id
    left join wms_lines
        on
            ours.destination_instance = wms_lines.source_instance
            and ours.destination_id = wms_lines.wms_order_id
    left join {{ ref('int_request_lines') }} as request_lines
        on
            requests.fulfillment_request_id = request_lines.fulfillment_request_id
            and wms_lines.request_line_source_id = request_lines.request_line_source_id
    where request_lines.fulfillment_request_id is not null or requests.requests_of_order = 1

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
    ours.is_gone,
    ours.fulfillment_status as vendor_status,
    coalesce(status_map.status, 'open') as wms_status,
    coalesce(quantities.ordered_quantity, 0) as ordered_quantity,
    coalesce(quantities.labelled_quantity, 0) as labelled_quantity
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
        split_part(ours.destination_instance, ':', 1) = status_map.system
        and lower(ours.fulfillment_status) = status_map.value
qualify row_number() over (
    partition by matches.fulfillment_request_id
    order by ours.is_gone asc, matches.is_by_line desc, ours.partner_order_id asc
) = 1
