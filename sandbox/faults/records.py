"""Finds the records of an answer, in GraphQL and in REST, and breaks them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.faults.rules import Rule

NEW_FIELD = "field_of_next_year"
NEW_VALUE = {"because": "the vendor can", "numbers": [1, 2.5], "text": "ü"}
_NOT_RECORDS = ("errors", "messages")


def holds_records(body: Any) -> bool:
    """Whether an answer is a page of records, or one record."""
    return any(True for _ in _records(body))


def broken(body: Any, rule: Rule) -> Any | None:
    """The answer as the rule breaks it; None if it holds nothing that can break so."""
    body = copy.deepcopy(body)
    if rule.kind == "doubled":
        lists = [rows for rows in _lists(body) if rows]
        for rows in lists:
            rows.insert(1, copy.deepcopy(rows[0]))
        return body if lists else None
    changed = False
    for record in _records(body):
        if rule.kind == "new_field":
            # GraphQL gives what was asked for, so a field more would be no fault of a vendor's.
            changed |= not is_graphql(body)
            record[NEW_FIELD] = NEW_VALUE
        else:
            changed |= _without(record, rule.names, null=is_graphql(body))
    return body if changed else None


def is_graphql(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("data"), dict)


def _lists(body: Any) -> Iterator[list[Any]]:
    """The pages in an answer: lists of records, never the lists inside a record."""
    if is_graphql(body):
        for field in body["data"].values():
            inner = field.get("data", field) if isinstance(field, dict) else {}
            found = inner if isinstance(inner, dict) else {}
            yield from (found[key] for key in ("edges", "nodes") if _is_page(found.get(key)))
    elif isinstance(body, dict) and "id" not in body:
        yield from (
            rows for key, rows in body.items() if key not in _NOT_RECORDS and _is_page(rows)
        )
    elif _is_page(body):
        yield body


def _records(body: Any) -> Iterator[dict[str, Any]]:
    for rows in _lists(body):
        for row in rows:
            inner = row.get("node", row)
            yield inner if isinstance(inner, dict) else row
    if isinstance(body, dict) and "id" in body:
        yield body


def _is_page(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _without(record: dict[str, Any], names: set[str], *, null: bool) -> bool:
    """Take fields out of a record, also out of HubSpot's `properties`."""
    inner = record.get("properties")
    gone = False
    for place in (record, inner if isinstance(inner, dict) else {}):
        for name in names.intersection(place):
            gone = True
            if null:
                place[name] = None
            else:
                del place[name]
    return gone
