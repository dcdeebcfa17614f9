{{ per_order() }}

with

request_lines as (

    select * from {{ ref('int_channels__fulfillment_request_lines') }}

),

requests as (

    select order_id, fulfillment_request_id, updated_at
    from {{ of_changed_orders(ref('int_channels__fulfillment_requests')) }}

),

order_lines as (

    select * from {{ of_changed_orders(ref('int_channels__order_lines')) }}

),

mapped as (

    select distinct source_instance, channel_sku
    from {{ ref('sku_map') }}
    where rule != 'unmapped'

)

select
    request_lines.source_instance,
    requests.order_id,
    request_lines.fulfillment_request_id,
    request_lines.order_line_id,
    request_lines.request_line_source_id,
    order_lines.channel_sku,
    order_lines.title,
    order_lines.unit_price,
    order_lines.requires_shipping,
    request_lines.total_quantity,
    requests.updated_at as last_updated_at,
    -- A unit taken out of the order may still be counted by its request.
    greatest(least(request_lines.remaining_quantity, order_lines.current_quantity), 0)
        as wanted_quantity,
    request_lines.total_quantity - request_lines.remaining_quantity as done_quantity,
    mapped.channel_sku is not null as is_mapped
from request_lines
inner join requests on request_lines.fulfillment_request_id = requests.fulfillment_request_id
inner join order_lines on request_lines.order_line_id = order_lines.order_line_id
left join mapped
    on
        order_lines.source_instance = mapped.source_instance
        and order_lines.channel_sku = mapped.channel_sku
