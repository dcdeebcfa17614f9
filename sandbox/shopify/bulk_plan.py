"""A bulk query made into plain calls, so that 100,000 records take seconds.

Answers the same as the executor of single queries; the lists of a record are cut out of it and
follow as records of their own, whole and with `__parentId`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import FieldNode, GraphQLSchema, get_named_type, is_abstract_type, is_leaf_type
from graphql.execution.values import get_argument_values

from sandbox.shopify import lists
from sandbox.shopify.access import BLANK
from sandbox.shopify.bulk_query import Bulk, Selected
from sandbox.shopify.computed import COMPUTED
from sandbox.shopify.connections import in_order
from sandbox.shopify.context import Context
from sandbox.shopify.resolvers import OWN
from sandbox.shopify.schema import node_of, type_of
from sandbox.shopify.store import Record

CHUNK = 100
Get = Callable[[Any], Any]
Line = tuple[Record, bool]


class Denied(Exception):  # noqa: N818
    """The token may not see a field that the query asks for."""


@dataclass
class Shape:
    """What is asked of one type of object.

    Attributes:
        fields: Name in the answer, and how to get its value.
        children: The lists below it: how to get their records, and the shape of these.
    """

    fields: list[tuple[str, Get]] = field(default_factory=list)
    children: list[tuple[Get, Shaper]] = field(default_factory=list)

    def of(self, record: Any) -> Record:
        """The record's own fields."""
        return {name: get(record) for name, get in self.fields}


Shaper = Callable[[Any], Shape]


class Plan:
    """How to answer one bulk query."""

    def __init__(self, schema: GraphQLSchema, bulk: Bulk, context: Context) -> None:
        self._schema = schema
        self._bulk = bulk
        self._context = context
        self._roots = [self._root(node) for _, node in bulk.selected(bulk.operation.selection_set)]

    def chunks(self, grouped: bool) -> Iterator[Iterator[Line]]:
        """The objects of the answer, some at a time; each says whether it stands at the root."""
        for records, shaper in self._roots:
            found = records()
            for start in range(0, len(found), CHUNK):
                some = [r for r in found[start : start + CHUNK] if not r.get("_gone")]
                yield _by_parent(some, shaper) if grouped else _by_level(some, shaper)

    def _root(self, node: FieldNode) -> tuple[Callable[[], list[Record]], Shaper]:
        root: Any = self._schema.query_type
        name = node.name.value
        kind: Any = get_named_type(root.fields[name].type)
        self._check("QueryRoot", name, kind.name)
        arguments = get_argument_values(root.fields[name], node)
        if kind.name.endswith("Connection"):
            of = node_of(kind.name)

            def records() -> list[Record]:
                rows = lists.root_rows(of, name, self._context, arguments, [name])
                found = [record for _, record in rows]
                return found[::-1] if arguments.get("reverse") else found

            return records, self._shaper(self._schema.type_map[of], self._bulk.inside(node))
        get = self._getter("QueryRoot", name, root.fields[name], arguments)
        shaper = self._shaper(kind, self._bulk.selected(node.selection_set))
        return lambda: [found] if (found := get(None)) is not None else [], shaper

    def _shaper(self, kind: Any, selected: Selected) -> Shaper:
        """How to find the shape of a record of a type, which may be an abstract one."""
        if not is_abstract_type(kind):
            shape = self._shape(kind, selected)
            return lambda _: shape
        shapes = {
            each.name: self._shape(each, selected) for each in self._schema.get_possible_types(kind)
        }
        return lambda record: shapes[type_of(record)]

    def _shape(self, kind: Any, selected: Selected) -> Shape:
        shape = Shape()
        for on, node in selected:
            if on is None or on == kind.name or self._is_sub(on, kind):
                self._add(shape, kind, node)
        return shape

    def _is_sub(self, on: str, kind: Any) -> bool:
        target: Any = self._schema.type_map[on]
        return is_abstract_type(target) and self._schema.is_sub_type(target, kind)

    def _add(self, shape: Shape, kind: Any, node: FieldNode) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if name == "__typename":
            shape.fields.append((key, lambda _: kind.name))
            return
        definition = kind.fields[name]
        answered: Any = get_named_type(definition.type)
        self._check(kind.name, name, answered.name)
        arguments = get_argument_values(definition, node)
        get = self._getter(kind.name, name, definition, arguments)
        if is_leaf_type(answered):
            shape.fields.append((key, get))
        elif answered.name.endswith("Connection"):
            of = self._schema.type_map[node_of(answered.name)]
            shaper = self._shaper(of, self._bulk.inside(node))
            shape.children.append((self._nested(get, arguments), shaper))
        else:
            below = self._shaper(answered, self._bulk.selected(node.selection_set))
            shape.fields.append((key, _object(get, below)))
            if not is_abstract_type(answered):
                shape.children += [
                    (_through(get, inner), shaper) for inner, shaper in below(None).children
                ]

    def _nested(self, get: Get, arguments: Record) -> Get:
        query, sort_key = arguments.get("query"), arguments.get("sortKey")

        def records(parent: Any) -> list[Record]:
            rows = in_order(get(parent), sort_key)
            return [record for _, record in lists.found(rows, query, self._context, [])]

        return records

    def _getter(self, parent: str, name: str, definition: Any, arguments: Record) -> Get:
        own = OWN.get((parent, name))
        compute = COMPUTED.get(parent, {}).get(name)
        if own:
            info = SimpleNamespace(
                context=self._context, field_name=name, return_type=definition.type
            )
            return lambda record: own(record, info, **arguments)
        if (parent, name) in BLANK and not self._context.grant.personal:
            return lambda _: BLANK[parent, name]
        if compute:
            return compute
        if parent == "QueryRoot":
            return lambda _: self._context.store.get(arguments["id"])
        return lambda record: (
            record.get(name) if isinstance(record, dict) else getattr(record, name)
        )

    def _check(self, parent: str, name: str, kind: str) -> None:
        refusal = self._context.grant.refusal(parent, name, node_of(kind))
        if refusal:
            raise Denied(refusal.message)


def _object(get: Get, below: Shaper) -> Get:
    """The value of a field that holds an object, or a list of them."""

    def value(record: Any) -> Any:
        found = get(record)
        if found is None:
            return None
        if isinstance(found, list):
            return [None if each is None else below(each).of(each) for each in found]
        return below(found).of(found)

    return value


def _through(get: Get, inner: Get) -> Get:
    """The records of a list that stands inside an object of the record."""
    return lambda record: inner(found) if (found := get(record)) is not None else []


def _by_parent(records: list[Record], shaper: Shaper) -> Iterator[Line]:
    """Each object right before what belongs to it."""
    for record in records:
        shape = shaper(record)
        yield shape.of(record), True
        yield from _below(record, shape)


def _below(record: Record, shape: Shape) -> Iterator[Line]:
    for get, shaper in shape.children:
        for child in get(record):
            own = shaper(child)
            yield {**own.of(child), "__parentId": record["id"]}, False
            yield from _below(child, own)


def _by_level(records: list[Record], shaper: Shaper) -> Iterator[Line]:
    """All objects of a page, then all that belong to these: others' stand in between."""
    level: list[tuple[Record, Shape, str | None]] = [(r, shaper(r), None) for r in records]
    root = True
    while level:
        for record, shape, parent in level:
            line = shape.of(record)
            yield (line if root else {**line, "__parentId": parent}), root
        root = False
        level = [
            (child, inner(child), record["id"])
            for record, shape, _ in level
            for get, inner in shape.children
            for child in get(record)
        ]
