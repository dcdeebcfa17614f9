{{ per_order() }}

with

shipment_lines as (

    select * from {{ ref('int_warehouses__shipment_lines') }}

),

wms_lines as (

    select source_instance, wms_order_id, wms_line_id, partner_line_item_id, sku
    from {{ ref('int_warehouses__order_lines') }}

),

fulfillments as (

    select * from {{ of_changed_orders(ref('fulfillments')) }}

),

packages as (

    select * from {{ of_changed_orders(ref('fulfillment_packages')) }}

),

-- A label that was printed again stands for the parcel of the one before.
printed_again as (

    select
        voided.fulfillment_package_id,
        bool_or(packages.is_shipped) as is_shipped
    from packages as voided
    inner join packages
        on
            voided.fulfillment_id = packages.fulfillment_id
            and voided.package_number is not distinct from packages.package_number
    where voided.is_voided
    group by voided.fulfillment_package_id

),

request_lines as (

    select * from {{ of_changed_orders(ref('fulfillment_request_lines')) }}

)

select
    {{ canonical_id(
        'fulfillment_line', 'shipment_lines.source_instance',
        'shipment_lines.shipment_source_id', 'shipment_lines.shipment_line_source_id'
    ) }} as fulfillment_line_id,
    fulfillments.fulfillment_id,
    packages.fulfillment_package_id,
    fulfillments.order_id,
    request_lines.fulfillment_request_line_id,
    request_lines.order_line_id,
    wms_lines.sku,
    shipment_lines.quantity,
    -- What is in no known parcel goes with its shipment.
    coalesce(printed_again.is_shipped, packages.is_shipped, fulfillments.is_shipped) as is_shipped,
    shipment_lines.source_instance,
    shipment_lines.shipment_line_source_id as source_id,
    fulfillments.last_updated_at
from shipment_lines
inner join fulfillments
    on
        shipment_lines.source_instance = fulfillments.source_instance
        and shipment_lines.shipment_source_id = fulfillments.source_id
left join packages
    on
        fulfillments.fulfillment_id = packages.fulfillment_id
        and shipment_lines.package_source_id = packages.source_id
left join printed_again
    on packages.fulfillment_package_id = printed_again.fulfillment_package_id
left join wms_lines
    on
        shipment_lines.source_instance = wms_lines.source_instance
        and fulfillments.wms_order_id = wms_lines.wms_order_id
        and shipment_lines.wms_line_id = wms_lines.wms_line_id
left join request_lines
    on
        fulfillments.fulfillment_request_id = request_lines.fulfillment_request_id
        and wms_lines.partner_line_item_id = request_lines.partner_line_item_id
