"""The ShipHero account of a sandbox."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError, iso
from sandbox.shiphero.app import Api
from sandbox.shiphero.errors import ShipHeroError
from sandbox.shiphero.orders import Orders
from sandbox.shiphero.resolvers import NAME

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.shiphero.models import Order, Shipment, WarehouseProduct

_CANCELLED = ("cancelled", "canceled")


class ShipHeroVendor:
    """A WMS with the world's products and stock, and no orders."""

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._effects = sandbox.effects
        self._lock = threading.RLock()
        self._orders = Orders(sandbox.world, sandbox.seed, sandbox.clock.now(), self._note_shipment)
        self._api = Api(sandbox, self._orders, self._lock)

    def app(self) -> ASGIApp:
        return self._api.app()

    def advance(self, now: datetime) -> int:
        """Print the labels and hand over the parcels that are due."""
        with self._lock:
            return self._orders.floor.advance(now)

    def next_event_at(self) -> datetime | None:
        with self._lock:
            return self._orders.floor.next_event_at()

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a person at the WMS change something.

        `{"object": "order", "id" | "number": ..., "set": {...}}` sets fields: those of
        `shipping_address` (also dotted: `shipping_address.address2`), holds by name,
        `"cancelled": true`, or any field of the order. `number` is an order number or a
        partner_order_id. `{"object": "warehouse_product", "number": sku, "set": {"on_hand": n}}`
        counts stock anew.
        """
        changes = body.get("set")
        if not isinstance(changes, dict) or not changes:
            raise EditError('say what to change: {"set": {...}}')
        with self._lock:
            if body.get("object") == "warehouse_product":
                return self._count(self._row(body), changes)
            if body.get("object") != "order":
                raise EditError(f"there is no object {body.get('object')!r} in the WMS")
            order = self._order(body)
            try:
                self._change(order, _nested(changes))
            except (ShipHeroError, TypeError) as error:
                raise EditError(str(error)) from error
            self._note(order, changes)
            return _shown(order)

    def state(self) -> dict[str, Any]:
        """The orders with their lines and shipments, and the stock."""
        with self._lock:
            return {
                "orders": [_shown(order) for order in self._orders.all],
                "stock": [
                    {
                        "sku": row.sku,
                        "warehouse": row.warehouse_identifier,
                        "on_hand": row.on_hand,
                        "allocated": row.allocated,
                        "backorder": row.backorder,
                    }
                    for row in self._orders.stock.rows
                ],
            }

    def _change(self, order: Order, changes: dict[str, Any]) -> None:
        now = self._clock.now()
        status = changes.pop("fulfillment_status", None)
        cancelled = [changes.pop(name, False) for name in _CANCELLED]
        holds = {name: changes.pop(name) for name in list(changes) if name.endswith("_hold")}
        if changes:
            self._orders.update(order, changes, now)
        if holds:
            self._orders.hold(order, holds, now)
        if any(cancelled) or status in _CANCELLED:
            self._orders.cancel(order, now)

    def _count(self, row: WarehouseProduct, changes: dict[str, Any]) -> dict[str, Any]:
        if set(changes) != {"on_hand"} or not isinstance(changes["on_hand"], int):
            raise EditError("of stock, only on_hand can be set, to a number")
        now = self._clock.now()
        row.on_hand = changes["on_hand"]
        self._orders.stock.settle(row, now)
        self._orders.floor.retry(now)
        self._effects.record(
            vendor=NAME,
            actor="person",
            object="warehouse_product",
            id=row.id,
            external_id=row.sku,
            operation="update",
            fields=changes,
        )
        return {"id": row.id, "sku": row.sku, "on_hand": row.on_hand}

    def _order(self, body: dict[str, Any]) -> Order:
        wanted = str(body.get("id") or body.get("number"))
        for order in self._orders.all:
            if wanted in (order.id, str(order.legacy_id)):
                return order
            if "number" in body and wanted in (order.partner_order_id, order.order_number):
                return order
        raise EditError(f"there is no order {wanted!r} in the WMS")

    def _row(self, body: dict[str, Any]) -> WarehouseProduct:
        wanted = str(body.get("id") or body.get("number"))
        place = body.get("warehouse")
        for row in self._orders.stock.rows:
            if wanted in (row.id, row.sku) and place in (None, row.warehouse_identifier):
                return row
        raise EditError(f"there is no stock of {wanted!r} in the WMS")

    def _note(self, order: Order, changes: dict[str, Any]) -> None:
        self._effects.record(
            vendor=NAME,
            actor="person",
            object="order",
            id=order.id,
            external_id=order.partner_order_id,
            operation="update",
            fields=changes,
        )

    def _note_shipment(self, operation: str, shipment: Shipment) -> None:
        numbers = [label.tracking_number for label in shipment.shipping_labels]
        self._effects.record(
            vendor=NAME,
            actor="warehouse",
            object="shipment",
            id=shipment.id,
            external_id=shipment.order.partner_order_id,
            operation=operation,
            fields={"order_id": shipment.order_id, "tracking_numbers": numbers},
        )


def _nested(changes: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as nested objects."""
    nested: dict[str, Any] = {}
    for name, value in changes.items():
        head, _, tail = name.partition(".")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[name] = dict(value) if isinstance(value, dict) else value
    return nested


def _shown(order: Order) -> dict[str, Any]:
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
                "tracking": [label.tracking_number for label in shipment.shipping_labels],
            }
            for shipment in order.shipments
        ],
    }
