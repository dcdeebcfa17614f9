"""The warehouse floor: accepts order lines, ships what there is, counts its stock."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.shiphero.known_orders import KnownOrders

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.wms_sftp.records import OrderLine
    from sandbox.world import World

HANDLING = timedelta(hours=1)
UNKNOWN_ORDER = timedelta(hours=24)
WAREHOUSE = "WH1"


@dataclass
class Accepted:
    """An order line that the warehouse has taken on."""

    order_number: str
    line: str
    sku: str
    quantity: int
    carrier: str
    method: str
    due: datetime | None
    shipped: int | None = None
    returned: int = 0


@dataclass(frozen=True)
class Sent:
    """What left for one line; fewer units than ordered where stock ran short."""

    line: Accepted
    quantity: int
    tracking: str
    shipment: str
    at: datetime


@dataclass
class Floor:
    """Order lines and stock. A line leaves when the world says so, but not within an hour."""

    world: World
    seed: int
    stock: Counter[str] = field(default_factory=Counter)
    lines: dict[tuple[str, str], Accepted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for (place, sku), units in self.world.start_stock().items():
            if self.world.location_of[place].wms:
                self.stock[sku] += units
        self._known = KnownOrders(self.world)

    def refusal(self, line: OrderLine) -> tuple[str, str] | None:
        """Why a line is not accepted, as a code and a text."""
        if (line.order_number, line.line) in self.lines:
            return "DUP", "line is known already"
        if not line.order_number or not line.line:
            return "KEY", "order number or line number is missing"
        if not line.quantity.isdigit() or int(line.quantity) < 1:
            return "QTY", "quantity is no positive number"
        if line.sku not in self.stock:
            return "SKU", "SKU is unknown"
        if len(line.address) < 6 or not (line.address[1] and line.address[3]):
            return "ADR", "street or city is missing"
        return None

    def accept(self, line: OrderLine, now: datetime) -> Accepted:
        """Take a line on, and plan when it leaves."""
        known = self._known.find(line.shop or None, line.order_number, line.shop_order)
        units = int(line.quantity)
        if known is None:
            due: datetime | None = now + UNKNOWN_ORDER
        else:
            leaves = known.ships_at(line.sku, units)
            due = leaves and max(leaves, now + HANDLING)
        accepted = Accepted(
            line.order_number,
            line.line,
            line.sku,
            units,
            (known and known.carrier) or line.carrier or "House Carrier",
            (known and known.shipping_method) or line.method or "Standard",
            due,
        )
        self.lines[line.order_number, line.line] = accepted
        return accepted

    def next_due(self) -> datetime | None:
        return min((line.due for line in self._open() if line.due), default=None)

    def ship(self, now: datetime) -> list[Sent]:
        """Everything that is due, in the order in which it leaves."""
        due = [line for line in self._open() if line.due and line.due <= now]
        return [self._ship(line) for line in sorted(due, key=lambda line: line.due or now)]

    def _open(self) -> list[Accepted]:
        return [line for line in self.lines.values() if line.shipped is None]

    def _ship(self, line: Accepted) -> Sent:
        line.shipped = min(line.quantity, max(self.stock[line.sku], 0))
        self.stock[line.sku] -= line.shipped
        text = f"{self.seed}/{line.order_number}/{line.due}"
        number = int(hashlib.blake2b(text.encode(), digest_size=6).hexdigest(), 16)
        if line.due is None:
            raise AssertionError("a line without a day never ships")
        tracking = f"TRK{number:015d}" if line.shipped else ""
        return Sent(line, line.shipped, tracking, f"S{number % 10**9:09d}", line.due)
