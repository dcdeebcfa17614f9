{{ config(enabled=has_account('wms_sftp')) }}
{{ per_order() }}

with

requests as (

    select * from {{ of_changed_orders(ref('fulfillment_requests')) }}
    where gate_result = 'sent' and split_part(warehouse_instance, ':', 1) = 'wms_sftp'

),

lines as (

    select
        lines.fulfillment_request_id,
        {{ json_array_of(
            {
                'sku': 'lines.sku',
                'partner_line_item_id': 'lines.partner_line_item_id',
                'quantity': 'lines.quantity',
            },
            order_by='lines.partner_line_item_id',
        ) }} as line_items
    from {{ of_changed_orders(ref('fulfillment_request_lines')) }} as lines
    inner join requests on lines.fulfillment_request_id = requests.fulfillment_request_id
    group by lines.fulfillment_request_id

),

orders as (

    select * from {{ of_changed_orders(ref('int_orders')) }}

)

select
    cast(requests.fulfillment_request_id as varchar) as fulfillment_request_id,
    requests.order_id,
    requests.warehouse_instance as destination_instance,
    requests.wms_order_id as destination_id,
    requests.partner_order_id,
    orders.order_number,
    orders.wms_shop_name as shop_name,
    {{ timestamp_text('orders.placed_at') }} as ordered_on,
    requests.wms_carrier as carrier,
    requests.wms_method as method,
    coalesce(
        orders.ship_name, nullif(concat_ws(' ', orders.ship_first_name, orders.ship_last_name), '')
    ) as name,
    orders.ship_company as company,
    orders.ship_line1 as line1,
    orders.ship_line2 as line2,
    orders.ship_city as city,
    coalesce(orders.ship_region_code, orders.ship_region) as region,
    orders.ship_postal_code as postal_code,
    coalesce(orders.ship_country_code, orders.ship_country) as country,
    coalesce(orders.ship_phone, orders.phone) as phone,
    orders.email,
    lines.line_items
from requests
inner join orders on requests.order_id = orders.order_id
left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id
