"""What a lineage asks of sqlglot's scopes and expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from crossdock.mapping.flows import Flow, Origin
from crossdock.mapping.reading import columns_of, is_constant, shown, text_of


def selected(body: exp.Expr) -> list[str]:
    """The names of the columns that a query gives."""
    return list(body.named_selects) if isinstance(body, exp.Query) else []


def branches(scope: Scope) -> Iterator[Scope]:
    """The queries of a union, however it is nested."""
    for branch in scope.set_operation_scopes:
        if isinstance(branch.expression, exp.SetOperation):
            yield from branches(branch)
        else:
            yield branch


def equalities(scope: Scope, alias: str) -> Iterator[tuple[exp.Column, exp.Expr]]:
    """What joins hold equal to columns of a source: (its column, the other side)."""
    for join in scope.expression.args.get("joins") or ():
        on = join.args.get("on")
        if on is None:
            continue
        for own, other in _compared(on):
            tables = {c.table for c in columns_of(other) if isinstance(c, exp.Column)}
            column = next(iter(columns_of(own)), None)
            if not isinstance(column, exp.Column) or column.table != alias:
                continue
            if tables and alias not in tables:
                yield column, other


def _compared(on: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    for test in on.find_all(exp.EQ, exp.NullSafeEQ, exp.In):
        if isinstance(test, exp.In):
            yield from ((test.this, one) for one in test.expressions)
        else:
            yield test.this, test.expression
            yield test.expression, test.this


def values_of(flows: list[Flow]) -> dict[Origin, str]:
    """What each account's name is by now; of several the first that is known counts."""
    values: dict[Origin, str] = {}
    for flow in flows:
        if flow.origin.kind == "account" and flow.value is not None:
            values.setdefault(flow.origin, flow.value)
    return values


def prefix_of(node: exp.Expr, flow: Flow, values: Mapping[Origin, str]) -> str:
    """`prefix ...` for what stands before a value and is the same for all of an account."""
    if not isinstance(node, exp.Concat | exp.DPipe) or flow.origin.kind == "account":
        return ""
    before = values.get(Origin("account", flow.origin.system))
    items = list(node.flatten() if isinstance(node, exp.DPipe) else node.expressions)
    told = [item for item in items if not is_constant(item)]
    if before is None or len(told) != 2 or items[-1] is not told[1] or items[0] is not told[0]:
        return ""
    between = "".join(text_of(item) or "" for item in items[1:-1])
    return f"prefix `{before}{between}`"


def literal(node: exp.Expr) -> Flow:
    """A value that the query itself names."""
    plain = node
    while isinstance(plain, exp.Cast | exp.Paren):
        plain = plain.this
    value = str(plain.this) if isinstance(plain, exp.Literal) else None
    return Flow(Origin("constant", column=shown(plain)), value=value)


def lost(what: str) -> tuple[Flow, ...]:
    """What could not be followed."""
    return (Flow(Origin("untraced", column=what)),)
