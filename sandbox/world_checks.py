"""What makes no sense in a world, although each value by itself can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.world import World, WorldError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_INSTANCE = re.compile(r"[a-z][a-z0-9_]*")
_FINANCIAL = (
    *("AUTHORIZED", "EXPIRED", "PAID", "PARTIALLY_PAID"),
    *("PARTIALLY_REFUNDED", "PENDING", "REFUNDED", "VOIDED"),
)
_METHODS = ["LOCAL", "NONE", "PICKUP_POINT", "PICK_UP", "RETAIL", "SHIPPING"]


def check(world: World) -> None:
    """Look at everything that refers to something else or is one of a few words.

    Raises:
        WorldError: Something is not there, or is none of the known words.
    """
    if not world.locations:
        raise WorldError("locations.csv has no row", hint="a world has at least one location")
    _known_words(world)
    _known_references(world)
    for line in world.order_lines:
        if not 0 <= line.current <= line.quantity:
            raise WorldError(
                f"order_lines.csv, column quantity: order {line.order_id}, line "
                f"{line.line_number}: {line.current} of {line.quantity} makes no sense"
            )


def _known_references(world: World) -> None:
    orders = [(order, f"order {order.order_id}") for order in world.orders]
    lines = [(line, f"order {line.order_id}") for line in world.order_lines]
    stock = [(row, f"SKU {row.sku}") for row in world.inventory]
    places = world.location_of
    _refuse(
        "orders.csv", "customer_id", world.customer_of, ((o.customer_id, at) for o, at in orders)
    )
    _refuse("orders.csv", "location_id", places, ((o.location_id, at) for o, at in orders))
    _refuse("order_lines.csv", "location_id", places, ((x.location_id, at) for x, at in lines))
    _refuse("inventory.csv", "location_id", places, ((row.location_id, at) for row, at in stock))
    for line in world.order_lines:
        if (line.instance, line.order_id) not in world.order_of:
            raise WorldError(
                f"order_lines.csv, column order_id: orders.csv has no {line.order_id!r} "
                f"of instance {line.instance!r}"
            )


def _known_words(world: World) -> None:
    for order in world.orders:
        where = f"(of order {order.order_id})"
        if not _INSTANCE.fullmatch(order.instance):
            raise WorldError(
                f"orders.csv, column instance: {order.instance!r} {where} is no name",
                hint="write it in small letters, such as main",
            )
        for column, words in (("financial_status", _FINANCIAL), ("delivery_method", _METHODS)):
            value = getattr(order, column)
            if value.upper() not in words:
                raise WorldError(
                    f"orders.csv, column {column}: {value!r} {where} is not known",
                    hint=f"it is one of {', '.join(words)}",
                )


def _refuse(
    file: str, column: str, known: Container[str], used: Iterable[tuple[str | None, str]]
) -> None:
    for value, where in used:
        if value is not None and value not in known:
            raise WorldError(f"{file}, column {column}: {value!r} (of {where}) is not in the world")
