-- Ordered = cancelled + open + shipped, and nothing is less than nothing.
select *
from {{ ref('order_lines') }}
where
    ordered_quantity != cancelled_quantity + open_quantity + shipped_quantity
    or least(cancelled_quantity, open_quantity, shipped_quantity) < 0
