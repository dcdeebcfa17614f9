"""Steps into and out of documents: JSON paths, lists, structs, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlglot import exp

from crossdock.mapping.flows import Flow
from crossdock.mapping.reading import shown

Evaluate = Callable[[exp.Expr], tuple[Flow, ...]]


def structural(
    node: exp.Expr, evaluate: Evaluate, spelled: Callable[[str], str] = str
) -> tuple[Flow, ...] | None:
    """The flows of an expression that only takes documents apart or puts them together.

    Args:
        evaluate: The flows of a part of it.
        spelled: A field's name as the query writes it: sqlglot makes it lower case.
    """
    if isinstance(node, exp.Dot):
        name = spelled(node.expression.name)
        return _into(evaluate(node.this), [name]) if name else None
    for kind, follow in _FOLLOW.items():
        if isinstance(node, kind):
            return follow(node, evaluate)
    return None


def entered(flow: Flow, step: str) -> Flow | None:
    """The flow one step into its value; None if it stands elsewhere in it."""
    if flow.part:
        first, *rest = flow.part
        if first.lower() == step.lower() or first == "{}" or (_is_index(first) and _is_index(step)):
            return replace(flow, part=tuple(rest), type=None)
        return None
    if flow.origin.kind == "field" and not (flow.steps and flow.type == "varchar"):
        origin = replace(flow.origin, path=(*flow.origin.path, step))
        return replace(flow, origin=origin, type="varchar")
    return flow


def _is_index(step: str) -> bool:
    return step.startswith("[")


def _into(flows: Iterable[Flow], steps: Iterable[str]) -> tuple[Flow, ...]:
    found: list[Flow | None] = list(flows)
    for step in steps:
        found = [entered(flow, step) for flow in found if flow is not None]
    return tuple(flow for flow in found if flow is not None)


def _typed(flows: Iterable[Flow], type_: str) -> tuple[Flow, ...]:
    return tuple(replace(flow, type=type_) for flow in flows)


def _json_path(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...] | None:
    steps = path_steps(node.args.get("expression"))
    if steps is None:
        return None
    found = _into(evaluate(node.this), steps)
    return _typed(found, "varchar" if isinstance(node, exp.JSONExtractScalar) else "json")


def path_steps(path: exp.Expr | None) -> tuple[str, ...] | None:
    """The steps of a JSON path: `$.lines[*].sku` is `lines`, `[]`, `sku`."""
    if isinstance(path, exp.Literal) and path.is_string:
        return (str(path.this),)
    if not isinstance(path, exp.JSONPath):
        return None
    steps = []
    for part in path.expressions:
        if isinstance(part, exp.JSONPathKey) and isinstance(part.this, str):
            steps.append(part.this)
        elif isinstance(part, exp.JSONPathSubscript | exp.JSONPathWildcard):
            index = part.this if isinstance(part, exp.JSONPathSubscript) else None
            steps.append(f"[{index}]" if isinstance(index, int) else "[]")
        elif not isinstance(part, exp.JSONPathRoot):
            return None
    return tuple(steps)


def _unnested(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    return _into(evaluate(node.this), ["[]"])


def _item(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...] | None:
    index = node.expressions[0] if len(node.expressions) == 1 else None
    if isinstance(index, exp.Slice):
        return evaluate(node.this)
    if not isinstance(index, exp.Literal):
        return None
    if index.is_string:
        return _into(evaluate(node.this), [str(index.this)])
    number = str(int(index.this) + 1)  # sqlglot counts from 0, DuckDB from 1
    found: list[Flow] = []
    for flow in evaluate(node.this):
        positional = flow.part and flow.part[0].isdigit()
        found += _into([flow], [number if positional else f"[{number}]"])
    return tuple(found)


def _field(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...] | None:
    name = node.expression.name
    return _into(evaluate(node.this), [name]) if name else None


def _below(flows: Iterable[Flow], *steps: str) -> tuple[Flow, ...]:
    return tuple(replace(flow, part=(*steps, *flow.part), type=None) for flow in flows)


def _struct(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    found: list[Flow] = []
    for number, item in enumerate(node.expressions, 1):
        named = isinstance(item, exp.PropertyEQ | exp.JSONKeyValue)
        name = item.this.name if named else str(number)
        found += _below(evaluate(item.expression if named else item), name)
    return tuple(found)


def _list(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    if isinstance(node, exp.ArrayAgg):
        return _below(evaluate(bare(node.this)), "[]")
    return tuple(flow for item in node.expressions for flow in _below(evaluate(item), "[]"))


def _map(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    found = []
    for flow in evaluate(node.this):
        if flow.part[:2] != ("[]", "1"):
            rest = flow.part[2:] if flow.part[:2] == ("[]", "2") else flow.part
            found.append(replace(flow, part=("{}", *rest)))
    return tuple(found)


def _filtered(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...] | None:
    """Only some rows; a count's filter says what is counted, and is read by its rule."""
    return None if isinstance(node.this, exp.Count | exp.CountIf) else evaluate(node.this)


def _each(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    """`list_transform(list, lambda x: ...)`."""
    return tuple(
        flow.then(f"each element: {shown(node.expression.this)}") for flow in evaluate(node.this)
    )


def _as_it_is(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...]:
    return evaluate(node.this)


def _anonymous(node: exp.Expr, evaluate: Evaluate) -> tuple[Flow, ...] | None:
    name = str(node.this).lower()
    if name == "row":
        return _struct(node, evaluate)
    if name in {"to_json", "json", "from_json_strict", "json_transform", "json_transform_strict"}:
        return _typed(evaluate(node.expressions[0]), "json")
    if name == "unnest" and node.expressions:
        return _into(evaluate(node.expressions[0]), ["[]"])
    return None


def bare(node: exp.Expr) -> exp.Expr:
    """What an aggregate is of, without its order and its `distinct`."""
    while isinstance(node, exp.Order | exp.Distinct | exp.IgnoreNulls):
        inside = node.expressions[0] if isinstance(node, exp.Distinct) else node.this
        node = inside
    return node


_FOLLOW: dict[type[exp.Expr], Callable[..., tuple[Flow, ...] | None]] = {
    exp.JSONExtract: _json_path,
    exp.JSONExtractScalar: _json_path,
    exp.Explode: _unnested,
    exp.Bracket: _item,
    exp.StructExtract: _field,
    exp.Struct: _struct,
    exp.JSONObject: _struct,
    exp.Array: _list,
    exp.ArrayAgg: _list,
    exp.MapFromEntries: _map,
    exp.FromJson: _as_it_is,
    exp.ParseJSON: _as_it_is,
    exp.Paren: _as_it_is,
    exp.IgnoreNulls: _as_it_is,
    exp.Filter: _filtered,
    exp.ArrayFilter: _as_it_is,
    exp.Transform: _each,
    exp.Order: _as_it_is,
    exp.Anonymous: _anonymous,
}
