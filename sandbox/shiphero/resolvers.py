"""The schema, and how its root fields and connections are answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from sandbox.shiphero.credits import MAX_CREDITS, PER_SECOND
from sandbox.shiphero.errors import INVALID_INPUT, NOT_FOUND, ShipHeroError
from sandbox.shiphero.models import ACCOUNT_ID, Order, global_id, legacy_id
from sandbox.shiphero.paging import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphql import GraphQLResolveInfo

    from sandbox.core import Effects
    from sandbox.shiphero.credits import Credits
    from sandbox.shiphero.models import Entity, Shipment, WarehouseProduct
    from sandbox.shiphero.orders import Orders

NAME = "shiphero"


@dataclass
class Request:
    """What resolvers may use."""

    orders: Orders
    effects: Effects
    credits: Credits
    now: datetime
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex[:24])


def schema() -> GraphQLSchema:
    """Our subset of the vendor's schema, with its resolvers."""
    built = build_schema(Path(__file__).with_name("schema.graphql").read_text())
    _bind(built, "Query", QUERIES)
    _bind(built, "Mutation", MUTATIONS)
    _bind(built, "Order", {"line_items": _lines})
    _bind(built, "Shipment", {"line_items": _lines})
    for name in ("OrdersQueryResult", "ShipmentsQueryResult"):
        _bind(built, name, {"data": _page})
    for name in ("ProductsQueryResult", "WarehouseProductsQueryResult"):
        _bind(built, name, {"data": _page})
    moment = built.type_map["ISODateTime"]
    if isinstance(moment, GraphQLScalarType):
        moment.coerce_output_value = _write_time
        moment.coerce_input_value = _read_time
    return built


def _bind(built: GraphQLSchema, type_name: str, resolvers: dict[str, Any]) -> None:
    kind = built.type_map[type_name]
    if isinstance(kind, GraphQLObjectType):
        for name, resolve in resolvers.items():
            kind.fields[name].resolve = resolve


def _write_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")


def _read_time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ShipHeroError(f"Invalid date: {value}", INVALID_INPUT) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _lines(parent: Any, _info: GraphQLResolveInfo[Any], **page: Any) -> dict[str, Any]:
    return connection(parent.lines, **page)


def _page(parent: dict[str, Any], _info: GraphQLResolveInfo[Any], **page: Any) -> Any:
    return connection(parent["data"], **page)


def _many(select: Callable[..., Iterable[Entity]]) -> Any:
    """A root field that lists; nothing is read when it only analyzes."""

    def resolve(_root: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> dict[str, Any]:
        request: Request = info.context
        wanted = {
            name: value
            for name, value in arguments.items()
            if value is not None and name not in ("analyze", "customer_account_id")
        }
        nodes = [] if arguments.get("analyze") else list(select(request.orders, **wanted))
        return {"request_id": request.request_id, "complexity": 1, "data": nodes}

    return resolve


def _single(find: Callable[..., Any]) -> Any:
    """A root field that answers one record."""

    def resolve(_root: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> dict[str, Any]:
        request: Request = info.context
        data = None if arguments.pop("analyze", None) else find(request.orders, **arguments)
        return {"request_id": request.request_id, "complexity": 1, "data": data}

    return resolve


def _within(value: datetime, start: datetime | None, end: datetime | None) -> bool:
    # The API writes whole seconds; a filter by what it wrote must find the record again.
    whole = value.replace(microsecond=0)
    return (start is None or whole >= start) and (end is None or whole <= end)


def _orders(orders: Orders, **wanted: Any) -> Iterable[Order]:
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


def _shipments(
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


def _products(orders: Orders, has_kits: bool | None = None, **wanted: Any) -> Iterable[Any]:
    found = _stocked(orders.stock.products, **wanted)
    return found if has_kits is None else (p for p in found if p.kit == has_kits)


def _warehouse_products(orders: Orders, **wanted: Any) -> Iterable[WarehouseProduct]:
    return _stocked(orders.stock.rows, **wanted)


def _order(orders: Orders, id: str) -> Order:  # noqa: A002
    return orders.get(id)


def _shipment(orders: Orders, id: str | None = None) -> Shipment:  # noqa: A002
    wanted = legacy_id("Shipment", id)
    for shipment in orders.floor.shipments:
        if shipment.legacy_id == wanted:
            return shipment
    raise ShipHeroError("Shipment not found", NOT_FOUND)


def _product(orders: Orders, id: str | None = None, sku: str | None = None) -> Any:  # noqa: A002
    for product in orders.stock.products:
        if product.sku == sku or product.id == id:
            return product
    raise ShipHeroError("Product not found", NOT_FOUND)


def _account(orders: Orders) -> dict[str, Any]:
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


def _uuid(_orders: Orders, entity: str, legacy_id: int) -> dict[str, Any]:
    return {"id": global_id(entity, legacy_id), "legacy_id": legacy_id}


def _quota(_root: Any, info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
    request: Request = info.context
    return {
        "credits_remaining": request.credits.level(request.now),
        "max_available": MAX_CREDITS,
        "increment_rate": PER_SECOND,
        "is_expired": False,
    }


def _mutation(operation: str, act: Callable[[Request, dict[str, Any]], Order]) -> Any:
    def resolve(_root: Any, info: GraphQLResolveInfo[Any], data: dict[str, Any]) -> dict[str, Any]:
        request: Request = info.context
        order = act(request, data)
        request.effects.record(
            vendor=NAME,
            actor="api",
            object="order",
            id=order.id,
            external_id=order.partner_order_id,
            operation=operation,
            fields={name: value for name, value in data.items() if name != "order_id"},
            request_id=request.request_id,
        )
        return {"request_id": request.request_id, "complexity": 1, "order": order}

    return resolve


def _create(request: Request, data: dict[str, Any]) -> Order:
    return request.orders.create(data, request.now)


def _changed(change: Callable[[Orders, Order, dict[str, Any], datetime], None]) -> Any:
    def act(request: Request, data: dict[str, Any]) -> Order:
        order = request.orders.get(data["order_id"])
        change(request.orders, order, data, request.now)
        return order

    return act


QUERIES = {
    "account": _single(_account),
    "order": _single(_order),
    "orders": _many(_orders),
    "product": _single(_product),
    "products": _many(_products),
    "shipment": _single(_shipment),
    "shipments": _many(_shipments),
    "user_quota": _quota,
    "uuid": _single(_uuid),
    "warehouse_products": _many(_warehouse_products),
}
MUTATIONS = {
    "order_create": _mutation("create", _create),
    "order_update": _mutation(
        "update", _changed(lambda orders, order, data, now: orders.update(order, data, now))
    ),
    "order_cancel": _mutation(
        "cancel", _changed(lambda orders, order, _, now: orders.cancel(order, now))
    ),
    "order_update_holds": _mutation(
        "hold", _changed(lambda orders, order, data, now: orders.hold(order, data, now))
    ),
}
