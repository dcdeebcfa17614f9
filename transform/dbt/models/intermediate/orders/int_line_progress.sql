{{ per_order() }}

with

lines as (

    select
        order_id,
        order_line_id,
        requires_shipping,
        quantity,
        greatest(current_quantity, 0) as current_quantity
    from {{ of_changed_orders(ref('int_channels__order_lines')) }}

),

requested as (

    select
        order_line_id,
        sum(shipped_quantity) as shipped_quantity,
        sum(wms_open_quantity) as wms_open_quantity,
        sum(shop_open_quantity) as shop_open_quantity,
        sum(case
            when gate_result != 'no_shipping'
                then greatest(shop_open_quantity, coalesce(wms_open_quantity, 0))
            else 0
        end) as to_ship_quantity
    from {{ of_changed_orders(ref('int_request_line_progress')) }}
    group by order_line_id

),

returned as (

    select order_line_id, returned_quantity from {{ ref('int_returned_lines') }}

),

-- What came back had left. Units beyond what was ordered and came back are a surplus: sent in place
-- of lost ones, or by mistake.
left_units as (

    select
        lines.*,
        coalesce(returned.returned_quantity, 0) as returned_quantity,
        greatest(coalesce(requested.shipped_quantity, 0), coalesce(returned.returned_quantity, 0))
            as all_shipped_quantity,
        requested.wms_open_quantity,
        -- A line that was added is to be shipped before the channel's request for it is read.
        case when lines.requires_shipping
            then coalesce(requested.to_ship_quantity, lines.current_quantity)
            else 0
        end as to_ship_quantity,
        coalesce(
            requested.shop_open_quantity,
            greatest(lines.current_quantity - coalesce(requested.shipped_quantity, 0), 0)
        ) as shop_open_quantity
    from lines
    left join requested on lines.order_line_id = requested.order_line_id
    left join returned on lines.order_line_id = returned.order_line_id

),

counted as (

    select
        *,
        least(all_shipped_quantity, quantity + returned_quantity) as shipped_quantity,
        greatest(all_shipped_quantity - quantity - returned_quantity, 0) as surplus_quantity
    from left_units

),

-- Open is what the shop still wants or a warehouse still means to ship, whichever is more: a unit
-- that was taken out in the shop is open until the warehouse lets go of it.
settled as (

    select
        *,
        least(
            greatest(shop_open_quantity, coalesce(wms_open_quantity, 0)),
            quantity - (shipped_quantity - returned_quantity)
        ) as open_quantity
    from counted

)

select
    order_id,
    order_line_id,
    requires_shipping,
    cast(quantity as bigint) as ordered_quantity,
    cast(current_quantity as bigint) as current_quantity,
    cast(shipped_quantity as bigint) as shipped_quantity,
    cast(returned_quantity as bigint) as returned_quantity,
    cast(surplus_quantity as bigint) as surplus_quantity,
    cast(open_quantity as bigint) as open_quantity,
    cast(wms_open_quantity as bigint) as wms_open_quantity,
    cast(shop_open_quantity as bigint) as shop_open_quantity,
    cast(least(to_ship_quantity, open_quantity) as bigint) as to_ship_quantity,
    -- What the buyer neither has nor will get.
    cast(quantity - open_quantity - (shipped_quantity - returned_quantity) as bigint)
        as cancelled_quantity
from settled
