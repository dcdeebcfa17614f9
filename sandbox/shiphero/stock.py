"""Stock per product and warehouse, and which open lines it is allocated to."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.catalogue import (
    InventoryChange,
    Location,
    Product,
    Warehouse,
    WarehouseProduct,
)
from sandbox.shiphero.models import global_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.shiphero.models import LineItem, Order
    from sandbox.world import World

PICKER = global_id("User", 601)
CLERK = global_id("User", 602)
_GRAMS = Decimal("28.349523125")  # in an ounce


class Stock:
    """The catalogue and its stock.

    An open line holds what is allocated to it, in the order of acceptance; what is missing is
    its backorder. Both are kept as sums per product and warehouse, too.
    """

    def __init__(self, world: World, now: datetime) -> None:
        places = [place for place in world.locations if place.wms]
        self.warehouses = [
            Warehouse(legacy_id=80_001 + n, identifier=place.name, location_id=place.location_id)
            for n, place in enumerate(places)
        ]
        self.products = [
            Product(
                legacy_id=500_001 + n,
                sku=item.sku,
                name=item.title,
                barcode=item.upc,
                price=str(item.unit_price),
                active=True,
                created_at=now,
                updated_at=now,
                dimensions={"weight": _ounces(item.weight_g)},
            )
            for n, item in enumerate(world.products)
        ]
        self.product_of = {product.sku: product for product in self.products}
        self.rows: list[WarehouseProduct] = []
        self.changes: list[InventoryChange] = []
        self._change_ids = count(7_000_001)
        self._row_ids = count(900_001)
        self._row_of: dict[tuple[str, str], WarehouseProduct] = {}
        self._open: dict[tuple[str, str], list[tuple[Order, LineItem]]] = defaultdict(list)
        self._fill(world, now)

    def _fill(self, world: World, now: datetime) -> None:
        start = world.start_stock()
        for warehouse in self.warehouses:
            for product in self.products:
                item = world.product_of[product.sku]
                on_hand = start.get((warehouse.location_id, product.sku), 0)
                self._place(product, warehouse, on_hand, item.reorder_point or 0, now)

    def _place(
        self, product: Product, warehouse: Warehouse, on_hand: int, reorder: int, now: datetime
    ) -> None:
        number = next(self._row_ids)
        row = WarehouseProduct(
            legacy_id=number,
            product=product,
            warehouse=warehouse,
            on_hand=on_hand,
            reorder_level=reorder,
            created_at=now,
            updated_at=now,
            location=Location(
                legacy_id=number, name=f"A-{number % 100_000:05}", warehouse_id=warehouse.id
            ),
        )
        self.rows.append(row)
        self._row_of[warehouse.id, product.sku] = row
        product.warehouse_products.append(row)

    def add(self, values: dict[str, Any], now: datetime) -> Product:
        """Take a product into the catalogue, without stock, in every warehouse."""
        product = Product(
            legacy_id=max((known.legacy_id for known in self.products), default=500_000) + 1,
            sku=values["sku"],
            name=values.get("name"),
            barcode=values.get("barcode"),
            price=str(values.get("price", "0.00")),
            active=True,
            created_at=now,
            updated_at=now,
            dimensions={"weight": None},
        )
        self.products.append(product)
        self.product_of[product.sku] = product
        for warehouse in self.warehouses:
            self._place(product, warehouse, 0, 0, now)
        return product

    def remove(self, row: WarehouseProduct) -> None:
        """Forget a product in one warehouse."""
        self.rows.remove(row)
        row.product.warehouse_products.remove(row)
        del self._row_of[row.warehouse_id, row.sku]

    def remove_product(self, product: Product) -> None:
        """Forget a product everywhere; what was ordered of it stays."""
        for row in list(product.warehouse_products):
            self.remove(row)
        self.products.remove(product)
        del self.product_of[product.sku]

    def row(self, warehouse_id: str, sku: str) -> WarehouseProduct | None:
        return self._row_of.get((warehouse_id, sku))

    def take_on(self, order: Order, line: LineItem, now: datetime) -> None:
        """Allocate what is free to a new line."""
        self._open[line.warehouse_id, line.sku].append((order, line))
        row = self.row(line.warehouse_id, line.sku)
        if row is None:
            return
        line.allocate(max(0, min(line.quantity, row.on_hand - row.allocated)), now)
        self._sum(row, now)

    def can_ship(self, line: LineItem, *, allocated: bool) -> bool:
        """Whether a line's open units lie there; or, if asked, are allocated to it."""
        row = self.row(line.warehouse_id, line.sku)
        if row is None:
            return False
        return line.quantity_allocated >= line.open if allocated else row.on_hand >= line.open

    def ship(self, order: Order, line: LineItem, now: datetime) -> int:
        """Take a line's open units off the shelf; answer how many."""
        row = self._row_of[line.warehouse_id, line.sku]
        quantity = line.open
        self._change(row, -quantity, f"Order {order.order_number} shipped", PICKER, now)
        line.quantity_shipped += quantity
        line.quantity_allocated = 0
        self.settle(row, now)
        return quantity

    def adjust(self, row: WarehouseProduct, change: int, reason: str, now: datetime) -> None:
        """Let somebody put units on the shelf or take them off, and allocate anew."""
        self._change(row, change, reason, CLERK, now)
        self.settle(row, now)

    def release(self, line: LineItem, now: datetime) -> None:
        """Give a cancelled line's stock to others."""
        line.quantity_allocated = 0
        row = self.row(line.warehouse_id, line.sku)
        if row:
            self.settle(row, now)

    def settle(self, row: WarehouseProduct, now: datetime) -> None:
        """Allocate anew, oldest line first, after stock came, went or was set free."""
        key = _key(row)
        self._open[key] = [pair for pair in self._open[key] if pair[1].open > 0]
        free = row.on_hand
        for order, line in self._open[key]:
            allocated = max(0, min(line.open, free))
            free -= allocated
            if allocated != line.quantity_allocated:
                line.allocate(allocated, now)
                order.updated_at = line.updated_at = now
        self._sum(row, now)

    def _sum(self, row: WarehouseProduct, now: datetime) -> None:
        lines = [line for _, line in self._open[_key(row)]]
        row.allocated = sum(line.quantity_allocated for line in lines)
        row.backorder = sum(line.backorder_quantity for line in lines)
        row.updated_at = now

    def _change(
        self, row: WarehouseProduct, change: int, reason: str, user_id: str, now: datetime
    ) -> None:
        if not change:
            return
        entry = InventoryChange(
            legacy_id=next(self._change_ids),
            product=row.product,
            location=row.location,
            warehouse_id=row.warehouse_id,
            previous_on_hand=row.on_hand,
            change_in_on_hand=change,
            reason=reason,
            user_id=user_id,
            created_at=now,
        )
        self.changes.append(entry)
        row.on_hand += change


def _key(row: WarehouseProduct) -> tuple[str, str]:
    return row.warehouse_id, row.sku


def _ounces(grams: Decimal | None) -> str | None:
    """A weight in the unit that an account has unless somebody changed it."""
    return None if grams is None else str(round(grams / _GRAMS, 6))
