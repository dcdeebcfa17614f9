"""What the root fields of the API find, and by which filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shiphero.errors import NOT_FOUND, ShipHeroError
from sandbox.shiphero.models import ACCOUNT_ID, global_id, legacy_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sandbox.shiphero.catalogue import InventoryChange, WarehouseProduct
    from sandbox.shiphero.models import Order, Shipment
    from sandbox.shiphero.orders import Orders
    from sandbox.shiphero.returns import Return


def _within(value: datetime, start: datetime | None, end: datetime | None) -> bool:
    # The API writes whole seconds; a filter by what it wrote must find the record again.
    whole = value.replace(microsecond=0)
    return (start is None or whole >= start) and (end is None or whole <= end)


def orders(orders: Orders, **wanted: Any) -> Iterable[Order]:
    spans = {
        name: (wanted.pop(f"{name}_from", None), wanted.pop(f"{name}_to", None))
        for name in ("updated", "order_date")
    }
    sku = wanted.pop("sku", None)
    places = {wanted.pop("warehouse_id", None), wanted.pop("allocated_warehouse_id", None)}
    places.discard(None)
    holds = {name: wanted.pop(name) for name in list(wanted) if name.endswith("_hold")}
    for order in orders.all:
        if (
            all(getattr(order, name) == value for name, value in wanted.items())
            and all(getattr(order.holds, name) == value for name, value in holds.items())
            and _within(order.updated_at, *spans["updated"])
            and _within(order.order_date, *spans["order_date"])
            and (sku is None or any(line.sku == sku for line in order.lines))
            and all(any(line.warehouse_id == p for line in order.lines) for p in places)
        ):
            yield order


def shipments(
    orders: Orders,
    date_from: datetime | None = None,
    date_to: datetime | None = None,
    order_date_from: datetime | None = None,
    order_date_to: datetime | None = None,
    order_id: str | None = None,
    tracking_number: str | None = None,
) -> Iterable[Shipment]:
    for shipment in orders.floor.shipments:
        numbers = [label.tracking_number for label in shipment.shipping_labels]
        if (
            _within(shipment.created_date, date_from, date_to)
            and _within(shipment.order.order_date, order_date_from, order_date_to)
            and (order_id is None or shipment.order_id == order_id)
            and (tracking_number is None or tracking_number in numbers)
        ):
            yield shipment


def _stocked(rows: Iterable[Any], **wanted: Any) -> Iterable[Any]:
    spans = {
        name: (wanted.pop(f"{name}_from", None), wanted.pop(f"{name}_to", None))
        for name in ("updated", "created")
    }
    for row in rows:
        if (
            all(getattr(row, name) == value for name, value in wanted.items())
            and _within(row.updated_at, *spans["updated"])
            and _within(row.created_at, *spans["created"])
        ):
            yield row


def products(orders: Orders, has_kits: bool | None = None, **wanted: Any) -> Iterable[Any]:
    found = _stocked(orders.stock.products, **wanted)
    return found if has_kits is None else (p for p in found if p.kit == has_kits)


def warehouse_products(orders: Orders, **wanted: Any) -> Iterable[WarehouseProduct]:
    return _stocked(orders.stock.rows, **wanted)


def order(orders: Orders, id: str) -> Order:  # noqa: A002
    return orders.get(id)


def shipment(orders: Orders, id: str | None = None) -> Shipment:  # noqa: A002
    wanted = legacy_id("Shipment", id)
    for shipment in orders.floor.shipments:
        if shipment.legacy_id == wanted:
            return shipment
    raise ShipHeroError("Shipment not found", NOT_FOUND)


def product(orders: Orders, id: str | None = None, sku: str | None = None) -> Any:  # noqa: A002
    for product in orders.stock.products:
        if product.sku == sku or product.id == id:
            return product
    raise ShipHeroError("Product not found", NOT_FOUND)


def account(orders: Orders) -> dict[str, Any]:
    return {
        "id": ACCOUNT_ID,
        "legacy_id": legacy_id("Account", ACCOUNT_ID),
        "email": "sandbox@crossdock.test",
        "username": "sandbox",
        "status": "active",
        "is_3pl": False,
        "is_multi_warehouse": len(orders.stock.warehouses) > 1,
        "ship_backorders": False,
        "warehouses": orders.stock.warehouses,
    }


def uuid(_orders: Orders, entity: str, legacy_id: int) -> dict[str, Any]:
    return {"id": global_id(entity, legacy_id), "legacy_id": legacy_id}


def inventory_changes(
    orders: Orders,
    date_from: datetime | None = None,
    date_to: datetime | None = None,
    location_name: str | None = None,
    **wanted: Any,
) -> Iterable[InventoryChange]:
    for change in orders.stock.changes:
        if (
            _within(change.created_at, date_from, date_to)
            and location_name in (None, change.location.name)
            and all(getattr(change, name) == value for name, value in wanted.items())
        ):
            yield change


def returns(
    orders: Orders,
    date_from: datetime | None = None,
    date_to: datetime | None = None,
    order_id: str | None = None,
    warehouse_id: str | None = None,
) -> Iterable[Return]:
    for found in orders.returns.all:
        places = {line.warehouse_id for line in found.line_items}
        if (
            _within(found.created_at, date_from, date_to)
            and order_id in (None, found.order_id)
            and (warehouse_id is None or warehouse_id in places)
        ):
            yield found


def one_return(orders: Orders, id: str) -> Return:  # noqa: A002
    return orders.returns.get(id)
