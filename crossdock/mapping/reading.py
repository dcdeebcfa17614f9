"""What a rule makes of an expression, and how expressions are shown to people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp

#: The value keeps the type that it had.
SAME = "same"
_LONGEST = 90
_SHORT = 30
_KEYWORD = re.compile(
    r"\b(CASE|WHEN|THEN|ELSE|END|AND|OR|NOT|IS|NULL|TRUE|FALSE|IN|LIKE|OVER|PARTITION|BY|ORDER|"
    r"LAMBDA|AS|FILTER|WHERE|CAST|DISTINCT|FROM)\b"
)
_NOT_NULL = re.compile(r"\bnot (\w+) is null")


@dataclass(frozen=True)
class Reading:
    """What an expression does to a value.

    Attributes:
        inputs: The parts that the value comes from.
        words: What happens to it; empty for nothing worth saying.
        conditions: What decides, where no input says where the value comes from.
        type: The type that it has then, `SAME`, or None if that is unknown.
    """

    inputs: tuple[exp.Expr, ...]
    words: str = ""
    conditions: tuple[exp.Expr, ...] = ()
    type: str | None = None


Rule = Callable[[exp.Expr], Reading | None]


def shown(expression: exp.Expr) -> str:
    """An expression as people read it: without the tables' names, cut if it is long."""
    copy = expression.copy().transform(_path_as_column)
    for column in [copy, *copy.find_all(exp.Column)]:
        if isinstance(column, exp.Column):
            column.set("table", None)
    for identifier in [copy, *copy.find_all(exp.Identifier)]:
        if isinstance(identifier, exp.Identifier):
            identifier.set("quoted", False)
    text = " ".join(copy.sql(dialect="duckdb", comments=False, normalize_functions="lower").split())
    text = _KEYWORD.sub(lambda match: match[0].lower(), text)
    text = _NOT_NULL.sub(r"\1 is not null", text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _path_as_column(node: exp.Expr) -> exp.Expr:
    """A field of a document by its own name: `variant.sku` for `line ->> '$.variant.sku'`."""
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
        path = node.args.get("expression")
        if isinstance(path, exp.JSONPath):
            return exp.column(path.sql(dialect="duckdb").strip("'").removeprefix("$").lstrip("."))
    if isinstance(node, exp.Paren) and isinstance(
        node.this, exp.JSONExtract | exp.JSONExtractScalar
    ):
        return _path_as_column(node.this)
    if isinstance(node, exp.Dot) and not isinstance(node.parent, exp.Dot):
        return exp.column(".".join(part.name for part in list(node.flatten())[1:]))
    return node


def labels_of(items: Iterable[exp.Expr]) -> list[str]:
    """A short name for each of several expressions: that of its column, if it has but one."""
    items = list(items)
    names = [_label(item, "") for item in items]
    told = [
        _label(item, item.table) if isinstance(item, exp.Column) and names.count(name) > 1 else name
        for item, name in zip(items, names, strict=True)
    ]
    return list(dict.fromkeys(told))


def _label(item: exp.Expr, table: str) -> str:
    plain = item.transform(_path_as_column)
    columns = [c for c in [plain, *plain.find_all(exp.Column)] if isinstance(c, exp.Column)]
    names = list(dict.fromkeys(column.name for column in columns))
    if isinstance(plain, exp.DPipe | exp.Concat) or len(names) != 1:
        return shown(item) if len(shown(item)) <= _SHORT or not names else names_of([plain])
    return f"{table}.{names[0]}" if table else names[0]


def columns_of(*expressions: exp.Expr) -> tuple[exp.Expr, ...]:
    """The columns that expressions use, each once; not those inside of subqueries."""
    found: dict[str, exp.Expr] = {}
    for expression in expressions:
        for node in expression.walk(prune=lambda n: isinstance(n, exp.Subquery)):
            if isinstance(node, exp.Column):
                found.setdefault(node.sql(), node)
    return tuple(found.values())


def names_of(expressions: Iterable[exp.Expr]) -> str:
    """The names of the columns that expressions use, `a, b and c`."""
    names = list(dict.fromkeys(c.name for e in expressions for c in columns_of(e)))
    if len(names) > 6:
        return f"{', '.join(names[:5])} and {len(names) - 5} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def text_of(expression: exp.Expr | None) -> str | None:
    """The text of a literal; None for anything else."""
    if isinstance(expression, exp.Literal):
        return str(expression.this)
    return None


def is_null(expression: exp.Expr) -> bool:
    """Whether an expression is NULL for every row."""
    return is_constant(expression) and expression.find(exp.Null) is not None


def is_constant(expression: exp.Expr) -> bool:
    """Whether an expression says the same for every row."""
    return not any(expression.find_all(exp.Column, exp.Subquery, exp.Star))


def grouped_by(expression: exp.Expr) -> str:
    """What the select around an aggregate groups by, in words; empty for everything at once."""
    window = expression.parent if isinstance(expression.parent, exp.Window) else None
    if window is not None:
        keys = window.args.get("partition_by") or []
    else:
        select = expression.find_ancestor(exp.Select)
        group = select.args.get("group") if select is not None else None
        keys = group.expressions if group is not None else []
    names = names_of(k for k in keys if not is_constant(k))
    return f" for each {names}" if names else ""
