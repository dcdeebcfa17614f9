"""Stock per product and warehouse, and which open lines it is allocated to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sandbox.shiphero.models import Product, Warehouse, WarehouseProduct

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.shiphero.models import LineItem, Order
    from sandbox.world import World


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
                dimensions={"weight": None if item.weight_g is None else str(item.weight_g)},
            )
            for n, item in enumerate(world.products)
        ]
        self.product_of = {product.sku: product for product in self.products}
        self.rows: list[WarehouseProduct] = []
        self._row_of: dict[tuple[str, str], WarehouseProduct] = {}
        self._open: dict[tuple[str, str], list[tuple[Order, LineItem]]] = defaultdict(list)
        self._fill(world, now)

    def _fill(self, world: World, now: datetime) -> None:
        start = world.start_stock()
        for warehouse in self.warehouses:
            for product in self.products:
                item = world.product_of[product.sku]
                row = WarehouseProduct(
                    legacy_id=900_001 + len(self.rows),
                    product=product,
                    warehouse=warehouse,
                    on_hand=start.get((warehouse.location_id, product.sku), 0),
                    reorder_level=item.reorder_point or 0,
                    created_at=now,
                    updated_at=now,
                )
                self.rows.append(row)
                self._row_of[warehouse.id, product.sku] = row
                product.warehouse_products.append(row)

    def row(self, warehouse_id: str, sku: str) -> WarehouseProduct | None:
        return self._row_of.get((warehouse_id, sku))

    def take_on(self, order: Order, line: LineItem, now: datetime) -> None:
        """Allocate what is free to a new line."""
        self._open[line.warehouse_id, line.sku].append((order, line))
        row = self.row(line.warehouse_id, line.sku)
        if row is None:
            return
        line.quantity_allocated = max(0, min(line.quantity, row.on_hand - row.allocated))
        self._sum(row, now)

    def can_ship(self, line: LineItem, *, allocated: bool) -> bool:
        """Whether a line's open units lie there; or, if asked, are allocated to it."""
        row = self.row(line.warehouse_id, line.sku)
        if row is None:
            return False
        return line.quantity_allocated >= line.open if allocated else row.on_hand >= line.open

    def ship(self, line: LineItem, now: datetime) -> int:
        """Take a line's open units off the shelf; answer how many."""
        row = self._row_of[line.warehouse_id, line.sku]
        quantity = line.open
        row.on_hand -= quantity
        line.quantity_shipped += quantity
        line.quantity_allocated = 0
        self.settle(row, now)
        return quantity

    def release(self, line: LineItem, now: datetime) -> None:
        """Give a cancelled line's stock to others."""
        line.quantity_allocated = 0
        row = self.row(line.warehouse_id, line.sku)
        if row:
            self.settle(row, now)

    def settle(self, row: WarehouseProduct, now: datetime) -> None:
        """Allocate anew, oldest line first, after stock came, went or was set free."""
        key = row.warehouse_id, row.sku
        self._open[key] = [pair for pair in self._open[key] if pair[1].open > 0]
        free = row.on_hand
        for order, line in self._open[key]:
            allocated = max(0, min(line.open, free))
            free -= allocated
            if allocated != line.quantity_allocated:
                line.quantity_allocated = allocated
                order.updated_at = line.updated_at = now
        self._sum(row, now)

    def _sum(self, row: WarehouseProduct, now: datetime) -> None:
        lines = [line for _, line in self._open[row.warehouse_id, row.sku]]
        row.allocated = sum(line.quantity_allocated for line in lines)
        row.backorder = sum(line.backorder_quantity for line in lines)
        row.updated_at = now
