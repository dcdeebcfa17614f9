{% set address = [
    'first_name', 'last_name', 'company', 'address1', 'address2', 'city', 'state', 'zip',
    'country', 'phone',
] %}

{{ per_order() }}

with

requests as (

    select * from {{ of_changed_orders(ref('fulfillment_requests')) }}
    where gate_result = 'sent' and split_part(warehouse_instance, ':', 1) = 'shiphero'

),

lines as (

    select
        lines.fulfillment_request_id,
        {{ json_array_of(
            {
                'sku': 'lines.sku',
                'partner_line_item_id': 'lines.partner_line_item_id',
                'quantity': 'lines.quantity',
                'price': money_text('lines.unit_price'),
                'product_name': 'lines.title',
                'warehouse_id': 'requests.warehouse_id',
            },
            order_by='lines.partner_line_item_id',
        ) }} as line_items
    from {{ of_changed_orders(ref('fulfillment_request_lines')) }} as lines
    inner join requests on lines.fulfillment_request_id = requests.fulfillment_request_id
    group by lines.fulfillment_request_id

),

orders as (

    select * from {{ of_changed_orders(ref('int_orders')) }}

),

desired as (

    select
        requests.fulfillment_request_id,
        requests.order_id,
        requests.warehouse_instance as destination_instance,
        requests.wms_order_id as destination_id,
        requests.is_beyond_change,
        requests.partner_order_id,
        orders.order_number,
        orders.wms_shop_name as shop_name,
        {{ timestamp_text('orders.placed_at') }} as order_date,
        orders.currency,
        orders.email,
        coalesce(orders.ship_first_name, '') as shipping_address__first_name,
        coalesce(orders.ship_last_name, orders.ship_name, '') as shipping_address__last_name,
        orders.ship_company as shipping_address__company,
        orders.ship_line1 as shipping_address__address1,
        orders.ship_line2 as shipping_address__address2,
        orders.ship_city as shipping_address__city,
        coalesce(orders.ship_region_code, orders.ship_region) as shipping_address__state,
        orders.ship_postal_code as shipping_address__zip,
        coalesce(orders.ship_country_code, orders.ship_country) as shipping_address__country,
        coalesce(orders.ship_phone, orders.phone) as shipping_address__phone,
        {{ json_object_of({
            'title': "coalesce(orders.shipping_method, '')",
            'carrier': 'requests.wms_carrier',
            'method': 'requests.wms_method',
            'price': money_text('orders.shipping_total'),
        }) }} as shipping_lines,
        lines.line_items
    from requests
    inner join orders on requests.order_id = orders.order_id
    left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id

),

observed as (

    select * from {{ ref('int_shiphero_ship_to') }}

)

select
    cast(desired.fulfillment_request_id as varchar) as fulfillment_request_id,
    desired.order_id,
    desired.destination_instance,
    desired.destination_id,
    desired.partner_order_id,
    desired.order_number,
    desired.shop_name,
    desired.order_date,
    desired.currency,
    coalesce(desired.email, '') as email,
    {%- for part in address %}
    -- From picking on an address is changed by a person in the warehouse, not by us.
    case when desired.is_beyond_change and observed.destination_id is not null
        then observed.shipping_address__{{ part }}
        else coalesce(desired.shipping_address__{{ part }}, '')
    end as shipping_address__{{ part }},
    {%- endfor %}
    desired.shipping_lines,
    desired.line_items
from desired
left join observed
    on
        desired.destination_instance = observed.destination_instance
        and desired.destination_id = observed.destination_id
