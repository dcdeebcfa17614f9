"""What a query costs: scalars nothing, an object 1, a connection 2 and each of its items.

https://shopify.dev/docs/api/usage/rate-limits. The published rules leave out the curve by which
large connections become cheaper; here they do not.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    value_from_ast_untyped,
)

MUTATION = 10
CONNECTION = 2
_ESTIMATE = object()
"""Stands for a value that is not known before the query runs."""


class Cost:
    """The cost of one operation, before and after it ran."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._variables = variables

    def requested(self) -> int:
        """What the query may cost at most."""
        return self._total(_ESTIMATE)

    def actual(self, data: Any) -> int:
        """What it did cost, by what came back."""
        return self._total(data)

    def _total(self, data: Any) -> int:
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None  # noqa: S101 - validation has passed
        if self._operation.operation.value == "mutation":
            return MUTATION * len(self._flat(self._operation.selection_set))
        return self._selection(root, self._operation.selection_set, data)

    def _selection(self, parent: Any, selections: SelectionSetNode | None, value: Any) -> int:
        """The cost of all fields under one object."""
        total, by_type = 0, [0]
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                total += self._field(parent, node, value)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
            assert isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode)  # noqa: S101
            condition = fragment.type_condition
            target = self._schema.type_map[condition.name.value] if condition else parent
            inner = self._selection(target, fragment.selection_set, value)
            if isinstance(parent, GraphQLInterfaceType) and target is not parent:
                by_type.append(inner)
            else:
                total += inner
        return total + max(by_type)

    def _field(self, parent: Any, node: FieldNode, value: Any) -> int:
        if node.name.value.startswith("__") or not isinstance(
            parent, GraphQLObjectType | GraphQLInterfaceType
        ):
            return 0
        kind = get_named_type(parent.fields[node.name.value].type)
        if is_leaf_type(kind):
            return 0
        below = value
        if value is not _ESTIMATE:
            alias = node.alias.value if node.alias else node.name.value
            below = value.get(alias) if isinstance(value, dict) else None
            if below is None:
                return 0
        if kind.name.endswith("Connection"):
            return CONNECTION + self._connection(kind, node, below)
        if kind.name == "PageInfo":
            return 0
        if below is _ESTIMATE:
            return self._items(node) * (1 + self._selection(kind, node.selection_set, below))
        items = below if isinstance(below, list) else [below]
        return sum(
            1 + self._selection(kind, node.selection_set, item)
            for item in items
            if item is not None
        )

    def _connection(self, kind: Any, node: FieldNode, below: Any) -> int:
        """The items of a connection; its edges and page information are free."""
        if below is not _ESTIMATE:
            return self._inside(kind, node.selection_set, below)
        return self._items(node) * self._inside(kind, node.selection_set, below)

    def _inside(self, kind: Any, selections: SelectionSetNode | None, below: Any) -> int:
        total = 0
        for child in self._flat(selections):
            name = child.name.value
            if name not in ("nodes", "edges", "node"):
                continue
            target = get_named_type(kind.fields[name].type)
            inner = _ESTIMATE
            if below is not _ESTIMATE:
                inner = below.get(child.alias.value if child.alias else name)
            items = inner if isinstance(inner, list) else [inner]
            for item in items:
                if name == "edges":
                    total += self._inside(target, child.selection_set, item)
                else:
                    total += 1 + self._selection(target, child.selection_set, item)
        return total

    def _flat(self, selections: SelectionSetNode | None) -> list[FieldNode]:
        """The fields of a selection, those of its fragments among them."""
        found: list[FieldNode] = []
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, FragmentSpreadNode):
                found += self._flat(self._fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                found += self._flat(node.selection_set)
        return found

    def _items(self, node: FieldNode) -> int:
        """How many items a field asks for: `first`, `last`, or as many as are named."""
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last", "ids", "names"):
                value = value_from_ast_untyped(argument.value, self._variables)
                if isinstance(value, list):
                    return len(value)
                if isinstance(value, int):
                    return value
        return 1
