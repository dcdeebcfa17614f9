"""What the world knows of an order that the WMS was sent: its carrier, when it ships, parcels."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.world import MAIN

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.world import World

# Ours are `<prefix>_<order id>`, with -2, -3 for further requests of the same order.
_PARTNER_ID = re.compile(r"(?P<prefix>.+)_(?P<order>[^_]+?)(?:-\d+)?")
_SHOP_NAME = re.compile(r"crossdock-(?P<instance>.+)")
_MAIN_PREFIX = "shop"


@dataclass(frozen=True)
class Known:
    """The world's word on one order."""

    carrier: str | None
    shipping_method: str | None
    parcels: int
    shipped_at: datetime | None
    ships: dict[str, list[tuple[int, datetime | None]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def ships_at(self, sku: str, quantity: int) -> datetime | None:
        """When a line ships; of two lines with one SKU, the one with the same quantity."""
        told = self.ships.get(sku) or [(quantity, self.shipped_at)]
        return next((at for units, at in told if units == quantity), told[0][1])


class KnownOrders:
    """Finds the world's order behind a WMS order."""

    def __init__(self, world: World) -> None:
        self._world = world

    def find(
        self, shop_name: str | None, partner_order_id: str | None, order_number: str | None
    ) -> Known | None:
        """The world's word, or None if the world has no such order."""
        named = _PARTNER_ID.fullmatch(partner_order_id or "")
        shop = _SHOP_NAME.fullmatch(shop_name or "")
        if shop:
            instance = shop["instance"]
        elif named:
            instance = MAIN if named["prefix"] == _MAIN_PREFIX else named["prefix"]
        else:
            return None
        ids = [named["order"] if named else "", (order_number or "").lstrip("#")]
        for order_id in ids:
            if (instance, order_id) in self._world.order_of:
                return self._known(instance, order_id)
        return None

    def _known(self, instance: str, order_id: str) -> Known:
        world, order = self._world, self._world.order_of[instance, order_id]
        ships: dict[str, list[tuple[int, datetime | None]]] = defaultdict(list)
        places: dict[str, str] = {}
        for line in world.lines_of[order.key]:
            if not line.requires_shipping:
                continue
            for sku, quantity in world.components(instance, line.sku):
                ships[sku].append((quantity * line.current, world.ships_at(order, line)))
                places[sku] = world.location_for(order, line).location_id
        return Known(
            carrier=order.carrier,
            shipping_method=order.shipping_method,
            parcels=order.parcels,
            shipped_at=order.shipped_at,
            ships=dict(ships),
            places=places,
        )
