"""The WMS's orders: taken on, changed, held, cancelled."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.errors import INVALID_INPUT, NOT_ALLOWED, NOT_FOUND, ShipHeroError
from sandbox.shiphero.floor import Floor
from sandbox.shiphero.known_orders import Known, KnownOrders
from sandbox.shiphero.models import CANCELED, Address, Holds, LineItem, Order, legacy_id
from sandbox.shiphero.paging import Paging
from sandbox.shiphero.returns import Returns
from sandbox.shiphero.stock import Stock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.shiphero.catalogue import Warehouse
    from sandbox.shiphero.models import Shipment
    from sandbox.world import World

# Fields of an input that mean something here; the WMS keeps all others as they are.
_HANDLED = (
    "customer_account_id", "order_id", "order_number", "partner_order_id", "shop_name",
    "order_date", "shipping_address", "billing_address", "holds", "line_items",
    "shipping_lines", "tags", "fulfillment_status", "flagged", "history_entry",
)  # fmt: skip
_PLAIN = ("order_number", "partner_order_id", "order_date", "shipping_lines", "tags")


class Orders:
    """Every order, and the floor that works on them."""

    def __init__(
        self, world: World, seed: int, now: datetime, note: Callable[[str, Shipment], None]
    ) -> None:
        self.stock = Stock(world, now)
        self.floor = Floor(self.stock, seed, note)
        self.returns = Returns(self.stock)
        self.paging = Paging()
        self.all: list[Order] = []
        self._known = KnownOrders(world)
        self._by_id: dict[int, Order] = {}
        self._ids = count(100_001)
        self._line_ids = count(2_000_001)

    def get(self, given: str | None) -> Order:
        """An order by its opaque id.

        Raises:
            ShipHeroError: There is none.
        """
        order = self._by_id.get(legacy_id("Order", given) or 0)
        if order is None:
            raise ShipHeroError("Order not found", NOT_FOUND)
        return order

    def create(self, data: dict[str, Any], now: datetime) -> Order:
        """Take an order on. A second one with the same partner_order_id is as welcome."""
        _check_lines(data.get("line_items") or [])
        shop_name, partner_id = data.get("shop_name"), data.get("partner_order_id")
        known = self._known.find(shop_name, partner_id, data.get("order_number"))
        order = Order(
            legacy_id=next(self._ids),
            order_number=data.get("order_number") or partner_id,
            partner_order_id=partner_id,
            shop_name=shop_name,
            order_date=(data.get("order_date") or now).astimezone(UTC),
            accepted_at=now,
            updated_at=now,
            shipping_address=Address(**data["shipping_address"]),
            billing_address=Address(**(data.get("billing_address") or {})),
            holds=Holds(**_given(data.get("holds"))),
            shipping_lines=data.get("shipping_lines"),
            tags=data.get("tags") or [],
            extra={name: value for name, value in data.items() if name not in _HANDLED},
        )
        order.lines = [self._line(order, item, known, now) for item in data["line_items"]]
        order.flagged = bool(data.get("flagged")) or any(
            line.product is None for line in order.lines
        )
        self.all.append(order)
        self._by_id[order.legacy_id] = order
        self.floor.accept(order, known, now)
        return order

    def update(self, order: Order, data: dict[str, Any], now: datetime) -> None:
        """Change an order that the floor is not done with; absent fields stay.

        Raises:
            ShipHeroError: It is shipped or cancelled.
        """
        _require_open(order, "updated")
        for name in _PLAIN:
            if name in data:
                setattr(order, name, data[name])
        for name in ("shipping_address", "billing_address"):
            getattr(order, name).merge(data.get(name) or {})
        order.extra |= {name: value for name, value in data.items() if name not in _HANDLED}
        order.updated_at = now

    def hold(self, order: Order, data: dict[str, Any], now: datetime) -> None:
        """Set or lift holds; the floor goes on when the last one is lifted.

        Raises:
            ShipHeroError: It is shipped or cancelled.
        """
        _require_open(order, "held")
        for name, value in _given(data).items():
            if name.endswith("_hold"):
                setattr(order.holds, name, value)
        order.updated_at = now
        if not order.holds.any:
            self.floor.retry(now)

    def cancel(self, order: Order, now: datetime) -> None:
        """Cancel what has not left.

        Raises:
            ShipHeroError: Everything has, or it is cancelled already.
        """
        _require_open(order, "canceled")
        self.floor.cancel(order, now)

    def remove(self, order: Order) -> None:
        """Forget an order, as support does on request; no call of the API can."""
        self.all.remove(order)
        del self._by_id[order.legacy_id]
        order.fulfillment_status = CANCELED
        for line in order.lines:
            line.quantity = line.quantity_shipped
            self.stock.release(line, order.updated_at)

    def _line(
        self, order: Order, item: dict[str, Any], known: Known | None, now: datetime
    ) -> LineItem:
        warehouse = self._warehouse(item, known)
        product = self.stock.product_of.get(item["sku"])
        return LineItem(
            legacy_id=next(self._line_ids),
            order_id=order.id,
            partner_line_item_id=item["partner_line_item_id"],
            sku=item["sku"],
            product_name=item.get("product_name") or (product.name if product else None),
            price=item["price"],
            quantity=item["quantity"],
            warehouse_id=warehouse.id,
            warehouse=warehouse.identifier,
            product=product,
            barcode=item.get("barcode") or (product.barcode if product else None),
            option_title=item.get("option_title"),
            eligible_for_return=item.get("eligible_for_return"),
            created_at=now,
            updated_at=now,
        )

    def _warehouse(self, item: dict[str, Any], known: Known | None) -> Warehouse:
        """Where a line is picked: where it was asked for, else where the world has it."""
        warehouses = self.stock.warehouses
        asked = item.get("warehouse_id")
        if asked:
            for warehouse in warehouses:
                if warehouse.id == asked:
                    return warehouse
            raise ShipHeroError("Warehouse not found", NOT_FOUND)
        place = known.places.get(item["sku"]) if known else None
        for warehouse in warehouses:
            if warehouse.location_id == place:
                return warehouse
        return warehouses[0]


def _check_lines(items: list[dict[str, Any]]) -> None:
    if not items:
        raise ShipHeroError("line_items: at least one line item is required", INVALID_INPUT)
    for item in items:
        if item["quantity"] < 1:
            raise ShipHeroError("quantity must be greater than 0", INVALID_INPUT)
        try:
            Decimal(item["price"])
        except InvalidOperation:
            raise ShipHeroError(f"Invalid price: {item['price']}", INVALID_INPUT) from None


def _require_open(order: Order, verb: str) -> None:
    if order.done:
        status = "canceled" if order.fulfillment_status == CANCELED else "fulfilled"
        raise ShipHeroError(f"Order is already {status} and can't be {verb}", NOT_ALLOWED)


def _given(data: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (data or {}).items() if value is not None}
