"""New records: `"create": {...}` with the names of a world's columns; an order has `lines`."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError, iso
from sandbox.world import Customer, Order, OrderLine, Product, World, WorldError
from sandbox.world_checks import check
from sandbox.world_files import parse, required

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime


def read(world: World, instance: str, content: Any, now: datetime) -> tuple[Order, list[OrderLine]]:
    """Read an order that is placed now; id, time and currency need not be said.

    Raises:
        EditError: It cannot be placed so.
    """
    if not isinstance(content, dict) or not isinstance(content.get("lines"), list):
        raise EditError('write {"create": {"customer_id": ..., "lines": [{"sku": ...}]}}')
    usual = {"order_id": _next_id(world, instance), "placed_at": iso(now), "currency": "USD"}
    own = {name: value for name, value in content.items() if name != "lines"}
    order = _record(Order, {**usual, **own, "instance": instance}, "order")
    lines = [
        _record(
            OrderLine,
            {
                "quantity": 1,
                "unit_price": 0,
                **line,
                "order_id": order.order_id,
                "line_number": number,
                "instance": instance,
            },
            f"line {number}",
        )
        for number, line in enumerate(content["lines"], start=1)
    ]
    _check(world, order, lines)
    return order, lines


def read_customer(world: World, content: Any) -> Customer:
    """Read a customer who is new to the world; the id need not be said.

    Raises:
        EditError: There is such a customer already, or a column makes no sense.
    """
    numbers = [int(each) for each in world.customer_of if each.isdigit()]
    usual = {"customer_id": str(max(numbers, default=0) + 1)}
    customer: Customer = _record(Customer, {**usual, **_object(content)}, "customer")
    if customer.customer_id in world.customer_of:
        raise EditError(f"there is a customer {customer.customer_id!r} already")
    return customer


def read_product(known: Container[str], content: Any) -> Product:
    """Read a product that the shop does not sell yet.

    Raises:
        EditError: It does, or a column makes no sense.
    """
    product: Product = _record(Product, _object(content), "product")
    if product.sku in known:
        raise EditError(f"there is a product {product.sku!r} already")
    return product


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise EditError('write {"create": {"name of a column": ...}}')
    return content


def _record(kind: type, content: dict[str, Any], where: str) -> Any:
    unknown = set(content) - {field.name for field in fields(kind)}
    if unknown:
        raise EditError(f"{where}: there is no column {sorted(unknown)[0]!r}")
    texts = {name: "" if value is None else str(value) for name, value in content.items()}
    for name in required(kind):
        if name not in texts and name != "sku":
            raise EditError(f"{where}: {name} is missing")
    try:
        return parse(kind, ({"sku": ""} if kind is OrderLine else {}) | texts, where)
    except WorldError as error:
        raise EditError(error.message) from error


def _check(world: World, order: Order, lines: list[OrderLine]) -> None:
    if order.key in world.order_of:
        raise EditError(f"there is an order {order.order_id!r} already")
    try:
        check(replace(world, orders=[order], order_lines=lines))
    except WorldError as error:
        raise EditError(error.message) from error


def _next_id(world: World, instance: str) -> str:
    numbers = [int(i) for shop, i in world.order_of if shop == instance and i.isdigit()]
    return str(max(numbers, default=1000) + 1)
