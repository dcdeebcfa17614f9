"""A new order: `"create": {..., "lines": [...]}`, with the names of a world's columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError, iso
from sandbox.world import Order, OrderLine, World, WorldError
from sandbox.world_checks import check
from sandbox.world_files import parse, required

if TYPE_CHECKING:
    from datetime import datetime


def read(world: World, instance: str, content: Any, now: datetime) -> tuple[Order, list[OrderLine]]:
    """Read an order that is placed now; id, time and currency need not be said.

    Raises:
        EditError: It cannot be placed so.
    """
    if not isinstance(content, dict) or not isinstance(content.get("lines"), list):
        raise EditError('write {"create": {"customer_id": ..., "lines": [{"sku": ...}]}}')
    usual = {"order_id": _next_id(world, instance), "placed_at": iso(now), "currency": "USD"}
    order = _record(Order, {**usual, **content, "instance": instance}, "order")
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


def _record(kind: type, content: dict[str, Any], where: str) -> Any:
    texts = {name: "" if value is None else str(value) for name, value in content.items()}
    for name in required(kind):
        if name not in texts and name != "sku":
            raise EditError(f"{where}: {name} is missing")
    try:
        return parse(kind, {"sku": ""} | texts, where)
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
