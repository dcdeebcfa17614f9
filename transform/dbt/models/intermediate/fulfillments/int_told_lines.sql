{{ config(enabled=told_channels() | length > 0) }}

with

shipments as (

    select fulfillment_id, fulfillment_request_id, shipped_at from {{ ref('int_told_shipments') }}

),

-- What left before counts too: a kit whose parts go in two parcels is told with the second.
fulfillments as (

    select fulfillment_id, fulfillment_request_id, shipped_at from {{ ref('fulfillments') }}
    where
        is_shipped
        and fulfillment_request_id in (select fulfillment_request_id from shipments)

),

fulfillment_lines as (

    select fulfillment_id, fulfillment_request_line_id, sum(quantity) as quantity
    from {{ ref('fulfillment_lines') }}
    group by fulfillment_id, fulfillment_request_line_id

),

components as (

    select
        fulfillment_request_line_id,
        fulfillment_request_id,
        order_line_id,
        quantity_per_unit,
        split_part(partner_line_item_id, ':', 1) as request_line_source_id
    from {{ ref('fulfillment_request_lines') }}

),

so_far as (

    select
        fulfillments.fulfillment_id,
        fulfillments.fulfillment_request_id,
        fulfillments.shipped_at,
        components.order_line_id,
        components.request_line_source_id,
        sum(coalesce(fulfillment_lines.quantity, 0)) over (
            partition by components.fulfillment_request_line_id
            order by fulfillments.shipped_at, fulfillments.fulfillment_id
        ) // components.quantity_per_unit as units
    from fulfillments
    inner join components
        on fulfillments.fulfillment_request_id = components.fulfillment_request_id
    left join fulfillment_lines
        on
            fulfillments.fulfillment_id = fulfillment_lines.fulfillment_id
            and components.fulfillment_request_line_id
            = fulfillment_lines.fulfillment_request_line_id

),

-- A kit has left when all of its components have.
whole as (

    select
        fulfillment_id,
        order_line_id,
        request_line_source_id,
        any_value(fulfillment_request_id) as fulfillment_request_id,
        any_value(shipped_at) as shipped_at,
        min(units) as units
    from so_far
    group by fulfillment_id, order_line_id, request_line_source_id

),

counted as (

    select
        *,
        units - coalesce(
            lag(units) over (
                partition by fulfillment_request_id, request_line_source_id
                order by shipped_at, fulfillment_id
            ), 0
        ) as quantity
    from whole

)

select
    counted.fulfillment_id,
    counted.fulfillment_request_id,
    counted.order_line_id,
    counted.request_line_source_id,
    cast(counted.quantity as bigint) as quantity
from counted
inner join shipments on counted.fulfillment_id = shipments.fulfillment_id
where counted.quantity > 0
