"""The ShipHero account of a sandbox."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.app import Api
from sandbox.shiphero.edits import Edits
from sandbox.shiphero.orders import Orders
from sandbox.shiphero.resolvers import NAME
from sandbox.shiphero.shown import order_shown, return_shown

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.shiphero.models import Shipment


class ShipHeroVendor:
    """A WMS with the world's products and stock, and no orders."""

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._effects = sandbox.effects
        self._lock = threading.RLock()
        self._orders = Orders(sandbox.world, sandbox.seed, sandbox.clock.now(), self._note_shipment)
        self._edits = Edits(self._orders, sandbox.effects)
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
        """Let a person at the WMS change something; `edits.Edits` says what."""
        with self._lock:
            return self._edits.apply(body, self._clock.now())

    def state(self) -> dict[str, Any]:
        """The orders with their lines and shipments, and the stock."""
        with self._lock:
            return {
                "orders": [order_shown(order) for order in self._orders.all],
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
                "returns": [return_shown(found) for found in self._orders.returns.all],
                "inventory_changes": len(self._orders.stock.changes),
                "credits_consumed": self._api.credits_consumed,
            }

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
