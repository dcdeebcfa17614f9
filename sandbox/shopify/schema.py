"""The executable schema: our SDL, and resolvers where a record does not hold the answer itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    default_field_resolver,
    get_named_type,
)

from sandbox.shopify import lists
from sandbox.shopify.access import BLANK, FIELDS, PERSONAL, TYPES
from sandbox.shopify.computed import COMPUTED
from sandbox.shopify.ids import kind_of
from sandbox.shopify.resolvers import OWN, by_id
from sandbox.shopify.store import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    Info = GraphQLResolveInfo[Any]
    Resolve = Callable[..., Any]

_FOLDER = Path(__file__).parent
SDL = ("schema.graphql", "sales.graphql", "bulk.graphql", "codes.graphql")


@cache
def admin_schema() -> GraphQLSchema:
    """The schema with its resolvers."""
    schema = build_schema("\n".join((_FOLDER / name).read_text("utf-8") for name in SDL))
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = type_of
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, definition in kind.fields.items():
                answered = get_named_type(definition.type).name
                resolve = _resolver(kind.name, name, answered)
                definition.resolve = _guarded(kind.name, name, answered, resolve)
    return schema


def node_of(kind: str) -> str:
    """The type of a connection's items; any other type itself."""
    return kind.removesuffix("Connection")


def type_of(record: Record, *_: Any) -> str:
    """The type of a record where the schema leaves it open."""
    if "amount" in record:
        return "MoneyV2"
    return record.get("__typename") or kind_of(record["id"]) or ""


def _resolver(parent: str, name: str, kind: str) -> Resolve | None:
    own = OWN.get((parent, name))
    if own:
        return own
    compute = COMPUTED.get(parent, {}).get(name)
    if kind.endswith("Connection"):
        node = node_of(kind)
        return _root_list(node) if parent == "QueryRoot" else _nested_list(compute)
    if compute:
        return _computed(compute)
    if parent == "QueryRoot":
        return _count(name) if kind == "Count" else by_id
    return None


def _guarded(parent: str, name: str, kind: str, resolve: Resolve | None) -> Resolve | None:
    """Refuse what the token may not see, before anything is looked up."""
    node = node_of(kind)
    personal = name in PERSONAL.get(parent, ()) or (parent, name) in BLANK
    if node not in TYPES and (parent, name) not in FIELDS and not personal:
        return resolve
    answer = resolve or default_field_resolver
    blank = BLANK.get((parent, name))

    def guarded(record: Any, info: Info, **arguments: Any) -> Any:
        refusal = info.context.grant.refusal(parent, name, node)
        if refusal:
            raise refusal
        if blank is not None and not info.context.grant.personal:
            return blank
        return answer(record, info, **arguments)

    return guarded


def _computed(compute: Callable[[Record], Any]) -> Resolve:
    def resolve(record: Record, _: Info, first: int | None = None, **__: Any) -> Any:
        value = compute(record)
        return value if first is None else value[:first]

    return resolve


def _root_list(node: str) -> Resolve:
    def resolve(_: None, info: Info, **arguments: Any) -> Record:
        return lists.root(node, info, arguments)

    return resolve


def _nested_list(compute: Callable[[Record], Any] | None) -> Resolve:
    def resolve(parent: Record, info: Info, **arguments: Any) -> Record:
        records = compute(parent) if compute else parent[info.field_name]
        return lists.nested(parent, records, info, arguments)

    return resolve


def _count(name: str) -> Resolve:
    node = name[0].upper() + name[1:].removesuffix("sCount")

    def resolve(
        _: None,
        info: Info,
        limit: int | None = lists.COUNT_LIMIT,
        query: str | None = None,
        **__: Any,
    ) -> Record:
        return lists.count(node, info, limit, query)

    return resolve
