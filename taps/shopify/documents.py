"""What becomes of a document: without what is denied, or as a bulk operation runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from graphql import parse, print_ast
from graphql.language import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

Path = tuple[str, ...]

HOPS = frozenset({"nodes", "edges", "node"})
"""Keys between a record and the items of its lists; a field's path leaves them out."""

MAX_BULK_CONNECTIONS = 5


@lru_cache(maxsize=256)
def without(document: str, root: Path, denied: frozenset[Path]) -> str:
    """A document that does not ask for fields which the app may not see.

    Args:
        document: A document with one operation.
        root: Response keys that lead to the records.
        denied: Paths of fields, from the record on.
    """
    if not denied:
        return document
    operation = _operation(document)
    selections = operation.selection_set
    for path in sorted(denied):
        selections = _cut(selections, (*_visible(root), *path))
    used = _variables(selections)
    kept = [d for d in operation.variable_definitions or () if d.variable.name.value in used]
    return _printed(replace(operation, selection_set=selections, variable_definitions=tuple(kept)))


@lru_cache(maxsize=64)
def bulk(document: str, root: Path, shell: str, search: str | None) -> tuple[str, int]:
    """A document as a bulk operation takes it, and how many connections it has.

    A bulk operation pages by itself: there are no variables, no page sizes and no cursors. Each
    item says its type, for its line in the result does not say which list it is from.

    Args:
        document: A document with one operation.
        root: Response keys that lead to the records.
        shell: What stands around the records: `...Record` is their place, and `$query` that of
            the search.
        search: What is searched for; None: everything.
    """
    record = _at(_operation(document).selection_set, root)
    place = FragmentDefinitionNode(
        name=NameNode(value="Record"),
        type_condition=NamedTypeNode(name=NameNode(value="Record")),
        selection_set=record,
    )
    around = next(n for n in parse(shell).definitions if isinstance(n, OperationDefinitionNode))
    whole = _inlined(around.selection_set, {"Record": place})
    selections, connections = _as_bulk(whole, search)
    return _printed(replace(around, selection_set=selections)), connections


def _printed(operation: OperationDefinitionNode) -> str:
    return print_ast(DocumentNode(definitions=(operation,)))


def _operation(document: str) -> OperationDefinitionNode:
    """The operation, with its fragments put where they are used."""
    definitions = parse(document, no_location=True).definitions
    fragments = {n.name.value: n for n in definitions if isinstance(n, FragmentDefinitionNode)}
    (operation,) = (n for n in definitions if isinstance(n, OperationDefinitionNode))
    return replace(operation, selection_set=_inlined(operation.selection_set, fragments))


def _inlined(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> SelectionSetNode:
    found: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            # Ours are spread on exactly their own type, so their fields can stand there.
            found += _inlined(fragments[node.name.value].selection_set, fragments).selections
        elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            found.append(replace(node, selection_set=_inlined(node.selection_set, fragments)))
        else:
            found.append(node)
    return SelectionSetNode(selections=tuple(found))


def _at(selections: SelectionSetNode, root: Path) -> SelectionSetNode:
    """The selection of the records; those of one type alone are where that type says so."""
    for name in root:
        found = (n for n in selections.selections if isinstance(n, FieldNode) and key(n) == name)
        inner = next(found).selection_set
        assert inner is not None, f"{name} leads to no records"  # noqa: S101
        selections = inner
    only = selections.selections[0] if len(selections.selections) == 1 else None
    return only.selection_set if isinstance(only, InlineFragmentNode) else selections


def key(field: FieldNode) -> str:
    """The name of a field in the answer."""
    return field.alias.value if field.alias else field.name.value


def _inner(node: SelectionNode) -> SelectionSetNode | None:
    inner: SelectionSetNode | None = getattr(node, "selection_set", None)
    return inner


def _visible(path: Path) -> Path:
    return tuple(name for name in path if name not in HOPS)


def _cut(selections: SelectionSetNode, path: Path) -> SelectionSetNode:
    kept: list[SelectionNode] = []
    for node in selections.selections:
        field = key(node) if isinstance(node, FieldNode) else None
        inner = _inner(node)
        if path and field == path[0]:
            if len(path) == 1:
                continue
            node = _with(node, _cut(inner, path[1:]) if inner else None)
        elif inner is not None and (field is None or field in HOPS):
            node = _with(node, _cut(inner, path))
        left = _inner(node)
        if left is None or left.selections:
            kept.append(node)
    return SelectionSetNode(selections=tuple(kept))


def _with(node: SelectionNode, selections: SelectionSetNode | None) -> SelectionNode:
    if isinstance(node, FieldNode):
        return replace(node, selection_set=selections)
    if isinstance(node, InlineFragmentNode) and selections is not None:
        return replace(node, selection_set=selections)
    return node


def _variables(selections: SelectionSetNode | None) -> set[str]:
    found: set[str] = set()
    for node in selections.selections if selections else ():
        for argument in getattr(node, "arguments", None) or ():
            if isinstance(argument.value, VariableNode):
                found.add(argument.value.name.value)
        found |= _variables(_inner(node))
    return found


def _as_bulk(selections: SelectionSetNode, search: str | None) -> tuple[SelectionSetNode, int]:
    """Connections as edges without pages; how many there are."""
    connections = 0
    kept: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if key(node) == "pageInfo":
                continue
            node = replace(node, arguments=_bulk_arguments(node, search))
        if (inner := _inner(node)) is not None:
            below, more = _as_bulk(inner, search)
            connections += more
            node = _with(node, below)
        if isinstance(node, FieldNode) and key(node) == "nodes" and node.selection_set:
            connections += 1
            node = _edges(node.selection_set)
        kept.append(node)
    return SelectionSetNode(selections=tuple(kept)), connections


def _edges(items: SelectionSetNode) -> FieldNode:
    """`nodes { … }` as `edges { node { … } }`, each item with its type."""
    fields = items.selections
    if not any(isinstance(n, FieldNode) and key(n) == "__typename" for n in fields):
        fields = (_TYPENAME, *fields)
    return _field("edges", (_field("node", fields),))


def _field(name: str, selections: tuple[SelectionNode, ...] | None = None) -> FieldNode:
    inner = None if selections is None else SelectionSetNode(selections=selections)
    return FieldNode(name=NameNode(value=name), selection_set=inner)


_TYPENAME = _field("__typename")


def _bulk_arguments(node: FieldNode, search: str | None) -> tuple[ArgumentNode, ...]:
    kept: list[ArgumentNode] = []
    for argument in node.arguments or ():
        if argument.name.value in ("first", "after", "sortKey"):
            continue
        if not isinstance(argument.value, VariableNode):
            kept.append(argument)
        elif argument.value.name.value == "query" and search is not None:
            kept.append(replace(argument, value=StringValueNode(value=search)))
    return tuple(kept)
