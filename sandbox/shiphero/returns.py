"""What customers send back: announced, received, put on the shelf again."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.errors import INVALID_INPUT, NOT_ALLOWED, NOT_FOUND, ShipHeroError
from sandbox.shiphero.models import Entity, LineItem, legacy_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.shiphero.catalogue import Warehouse
    from sandbox.shiphero.models import Address, Order
    from sandbox.shiphero.stock import Stock

PENDING = "pending"
RECEIVED = "warehouse_complete"
COMPLETE = "complete"


@dataclass(kw_only=True, eq=False)
class ReturnLine(Entity):
    """Units of one line of the order that come back."""

    entity = "ReturnItem"
    return_id: str
    line_item: LineItem
    quantity: int
    reason: str
    warehouse: Warehouse
    created_at: datetime
    updated_at: datetime
    quantity_received: int = 0
    restock: int = 0
    condition: str | None = None
    is_component: bool = False
    type: str = "refund"

    @property
    def line_item_id(self) -> str:
        return self.line_item.id

    @property
    def product_id(self) -> str | None:
        return self.line_item.product_id

    @property
    def warehouse_id(self) -> str:
        return self.warehouse.id


@dataclass(kw_only=True, eq=False)
class Return(Entity):
    """An RMA. Nothing in the API tells when it changed."""

    entity = "Return"
    order: Order
    reason: str
    created_at: datetime
    line_items: list[ReturnLine] = field(default_factory=list)
    status: str = PENDING
    label_type: str = "SELF_RETURN"
    label_cost: str = "0.00"
    cost_to_customer: str = "0.00"
    shipping_carrier: str | None = None
    shipping_method: str | None = None
    partner_id: str | None = None
    display_issue_refund: bool = False
    labels: list[Any] = field(default_factory=list)
    exchanges: list[Any] = field(default_factory=list)

    @property
    def order_id(self) -> str:
        return self.order.id

    @property
    def address(self) -> Address:
        return self.order.shipping_address

    @property
    def total_items_expected(self) -> int:
        return sum(line.quantity for line in self.line_items)

    @property
    def total_items_received(self) -> int:
        return sum(line.quantity_received for line in self.line_items)

    @property
    def total_items_restocked(self) -> int:
        return sum(line.restock for line in self.line_items)


class Returns:
    """Every return, and what the floor does with it."""

    def __init__(self, stock: Stock) -> None:
        self.all: list[Return] = []
        self._stock = stock
        self._ids = count(3_300_001)

    def get(self, given: str | None) -> Return:
        """A return by its opaque id.

        Raises:
            ShipHeroError: There is none.
        """
        wanted = legacy_id("Return", given)
        for found in self.all:
            if found.legacy_id == wanted:
                return found
        raise ShipHeroError("Return not found", NOT_FOUND)

    def announce(
        self, order: Order, units: Mapping[str, int], reason: str, now: datetime
    ) -> Return:
        """Expect units of an order, by SKU.

        Raises:
            ShipHeroError: That many were not shipped.
        """
        made = Return(legacy_id=next(self._ids), order=order, reason=reason, created_at=now)
        for sku, quantity in units.items():
            line = next((line for line in order.lines if line.sku == sku), None)
            if line is None or not 0 < quantity <= line.quantity_shipped:
                raise ShipHeroError(f"{sku}: not that many were shipped", INVALID_INPUT)
            made.line_items.append(self._line(made, line, quantity, now))
        self.all.append(made)
        order.returns.append(made)
        return made

    def receive(self, found: Return, units: Mapping[str, int], now: datetime) -> None:
        """Count units that arrived.

        Raises:
            ShipHeroError: More came than was announced.
        """
        for line, quantity in self._lines(found, units):
            if line.quantity_received + quantity > line.quantity:
                raise ShipHeroError("more came than was announced", NOT_ALLOWED)
            line.quantity_received += quantity
            line.updated_at = now
        if found.total_items_received == found.total_items_expected:
            found.status = RECEIVED

    def restock(self, found: Return, units: Mapping[str, int], now: datetime) -> None:
        """Put received units on the shelf.

        Raises:
            ShipHeroError: They have not arrived.
        """
        for line, quantity in self._lines(found, units):
            if line.restock + quantity > line.quantity_received:
                raise ShipHeroError("only what arrived can be restocked", NOT_ALLOWED)
            line.restock += quantity
            line.updated_at = now
            row = self._stock.row(line.warehouse_id, line.line_item.sku)
            if row is not None:
                reason = f"Restocked from return {found.legacy_id}"
                self._stock.adjust(row, quantity, reason, now)
        if found.total_items_restocked == found.total_items_expected:
            found.status = COMPLETE

    def _line(self, made: Return, line: LineItem, quantity: int, now: datetime) -> ReturnLine:
        place = next(w for w in self._stock.warehouses if w.id == line.warehouse_id)
        return ReturnLine(
            legacy_id=next(self._ids),
            return_id=made.id,
            line_item=line,
            quantity=quantity,
            reason=made.reason,
            warehouse=place,
            created_at=now,
            updated_at=now,
        )

    def _lines(self, found: Return, units: Mapping[str, int]) -> list[tuple[ReturnLine, int]]:
        of = {line.line_item.sku: line for line in found.line_items}
        unknown = set(units) - set(of)
        if unknown:
            raise ShipHeroError(f"{sorted(unknown)[0]} is not in this return", INVALID_INPUT)
        return [(of[sku], quantity) for sku, quantity in units.items()]
