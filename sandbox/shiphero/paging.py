"""Relay connections over plain lists."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.errors import INVALID_INPUT, ShipHeroError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.shiphero.models import Entity

DEFAULT_PAGE = 100
_MARK = "arrayconnection:"


@dataclass
class Paging:
    """How the lists at the root are paged. What the vendor does is not documented.

    Attributes:
        positions: A cursor is a position also without `sort`, so that pages shift when records
            enter or leave the list while it is read.
        order: The order without `sort`, written as `sort` is; None: by age.
    """

    positions: bool = False
    order: str | None = None


BY_AGE = Paging()


def connection(
    nodes: Sequence[Entity],
    first: int | None = None,
    after: str | None = None,
    sort: str | None = None,
    style: Paging = BY_AGE,
) -> dict[str, Any]:
    """One page of nodes.

    In the usual order (by age) a cursor names its node, so that records which enter or leave the
    list between two pages neither hide nor repeat others. With `sort` it is a position.
    """
    if first is not None and first < 0:
        raise ShipHeroError("first must not be negative", INVALID_INPUT)
    keys = [node.legacy_id for node in nodes]
    if sort or _sortable(nodes, style.order):
        nodes = _sorted(nodes, sort or style.order or "")
    if sort or style.positions:
        keys = list(range(len(nodes)))
    seen = _number(after) if after else -1
    rest = [(key, node) for key, node in zip(keys, nodes, strict=True) if key > seen]
    page = rest[: DEFAULT_PAGE if first is None else first]
    edges = [{"cursor": _cursor(key), "node": node} for key, node in page]
    return {
        "edges": edges,
        "total_count": len(nodes),
        "pageInfo": {
            "hasNextPage": len(rest) > len(page),
            "hasPreviousPage": len(rest) < len(nodes),
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _sortable(nodes: Sequence[Entity], order: str | None) -> bool:
    return bool(order) and all(hasattr(node, str(order).lstrip("-")) for node in nodes)


def _sorted(nodes: Sequence[Entity], sort: str) -> list[Entity]:
    name = sort.lstrip("-")
    if not name.isidentifier() or any(not hasattr(node, name) for node in nodes):
        raise ShipHeroError(f"Invalid sort: {sort}", INVALID_INPUT)

    def key(node: Entity) -> tuple[bool, Any]:
        value = getattr(node, name)
        return value is not None, value

    return sorted(nodes, key=key, reverse=sort.startswith("-"))


def _cursor(key: int) -> str:
    return b64encode(f"{_MARK}{key}".encode()).decode()


def _number(cursor: str) -> int:
    try:
        text = b64decode(cursor, validate=True).decode()
        return int(text.removeprefix(_MARK))
    except ValueError:
        raise ShipHeroError(f"Invalid cursor: {cursor}", INVALID_INPUT) from None
