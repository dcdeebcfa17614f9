with

requests as (

    select fulfillment_request_id, gate_result, warehouse_instance, warehouse_id, wms_order_id
    from {{ ref('fulfillment_requests') }}
    where warehouse_instance is not null

),

lines as (

    select fulfillment_request_id, sku, quantity from {{ ref('fulfillment_request_lines') }}

),

reasons as (

    select gate_result from {{ ref('inventory_pending_reasons') }}

),

kit_components as (

    select source_instance, kit_sku, component_sku, quantity
    from {{ ref('int_warehouses__kit_components') }}

),

-- What the warehouse shows among its orders, it has set aside or called backordered itself.
sold as (

    select
        requests.warehouse_instance as source_instance,
        requests.warehouse_id,
        lines.sku,
        lines.quantity
    from requests
    inner join reasons on requests.gate_result = reasons.gate_result
    inner join lines on requests.fulfillment_request_id = lines.fulfillment_request_id
    where requests.wms_order_id is null

),

-- A kit that the warehouse takes apart is sold from its components.
taken as (

    select
        sold.source_instance,
        sold.warehouse_id,
        coalesce(kit_components.component_sku, sold.sku) as sku,
        sold.quantity * coalesce(kit_components.quantity, 1) as quantity
    from sold
    left join kit_components
        on
            sold.source_instance = kit_components.source_instance
            and sold.sku = kit_components.kit_sku

)

select
    source_instance,
    warehouse_id,
    sku,
    cast(sum(quantity) as bigint) as pending
from taken
group by source_instance, warehouse_id, sku
