-- What a warehouse holds is open here as it is there, unless somebody was told that they differ.
with

lines as (

    select * from {{ ref('order_lines') }}
    where wms_open_quantity is not null and requires_shipping

),

unsent as (

    select order_line_id from {{ ref('int_request_line_progress') }}
    where wms_open_quantity is null

),

told as (

    select distinct order_id from {{ ref('order_exceptions') }}

)

select lines.*
from lines
left join unsent on lines.order_line_id = unsent.order_line_id
left join told on lines.order_id = told.order_id
where
    lines.open_quantity != lines.wms_open_quantity
    and unsent.order_line_id is null
    and told.order_id is null
