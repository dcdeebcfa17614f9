with

requests as (

    select
        *,
        {{ canonical_id('fulfillment_request', 'source_instance', 'request_source_id') }}
            as fulfillment_request_id,
        split_part(source_instance, ':', 1) as system
    from {{ ref('int_channels__fulfillment_requests') }}

),

orders as (

    select * from {{ ref('int_orders') }}

),

-- Lines that need no shipping never go and never hold.
lines as (

    select
        fulfillment_request_id,
        bool_or(requires_shipping) as has_shipping,
        sum(case when requires_shipping then wanted_quantity end) as wanted_quantity,
        sum(case when requires_shipping then done_quantity end) as done_quantity,
        bool_or(requires_shipping and wanted_quantity > 0 and not is_mapped) as has_unmapped_sku
    from {{ ref('int_request_lines') }}
    group by fulfillment_request_id

),

status_map as (

    select * from {{ ref('status_map') }}

),

joined as (

    select
        requests.fulfillment_request_id,
        {{ canonical_id('order', 'requests.source_instance', 'requests.order_source_id') }}
            as order_id,
        requests.source_instance,
        requests.request_source_id,
        requests.order_source_id,
        requests.vendor_status,
        requests.scheduled_for,
        requests.hold_reason,
        requests.created_at,
        requests.updated_at,
        requests.location_name,
        locations.warehouse_instance,
        locations.warehouse_id,
        methods.carrier as wms_carrier,
        methods.method as wms_method,
        orders.shipping_method,
        orders.vendor_payment_status,
        coalesce(lines.has_shipping, true) as has_shipping,
        coalesce(lines.has_unmapped_sku, false) as has_unmapped_sku,
        coalesce(lines.wanted_quantity, 0) as wanted_quantity,
        case when coalesce(orders.has_shop_fulfillment, false) then coalesce(lines.done_quantity, 0)
            else 0
        end as shop_shipped_quantity,
        coalesce(locations.is_ours, false) as is_ours,
        coalesce(deliveries.status, common_deliveries.status, 'shipping') as delivery,
        coalesce(statuses.status, common_statuses.status) as request_status,
        orders.order_id is null as is_order_missing,
        orders.is_test,
        orders.is_before_go_live,
        orders.is_paid,
        orders.cancelled_at,
        orders.placed_at,
        coalesce(requests.hold_count, 0) > 0 as has_hold,
        coalesce(orders.has_unmapped_value, true)
        or coalesce(statuses.status, common_statuses.status) is null
        or (
            requests.delivery_method is not null
            and coalesce(deliveries.status, common_deliveries.status) is null
        )
            as has_unmapped_value,
        coalesce(trim(orders.ship_line1), '') = ''
        or coalesce(trim(orders.ship_city), '') = ''
        or coalesce(orders.ship_country_code, trim(orders.ship_country), '') = '' as has_bad_address
    from requests
    left join orders
        on
            requests.source_instance = orders.source_instance
            and requests.order_source_id = orders.source_id
    left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id
    left join {{ ref('int_locations') }} as locations
        on
            requests.source_instance = locations.source_instance
            and requests.location_name is not distinct from locations.location_name
    left join {{ ref('int_shipping_methods') }} as methods
        on
            orders.source_instance = methods.source_instance
            and orders.shipping_method is not distinct from methods.shipping_method
    left join status_map as statuses
        on
            requests.system = statuses.system
            and statuses.object = 'request'
            and requests.vendor_status = statuses.value
    left join status_map as common_statuses
        on
            common_statuses.system = '*'
            and common_statuses.object = 'request'
            and requests.vendor_status = common_statuses.value
    left join status_map as deliveries
        on
            requests.system = deliveries.system
            and deliveries.object = 'delivery'
            and requests.delivery_method = deliveries.value
    left join status_map as common_deliveries
        on
            common_deliveries.system = '*'
            and common_deliveries.object = 'delivery'
            and requests.delivery_method = common_deliveries.value

)

select
    *,
    coalesce(request_status = 'closed' or wanted_quantity = 0, false)
    and shop_shipped_quantity > 0 as is_fulfilled_in_shop
from joined
