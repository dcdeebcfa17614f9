{{ per_order() }}

with

requests as (

    select
        *,
        split_part(source_instance, ':', 1) as system,
        lower(trim(coalesce(location_name, ''))) as location_key
    from {{ of_changed_orders(ref('int_channels__fulfillment_requests')) }}

),

orders as (

    select
        *,
        lower(trim(shipping_method)) as method_key
    from {{ of_changed_orders(ref('int_orders')) }}

),

addresses as (

    select order_id, holds_request, issues
    from {{ of_changed_orders(ref('int_addresses__shipping')) }}

),

locations as (

    select * from {{ ref('int_locations') }}

),

methods as (

    select * from {{ ref('int_shipping_methods') }}

),

-- Lines that need no shipping never go and never hold.
lines as (

    select
        fulfillment_request_id,
        bool_or(requires_shipping) as has_shipping,
        sum(case when requires_shipping then wanted_quantity end) as wanted_quantity,
        sum(case when requires_shipping then done_quantity end) as done_quantity,
        bool_or(requires_shipping and wanted_quantity > 0 and not is_mapped) as has_unmapped_sku
    from {{ of_changed_orders(ref('int_request_lines')) }}
    group by fulfillment_request_id

),

status_map as (

    select system, object, value, status from {{ ref('status_map') }}
    where object in ('request', 'delivery')

),

joined as (

    select
        requests.fulfillment_request_id,
        requests.order_id,
        requests.source_instance,
        requests.request_source_id,
        requests.order_source_id,
        requests.vendor_status,
        requests.delivery_method,
        requests.hold_reason,
        requests.created_at,
        requests.updated_at,
        requests.location_name,
        locations.warehouse_instance,
        locations.warehouse_id,
        case when own_methods.source_instance is null then any_methods.carrier
            else own_methods.carrier
        end as wms_carrier,
        case when own_methods.source_instance is null then any_methods.method
            else own_methods.method
        end as wms_method,
        orders.shipping_method,
        orders.vendor_payment_status,
        orders.time_zone,
        orders.go_live_at,
        orders.cancelled_at,
        orders.cancel_reason,
        orders.placed_at,
        orders.rests_until,
        orders.is_test,
        orders.is_before_go_live,
        orders.is_paid,
        orders.order_id is null as is_order_missing,
        addresses.issues as address_issues,
        coalesce(addresses.holds_request, false) as has_bad_address,
        coalesce(lines.has_shipping, true) as has_shipping,
        coalesce(lines.has_unmapped_sku, false) as has_unmapped_sku,
        coalesce(lines.wanted_quantity, 0) as wanted_quantity,
        case when coalesce(orders.has_shop_fulfillment, false) then coalesce(lines.done_quantity, 0)
            else 0
        end as shop_shipped_quantity,
        coalesce(locations.is_ours, false) as is_ours,
        coalesce(locations.is_ambiguous, false) as is_location_ambiguous,
        coalesce(
            requests.scheduled_for,
            {{ start_of_day('requests.scheduled_on', "coalesce(orders.time_zone, 'UTC')") }}
        ) as scheduled_for,
        coalesce(deliveries.status, common_deliveries.status, 'shipping') as delivery,
        coalesce(statuses.status, common_statuses.status) as request_status,
        coalesce(requests.hold_count, 0) > 0 as has_hold,
        nullif(concat_ws(
            '; ',
            case when orders.order_id is null then 'the order has not been read yet' end,
            orders.unmapped_values,
            case
                when coalesce(statuses.status, common_statuses.status) is null
                    then 'request status ' || coalesce(requests.vendor_status, 'missing')
            end,
            case
                when coalesce(deliveries.status, common_deliveries.status) is null
                    then 'delivery ' || requests.delivery_method
            end
        ), '') as unmapped_values
    from requests
    left join orders
        on
            requests.source_instance = orders.source_instance
            and requests.order_source_id = orders.source_id
    left join addresses on orders.order_id = addresses.order_id
    left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id
    left join locations
        on
            requests.source_instance = locations.source_instance
            and requests.location_key = locations.location_key
    left join methods as own_methods
        on
            orders.source_instance = own_methods.source_instance
            and orders.method_key = own_methods.method_key
    left join methods as any_methods
        on
            orders.source_instance = any_methods.source_instance
            and any_methods.method_key is null
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
