"""The schema, and how its root fields and connections are answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from sandbox.shiphero import listing
from sandbox.shiphero.credits import MAX_CREDITS, PER_SECOND
from sandbox.shiphero.errors import INVALID_INPUT, ShipHeroError
from sandbox.shiphero.paging import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphql import GraphQLResolveInfo

    from sandbox.core import Effects
    from sandbox.shiphero.credits import Credits
    from sandbox.shiphero.models import Entity, Order
    from sandbox.shiphero.orders import Orders

NAME = "shiphero"
_LISTS = ("InventoryChanges", "Orders", "Products", "Returns", "Shipments", "WarehouseProducts")


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
    for name in _LISTS:
        _bind(built, f"{name}QueryResult", {"data": _page})
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


def _page(parent: dict[str, Any], info: GraphQLResolveInfo[Any], **page: Any) -> Any:
    request: Request = info.context
    return connection(parent["data"], **page, style=request.orders.paging)


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
    "account": _single(listing.account),
    "inventory_changes": _many(listing.inventory_changes),
    "order": _single(listing.order),
    "orders": _many(listing.orders),
    "product": _single(listing.product),
    "products": _many(listing.products),
    "return": _single(listing.one_return),
    "returns": _many(listing.returns),
    "shipment": _single(listing.shipment),
    "shipments": _many(listing.shipments),
    "user_quota": _quota,
    "uuid": _single(listing.uuid),
    "warehouse_products": _many(listing.warehouse_products),
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
