{{ config(tags=['reconcile']) }}

-- No request of ours lies in the warehouse twice.
select
    shop_name,
    partner_order_id,
    count(*) as order_count
from {{ ref('int_warehouses__orders') }}
where
    not is_gone
    and shop_name in (select wms_shop_name from {{ ref('int_orders') }})
group by shop_name, partner_order_id
having count(*) > 1
