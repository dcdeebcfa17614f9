"""Relay connections: sorted by a key and the id, cut by opaque cursors that hold both.

A cursor marks a place in the order, not a position in a list: a record whose sort value
changes while somebody pages moves, as it does in the shop.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLError

from sandbox.shopify.ids import numbers_of
from sandbox.shopify.store import Record

MAX_PAGE = 250
Place = tuple[Any, list[int]]
Row = tuple[Place, Record]

SORT_FIELDS = {
    "COMPLETED_AT": "completedAt",
    "CREATED_AT": "createdAt",
    "HAPPENED_AT": "happenedAt",
    "PROCESSED_AT": "processedAt",
    "UPDATED_AT": "updatedAt",
    "TITLE": "title",
    "NAME": "name",
    "SKU": "sku",
    "ORDER_NUMBER": "number",
}


def in_order(records: Iterable[Record], sort_key: str | None) -> list[Row]:
    """Records with their places, ascending."""
    place = _placer(sort_key)
    return sorted(((place(record), record) for record in records), key=_where)


def page(
    rows: list[Row],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    reverse: bool = False,
) -> Record:
    """One page of rows that are in order.

    Raises:
        GraphQLError: Neither or both of `first` and `last`, a size over 250, or a bad cursor.
    """
    size = _size(first, last)
    low, high = (_decode(before), _decode(after)) if reverse else (_decode(after), _decode(before))
    start = 0 if low is None else bisect_right(rows, low, key=_where)
    end = len(rows) if high is None else bisect_left(rows, high, key=_where)
    if (last is None) != reverse:
        end = max(start, min(end, start + size))
    else:
        start = max(start, end - size)
    shown = rows[start:end]
    below, above = bool(shown) and start > 0, bool(shown) and end < len(rows)
    if reverse:
        shown = shown[::-1]
        below, above = above, below
    edges = [{"cursor": _encode(where), "node": record} for where, record in shown]
    return {
        "nodes": [record for _, record in shown],
        "edges": edges,
        "pageInfo": {
            "hasNextPage": above,
            "hasPreviousPage": below,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _where(row: Row) -> Place:
    return row[0]


def _size(first: int | None, last: int | None) -> int:
    if first is None and last is None:
        raise GraphQLError("you must provide one of first or last")
    if first is not None and last is not None:
        raise GraphQLError("providing both first and last is not supported")
    name, size = ("first", first) if first is not None else ("last", last)
    assert size is not None  # noqa: S101 - one of the two is given
    if not 0 <= size <= MAX_PAGE:
        raise GraphQLError(f"{name} must be between 0 and {MAX_PAGE}")
    return size


def _placer(sort_key: str | None) -> Callable[[Record], Place]:
    field = SORT_FIELDS.get(sort_key or "")

    def place(record: Record) -> Place:
        value = record.get(field) if field else None
        return (value if value is not None else "", numbers_of(record["id"]))

    return place


def _encode(where: Place) -> str:
    value, ids = where
    text = json.dumps({"last_id": ids, "last_value": value}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor))
        return content["last_value"], content["last_id"]
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise GraphQLError(f"Invalid cursor for current pagination sort: {cursor}.") from None
