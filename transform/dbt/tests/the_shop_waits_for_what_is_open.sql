{{ config(severity='warn') }}

-- The shop's own figure beside ours. It differs while the shop has not heard what left (where
-- tracking is not pushed there it never does), and where somebody has been told.
with

lines as (

    select * from {{ ref('order_lines') }}
    where fulfillable_quantity is not null and requires_shipping

),

told as (

    select distinct order_id from {{ ref('order_exceptions') }}

)

select lines.*
from lines
left join told on lines.order_id = told.order_id
where
    lines.fulfillable_quantity not between lines.open_quantity
    and lines.open_quantity + lines.shipped_quantity + lines.cancelled_quantity
    and told.order_id is null
