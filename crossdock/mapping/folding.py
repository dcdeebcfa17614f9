"""What the name of an account becomes: a prefix such as `shop_` is the same for all its rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from crossdock.mapping.reading import is_constant, text_of


def folded(node: exp.Expr, value: str | None) -> str | None:
    """What an expression makes of a text, where that can be told without a database."""
    if value is None:
        return None
    if isinstance(node, exp.Concat | exp.DPipe):
        items = node.flatten() if isinstance(node, exp.DPipe) else node.expressions
        return "".join((text_of(i) or "") if is_constant(i) else value for i in items)
    for kind, make in _FOLDS.items():
        if isinstance(node, kind):
            return make(node, value)
    return None


def _part(node: exp.Expr, value: str) -> str | None:
    by, number = text_of(node.args.get("delimiter")), text_of(node.args.get("part_index"))
    if not by or not number or not number.isdigit():
        return None
    parts = value.split(by)
    return parts[int(number) - 1] if 0 < int(number) <= len(parts) else ""


def _regexp(node: exp.Expr, value: str) -> str | None:
    pattern, by = text_of(node.expression), text_of(node.args.get("replacement"))
    try:
        return None if pattern is None else re.sub(pattern, by or "", value, count=1)
    except re.error:
        return None


def _plain(node: exp.Expr, value: str) -> str | None:
    old, new = text_of(node.expression), text_of(node.args.get("replacement"))
    return None if old is None else value.replace(old, new or "")


def _same(node: exp.Expr, value: str) -> str | None:
    return value


_FOLDS: dict[type[exp.Expr], Callable[[exp.Expr, str], str | None]] = {
    exp.SplitPart: _part,
    exp.RegexpReplace: _regexp,
    exp.Replace: _plain,
    exp.Lower: lambda node, value: value.lower(),
    exp.Upper: lambda node, value: value.upper(),
    exp.Trim: lambda node, value: value.strip(),
    exp.Cast: _same,
    exp.Nullif: _same,
    exp.Coalesce: _same,
}
