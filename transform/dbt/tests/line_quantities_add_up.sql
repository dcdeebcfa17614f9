-- Ordered = cancelled + open + shipped - returned, and nothing is less than nothing.
select *
from {{ ref('order_lines') }}
where
    ordered_quantity
    != cancelled_quantity + open_quantity + shipped_quantity - returned_quantity
    or least(
        ordered_quantity, cancelled_quantity, open_quantity, shipped_quantity, returned_quantity,
        surplus_quantity
    ) < 0
    or returned_quantity > shipped_quantity
