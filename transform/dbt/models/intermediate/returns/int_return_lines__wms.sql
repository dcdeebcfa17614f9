with

return_lines as (

    select * from {{ ref('int_warehouses__return_lines') }}
    -- A kit's own line stands for its parts.
    where not coalesce(is_component, false)

),

records as (

    select * from {{ ref('int_return_records__wms') }}

),

wms_lines as (

    select source_instance, wms_order_id, wms_line_id, partner_line_item_id
    from {{ ref('int_warehouses__order_lines') }}

),

request_lines as (

    select
        wms_orders.order_id,
        wms_orders.destination_instance,
        lines.order_line_id,
        lines.fulfillment_request_line_id,
        lines.partner_line_item_id,
        lines.sku,
        lines.quantity_per_unit,
        count(*) over (
            partition by wms_orders.order_id, wms_orders.destination_instance, lines.sku
        ) as lines_of_sku
    from {{ ref('fulfillment_request_lines') }} as lines
    inner join {{ ref('int_wms_orders') }} as wms_orders
        on lines.fulfillment_request_id = wms_orders.fulfillment_request_id
    where wms_orders.order_id in (select order_id from records)

),

traced as (

    select
        return_lines.*,
        records.return_record_id,
        records.order_id,
        records.vendor_reason as return_reason,
        wms_lines.partner_line_item_id
    from return_lines
    inner join records
        on
            return_lines.source_instance = records.source_instance
            and return_lines.return_source_id = records.return_source_id
    left join wms_lines
        on
            records.source_instance = wms_lines.source_instance
            and records.wms_order_id = wms_lines.wms_order_id
            and return_lines.wms_line_id = wms_lines.wms_line_id

)

select
    traced.return_record_id,
    traced.source_instance,
    traced.return_source_id,
    traced.return_line_source_id,
    traced.order_id,
    coalesce(own.order_line_id, only_one.order_line_id) as order_line_id,
    coalesce(own.fulfillment_request_line_id, only_one.fulfillment_request_line_id)
        as fulfillment_request_line_id,
    coalesce(own.quantity_per_unit, only_one.quantity_per_unit, 1) as quantity_per_unit,
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
left join request_lines as own
    on
        traced.order_id = own.order_id
        and traced.source_instance = own.destination_instance
        and traced.partner_line_item_id = own.partner_line_item_id
-- A receipt without a line of the order is of the only line with its SKU, if there is only one.
left join request_lines as only_one
    on
        own.order_line_id is null
        and traced.order_id = only_one.order_id
        and traced.source_instance = only_one.destination_instance
        and traced.sku = only_one.sku
        and only_one.lines_of_sku = 1
