"""Whether a query can run in bulk: what Shopify refuses, in its words.

https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

MAX_CONNECTIONS = 5
MAX_DEPTH = 2
Selected = list[tuple[str | None, FieldNode]]
"""Fields of a selection, each with the type that its fragment is conditional on."""


class Refused(Exception):  # noqa: N818
    """A query that cannot run in bulk; holds one message for each thing that is wrong."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass
class Bulk:
    """A query that can run."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]

    def selected(self, selections: SelectionSetNode | None, on: str | None = None) -> Selected:
        """The fields of a selection, those of its fragments among them."""
        found: Selected = []
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                found.append((on, node))
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
            assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)  # noqa: S101
            condition = fragment.type_condition
            name = condition.name.value if condition else on
            found += self.selected(fragment.selection_set, name)
        return found

    def inside(self, connection: FieldNode) -> Selected:
        """What a connection selects of its items."""
        edges = _named(self.selected(connection.selection_set), "edges")
        node = _named(self.selected(edges.selection_set), "node") if edges else None
        return self.selected(node.selection_set) if node else []


def read(schema: GraphQLSchema, query: str) -> Bulk:
    """Read a query that is to run in bulk.

    Raises:
        Refused: It cannot.
    """
    bulk = _parsed(query)
    if bulk.operation.operation is not OperationType.QUERY:
        raise Refused("Invalid operation type. Only `query` operations are supported.")
    errors = validate(schema, _document(bulk))
    if errors:
        raise Refused(f"Invalid bulk query: {errors[0].message}")
    root = schema.query_type
    assert root is not None  # noqa: S101 - the SDL has one
    found = _Findings()
    for _, node in bulk.selected(bulk.operation.selection_set):
        found.top_level_node |= node.name.value == "node"
        _look(schema, bulk, root, node, found, _Place())
    messages = found.messages()
    if messages:
        raise Refused(*messages)
    return bulk


def _parsed(query: str) -> Bulk:
    try:
        document = parse(query)
    except GraphQLSyntaxError:
        raise Refused("Invalid bulk query: syntax error, unexpected end of file") from None
    operations = [n for n in document.definitions if isinstance(n, OperationDefinitionNode)]
    fragments = [n for n in document.definitions if isinstance(n, FragmentDefinitionNode)]
    if len(operations) != 1:
        raise Refused("Invalid bulk query: there must be exactly one operation")
    return Bulk(operations[0], {node.name.value: node for node in fragments})


def _document(bulk: Bulk) -> DocumentNode:
    return DocumentNode(definitions=(bulk.operation, *bulk.fragments.values()))


@dataclass
class _Findings:
    connections: int = 0
    depth: int = 0
    top_level_node: bool = False
    within_list: bool = False
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)

    def messages(self) -> list[str]:
        found = []
        if self.by_nodes:
            names = "', '".join(dict.fromkeys(self.by_nodes))
            found.append(
                "All connection fields in a bulk query must select their contents using 'edges' > "
                "'node', e.g: 'products { edges { node {'. Selecting via 'nodes' is not supported. "
                f"Invalid connection fields: '{names}'."
            )
        if self.top_level_node:
            found.append("Bulk queries cannot contain a top level `node` field.")
        if self.depth > MAX_DEPTH:
            found.append(
                "Bulk queries cannot contain connections with a nesting depth greater than 2."
            )
        if self.connections > MAX_CONNECTIONS:
            found.append("Bulk queries cannot contain more than 5 connections.")
        if self.without_id:
            found.append(
                "The parent 'node' field for a nested connection must select the 'id' field "
                "without an alias and must be of 'ID' return type. Connection fields without "
                f"'id': {', '.join(dict.fromkeys(self.without_id))}."
            )
        if self.within_list:
            found.append(
                "Queries that contain a connection field within a list field are not currently "
                "supported."
            )
        if not self.connections:
            found.append("Bulk queries must contain at least one connection.")
        return found


@dataclass(frozen=True)
class _Place:
    """Where a field stands: in how many connections, in a list, under which item."""

    depth: int = 0
    in_list: bool = False
    parent: str | None = None
    has_id: bool = True


def _look(
    schema: GraphQLSchema, bulk: Bulk, kind: Any, node: FieldNode, found: _Findings, at: _Place
) -> None:
    """Note what is wrong with a field and with everything below it."""
    name = node.name.value
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or name.startswith("__"):
        return
    definition = kind.fields[name]
    answered: Any = get_named_type(definition.type)
    if answered.name.endswith("Connection"):
        found.connections += 1
        found.depth = max(found.depth, at.depth)  # the list at the root is no nesting
        found.within_list |= at.in_list
        if at.parent and not at.has_id:
            found.without_id.append(at.parent)
        if _named(bulk.selected(node.selection_set), "nodes"):
            found.by_nodes.append(name)
        inside = bulk.inside(node)
        has_id = any(f.name.value == "id" and not f.alias for _, f in inside)
        at = _Place(at.depth + 1, at.in_list, name, has_id)
        edge: Any = get_named_type(answered.fields["edges"].type)
        answered = get_named_type(edge.fields["node"].type)
    else:
        inside = bulk.selected(node.selection_set)
        at = _Place(at.depth, at.in_list or _is_list(definition.type), at.parent, at.has_id)
    for on, child in inside:
        _look(schema, bulk, schema.type_map[on] if on else answered, child, found, at)


def _is_list(kind: Any) -> bool:
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return isinstance(inner, GraphQLList)


def _named(fields: Selected, name: str) -> FieldNode | None:
    return next((node for _, node in fields if node.name.value == name), None)
