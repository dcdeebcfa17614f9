"""Lists of a shop: what a token may see of them, searched, sorted and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.shopify import filters
from sandbox.shopify.connections import Row, in_order, page
from sandbox.shopify.store import Record, stamp

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from sandbox.shopify.context import Context

    Info = GraphQLResolveInfo[Any]

NO_LONGER_OPEN = ("CLOSED", "CANCELLED")
# What a root list is sorted by unless the caller says otherwise; all others by id.
DEFAULT_SORT = {"orders": "PROCESSED_AT", "bulkOperations": "CREATED_AT"}
COUNT_LIMIT = 10_000
# How far back an app sees orders that may not see all of them.
RECENT = timedelta(days=60)
# A list inside a record that is worth keeping in order.
LONG = 1000
_PAGING = ("first", "last", "after", "before")


def root(node: str, info: Info, arguments: Record) -> Record:
    """A page of a list at the root."""
    if node == "BulkOperation":  # the newest first
        arguments["reverse"] = not arguments.get("reverse")
    rows = root_rows(node, info.field_name, info.context, arguments, info.path.as_list())
    return _cut(rows, arguments)


def root_rows(
    node: str, field: str, context: Context, arguments: Record, path: list[Any]
) -> list[Row]:
    """All rows of a list at the root, in order; kept until something in the shop changes."""
    sort_key = arguments.get("sortKey") or DEFAULT_SORT.get(field)
    closed = bool(arguments.get("includeClosed"))
    kinds = tuple(arguments.get("subjectTypes") or ())
    # Only the start of what may be seen depends on the time, and that is exact to the second.
    since = "" if _sees_all(context, node) else stamp(context.now - RECENT)
    query = arguments.get("query")

    def everything() -> list[Row]:
        records = context.store.all(node)
        if since:
            records = [r for r in records if r["createdAt"] >= since]
        if node == "FulfillmentOrder" and not closed:
            records = [r for r in records if r["status"] not in NO_LONGER_OPEN]
        if kinds:
            records = [r for r in records if r["subjectType"] in kinds]
        return in_order(records, sort_key)

    if node == "BulkOperation":  # they move on by themselves
        return found(everything(), query, context, path)
    key = (node, sort_key, closed, kinds, since)
    rows: list[Row] = context.store.kept(key, everything)
    if not query:
        return rows
    if filters.parse(query).unknown:  # each request is to be warned
        return found(rows, query, context, path)
    rows = context.store.kept((*key, query), lambda: found(rows, query, context, path))
    return rows


def nested(parent: Record, records: list[Record], info: Info, arguments: Record) -> Record:
    """A page of a list inside a record."""
    context, path, sort_key = info.context, info.path.as_list(), arguments.get("sortKey")
    if len(records) < LONG or "id" not in parent:
        rows = in_order(records, sort_key)
    else:
        key = (parent["id"], info.field_name, sort_key)
        rows = context.store.kept(key, lambda: in_order(records, sort_key))
    return _cut(found(rows, arguments.get("query"), context, path), arguments)


def count(node: str, info: Info, limit: int | None, query: str | None) -> Record:
    """How many records a root list has, up to a limit."""
    rows = root_rows(node, "", info.context, {"query": query}, info.path.as_list())
    number = len(rows)
    capped = limit is not None and number > limit
    return {"count": limit if capped else number, "precision": "AT_LEAST" if capped else "EXACT"}


def found(rows: list[Row], query: str | None, context: Context, path: list[Any]) -> list[Row]:
    """The rows that a search finds; fields that cannot be searched are warned of."""
    if not query:
        return rows
    search = filters.parse(query)
    if search.unknown:
        warnings = [
            {"field": name, "message": "Invalid search field for this query."}
            for name in search.unknown
        ]
        context.search_warnings.append({"path": path, "query": query, "warnings": warnings})
    return [row for row in rows if search.matches(row[1])]


def _sees_all(context: Context, node: str) -> bool:
    return node != "Order" or "read_all_orders" in context.grant.scopes


def _cut(rows: list[Row], arguments: Record) -> Record:
    paging = {name: arguments[name] for name in _PAGING if name in arguments}
    return page(rows, **paging, reverse=bool(arguments.get("reverse")))
