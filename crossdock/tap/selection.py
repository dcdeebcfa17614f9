"""Cuts a GraphQL document down to the fields that the catalog selects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from graphql import parse, print_ast
from graphql.language import (
    REMOVE,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)


def prune(document: str, root: Sequence[str], keep: Collection[str]) -> str:
    """Leave out fields that nobody wants, and what only they needed.

    Args:
        document: A document with one operation.
        root: Response keys that lead to the records, such as `("orders", "nodes")`.
        keep: Response keys of the records' fields that stay; `__typename` and what a path's
            fields hold themselves always do.

    Returns:
        The document, without fragments and variables that are no longer used.

    Raises:
        KeyError: The document has nothing at that path.
    """
    tree = parse(document)
    fragments = {
        node.name.value: node
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    (operation,) = (n for n in tree.definitions if isinstance(n, OperationDefinitionNode))
    selections = _below(operation.selection_set, root, fragments)
    unwanted = _Remove(lambda node: id(node) in dropped)
    dropped: set[int] = set()
    _drop(selections, set(keep), fragments, dropped)
    return print_ast(_without_unused(visit(tree, unwanted)))


def _below(
    selections: SelectionSetNode,
    path: Sequence[str],
    fragments: dict[str, FragmentDefinitionNode],
) -> SelectionSetNode:
    for name in path:
        found = next((f for f in _fields(selections, fragments) if _key(f) == name), None)
        if found is None or found.selection_set is None:
            raise KeyError(f"the document has no field {name} on the way to its records")
        selections = found.selection_set
    return selections


def _fields(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> list[FieldNode]:
    found: list[FieldNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            found.append(node)
        else:
            found += _fields(_inside(node, fragments), fragments)
    return found


def _inside(node: Any, fragments: dict[str, FragmentDefinitionNode]) -> SelectionSetNode:
    holder = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
    selections: SelectionSetNode = holder.selection_set
    return selections


def _drop(
    selections: SelectionSetNode,
    keep: set[str],
    fragments: dict[str, FragmentDefinitionNode],
    dropped: set[int],
) -> bool:
    """Note the nodes that go; whether anything stays."""
    stays = False
    for node in selections.selections:
        if isinstance(node, FieldNode):
            wanted = _key(node) in keep or _key(node) == "__typename"
        else:
            wanted = _drop(_inside(node, fragments), keep, fragments, dropped)
        if not wanted:
            dropped.add(id(node))
        stays |= wanted
    return stays


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _without_unused(tree: DocumentNode) -> DocumentNode:
    while True:
        used = _Used()
        visit(tree, used)
        unused = _Remove(used.misses)
        tree = visit(tree, unused)
        if not unused.any:
            return tree


class _Used(Visitor):
    """Collects the fragments and variables that a document uses."""

    def __init__(self) -> None:
        super().__init__()
        self._fragments: set[str] = set()
        self._variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self._fragments.add(node.name.value)

    def enter_variable(self, node: VariableNode, _: Any, parent: Any, *__: Any) -> None:
        if not isinstance(parent, VariableDefinitionNode):
            self._variables.add(node.name.value)

    def misses(self, node: Node) -> bool:
        """Whether the node defines something that nothing uses."""
        if isinstance(node, FragmentDefinitionNode):
            return node.name.value not in self._fragments
        if isinstance(node, VariableDefinitionNode):
            return node.variable.name.value not in self._variables
        return False


class _Remove(Visitor):
    """Takes out the nodes that a question says yes to."""

    def __init__(self, unwanted: Callable[[Node], bool]) -> None:
        super().__init__()
        self._unwanted = unwanted
        self.any = False

    def enter(self, node: Node, *_: Any) -> Any:
        if not self._unwanted(node):
            return None
        self.any = True
        return REMOVE
