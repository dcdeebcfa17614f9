"""What `/_sandbox/state` tells of orders and returns."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.shiphero.models import VOIDED

if TYPE_CHECKING:
    from sandbox.shiphero.models import Order
    from sandbox.shiphero.returns import Return


def return_shown(found: Return) -> dict[str, Any]:
    return {
        "id": found.id,
        "partner_order_id": found.order.partner_order_id,
        "status": found.status,
        "expected": found.total_items_expected,
        "received": found.total_items_received,
        "restocked": found.total_items_restocked,
    }


def order_shown(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "partner_order_id": order.partner_order_id,
        "order_number": order.order_number,
        "shop_name": order.shop_name,
        "fulfillment_status": order.fulfillment_status,
        "accepted_at": iso(order.accepted_at),
        "updated_at": iso(order.updated_at),
        "holds": asdict(order.holds),
        "shipping_address": asdict(order.shipping_address),
        "line_items": [
            {
                "id": line.id,
                "partner_line_item_id": line.partner_line_item_id,
                "sku": line.sku,
                "quantity": line.quantity,
                "quantity_allocated": line.quantity_allocated,
                "quantity_shipped": line.quantity_shipped,
                "backorder_quantity": line.backorder_quantity,
                "warehouse": line.warehouse,
                "fulfillment_status": line.fulfillment_status,
            }
            for line in order.lines
        ],
        "shipments": [
            {
                "id": shipment.id,
                "created_date": iso(shipment.created_date),
                "completed": shipment.completed,
                "warehouse": shipment.warehouse.identifier,
                "carrier": shipment.shipping_labels[0].carrier,
                "tracking": [
                    label.tracking_number
                    for label in shipment.shipping_labels
                    if label.status != VOIDED
                ],
            }
            for shipment in order.shipments
        ],
    }
