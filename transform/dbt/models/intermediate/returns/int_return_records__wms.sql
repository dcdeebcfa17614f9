with

returns as (

    select
        *,
        {{ canonical_id('return_record', 'source_instance', 'return_source_id') }}
            as return_record_id
    from {{ ref('int_warehouses__returns') }}

),

warehouse_orders as (

    select destination_instance, destination_id, shop_name
    from {{ ref('int_warehouses__orders') }}

),

wms_orders as (

    select
        destination_instance,
        wms_order_id,
        min(order_id) as order_id
    from {{ ref('int_wms_orders') }}
    where wms_order_id in (select wms_order_id from returns)
    group by destination_instance, wms_order_id

),

numbered as (

    select
        destination_instance,
        partner_order_id,
        min(order_id) as order_id
    from {{ ref('int_wms_orders') }}
    where partner_order_id in (select order_number from returns)
    group by destination_instance, partner_order_id

),

shops as (

    select wms_shop_name from {{ ref('int_orders') }}
    group by wms_shop_name

)

select
    returns.*,
    coalesce(wms_orders.order_id, numbered.order_id) as order_id
from returns
left join warehouse_orders
    on
        returns.source_instance = warehouse_orders.destination_instance
        and returns.wms_order_id = warehouse_orders.destination_id
left join shops on warehouse_orders.shop_name = shops.wms_shop_name
left join wms_orders
    on
        returns.source_instance = wms_orders.destination_instance
        and returns.wms_order_id = wms_orders.wms_order_id
left join numbered
    on
        returns.source_instance = numbered.destination_instance
        and returns.order_number = numbered.partner_order_id
-- The warehouse ships for others, too: what comes back of their orders is not our concern.
where
    warehouse_orders.shop_name is null
    or shops.wms_shop_name is not null
    or coalesce(wms_orders.order_id, numbered.order_id) is not null
