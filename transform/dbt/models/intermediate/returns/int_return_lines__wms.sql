with

return_lines as (

    select * from {{ ref('int_warehouses__return_lines') }}
    -- A kit's own line stands for its parts.
    where not coalesce(is_component, false)

),

returns as (

    select * from {{ ref('int_warehouses__returns') }}

),

wms_orders as (

    select * from {{ ref('int_wms_orders') }}

),

wms_lines as (

    select source_instance, wms_order_id, wms_line_id, partner_line_item_id
    from {{ ref('int_warehouses__order_lines') }}

),

request_lines as (

    select * from {{ ref('fulfillment_request_lines') }}

),

traced as (

    select
        return_lines.*,
        {{ canonical_id('return_record', 'return_lines.source_instance',
            'return_lines.return_source_id') }} as return_record_id,
        wms_orders.order_id,
        wms_orders.fulfillment_request_id,
        wms_lines.partner_line_item_id,
        returns.vendor_reason as return_reason
    from return_lines
    inner join returns
        on
            return_lines.source_instance = returns.source_instance
            and return_lines.return_source_id = returns.return_source_id
    left join wms_orders
        on
            returns.source_instance = wms_orders.destination_instance
            and returns.wms_order_id = wms_orders.wms_order_id
    left join wms_lines
        on
            returns.source_instance = wms_lines.source_instance
            and returns.wms_order_id = wms_lines.wms_order_id
            and return_lines.wms_line_id = wms_lines.wms_line_id

)

select
    traced.return_record_id,
    traced.source_instance,
    traced.return_source_id,
    traced.return_line_source_id,
    traced.order_id,
    request_lines.order_line_id,
    request_lines.fulfillment_request_line_id,
    request_lines.quantity_per_unit,
    traced.sku,
    traced.warehouse_id,
    coalesce(traced.vendor_reason, traced.return_reason) as vendor_reason,
    traced.vendor_condition,
    traced.vendor_disposition,
    traced.expected_quantity,
    traced.received_quantity,
    traced.restocked_quantity,
    traced.updated_at
from traced
left join request_lines
    on
        traced.fulfillment_request_id = request_lines.fulfillment_request_id
        and traced.partner_line_item_id = request_lines.partner_line_item_id
