"""The executable schema: our SDL, and resolvers where a record does not hold the answer itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from sandbox.shopify import catalog, filters
from sandbox.shopify.auth import SCOPES
from sandbox.shopify.connections import page
from sandbox.shopify.ids import gid, kind_of
from sandbox.shopify.store import Record, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Info = GraphQLResolveInfo[Any]

_FOLDER = Path(__file__).parent
SDL = ("schema.graphql", "codes.graphql")
NO_LONGER_OPEN = ("CLOSED", "CANCELLED")
# What a root list is sorted by unless the caller says otherwise; all others by id.
DEFAULT_SORT = {"orders": "PROCESSED_AT"}
COUNT_LIMIT = 10_000


@dataclass
class Context:
    """What resolvers share during one request."""

    store: Store
    search_warnings: list[Record] = field(default_factory=list)


@cache
def admin_schema() -> GraphQLSchema:
    """The schema with its resolvers."""
    schema = build_schema("\n".join((_FOLDER / name).read_text("utf-8") for name in SDL))
    query = schema.query_type
    assert query is not None  # noqa: S101 - the SDL has one
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = _type_of
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, definition in kind.fields.items():
                definition.resolve = _resolver(kind, name, get_named_type(definition.type).name)
    return schema


def _resolver(parent: GraphQLObjectType, name: str, kind: str) -> Callable[..., Any] | None:
    own = _OWN.get((parent.name, name))
    if own:
        return own
    if kind.endswith("Connection"):
        node = kind.removesuffix("Connection")
        return _root_list(node) if parent.name == "QueryRoot" else _nested_list
    if parent.name == "QueryRoot":
        return _count(name) if kind == "Count" else _by_id
    return None


def _type_of(record: Record, _: Info, __: Any) -> str:
    return kind_of(record["id"]) or ""


def _root_list(node: str) -> Callable[..., Record]:
    def resolve(_: None, info: Info, **arguments: Any) -> Record:
        records = info.context.store.all(node)
        if node == "FulfillmentOrder" and not arguments.pop("includeClosed", False):
            records = [r for r in records if r["status"] not in NO_LONGER_OPEN]
        sort_key = arguments.pop("sortKey", None) or DEFAULT_SORT.get(info.field_name)
        return _page(records, info, sort_key, arguments)

    return resolve


def _nested_list(parent: Record, info: Info, **arguments: Any) -> Record:
    records = parent[info.field_name]
    return _page(records, info, arguments.pop("sortKey", None), arguments)


def _page(records: list[Record], info: Info, sort_key: str | None, arguments: Record) -> Record:
    found = _search(records, info, arguments.get("query"))
    paging = {k: v for k, v in arguments.items() if k in ("first", "last", "after", "before")}
    return page(found, **paging, sort_key=sort_key, reverse=bool(arguments.get("reverse")))


def _search(records: list[Record], info: Info, query: str | None) -> list[Record]:
    if not query:
        return records
    search = filters.parse(query)
    if search.unknown:
        warnings = [
            {"field": name, "message": "Invalid search field for this query."}
            for name in search.unknown
        ]
        info.context.search_warnings.append(
            {"path": info.path.as_list(), "query": query, "warnings": warnings}
        )
    return [record for record in records if search.matches(record)]


def _count(name: str) -> Callable[..., Record]:
    node = name.removesuffix("sCount").title()

    def resolve(
        _: None,
        info: Info,
        limit: int | None = COUNT_LIMIT,
        query: str | None = None,
        **__: Any,
    ) -> Record:
        number = len(_search(info.context.store.all(node), info, query))
        capped = limit is not None and number > limit
        return {
            "count": limit if capped else number,
            "precision": "AT_LEAST" if capped else "EXACT",
        }

    return resolve


def _by_id(_: None, info: Info, id: str | None = None) -> Record | None:  # noqa: A002
    store: Store = info.context.store
    wanted = get_named_type(info.return_type).name
    if id is None:
        return next(iter(store.all(wanted)), None)
    if kind_of(id) is None:
        raise GraphQLError(
            f"Invalid global id '{id}'", extensions={"code": "argumentLiteralsIncompatible"}
        )
    return store.get(id) if wanted in ("Node", kind_of(id)) else None


def _nodes(_: None, info: Info, ids: list[str]) -> list[Record | None]:
    return [info.context.store.get(each) for each in ids]


def _quantities(level: Record, info: Info, names: list[str]) -> list[Record]:
    try:
        return catalog.quantities(info.context.store, level, names)
    except KeyError as error:
        raise GraphQLError(f"The quantity name {error.args[0]!r} is not valid.") from None


def _level_of_item(item: Record, _: Info, locationId: str, **__: Any) -> Any:  # noqa: N803
    return next((v for v in item["inventoryLevels"] if v["location"]["id"] == locationId), None)


def _level_of_location(
    location: Record,
    _: Info,
    inventoryItemId: str,  # noqa: N803
    **__: Any,
) -> Any:
    return next(
        (v for v in location["inventoryLevels"] if v["item"]["id"] == inventoryItemId), None
    )


def _first_of(record: Record, info: Info, first: int | None = None, **_: Any) -> Any:
    return record[info.field_name][:first]


def _app_installation(_: None, __: Info) -> Record:
    return {
        "id": gid("AppInstallation", 1),
        "app": {"id": gid("App", 1), "title": "Sandbox", "handle": "sandbox"},
        "accessScopes": [{"handle": scope, "description": scope} for scope in SCOPES],
    }


_OWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("QueryRoot", "currentAppInstallation"): _app_installation,
    ("QueryRoot", "nodes"): _nodes,
    ("QueryRoot", "shop"): lambda _, info: info.context.store.shop,
    ("InventoryLevel", "quantities"): _quantities,
    ("InventoryItem", "inventoryLevel"): _level_of_item,
    ("Location", "inventoryLevel"): _level_of_location,
    ("Order", "fulfillments"): _first_of,
    ("Fulfillment", "trackingInfo"): _first_of,
    ("Customer", "numberOfOrders"): lambda customer, _: str(len(customer["orders"])),
}
