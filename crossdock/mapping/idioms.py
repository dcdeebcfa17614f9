"""What the project's own macros do to a value, in words that their properties say.

A macro with `meta.rule` in its properties is rendered with names in place of its arguments; an
expression of that shape is then read with the macro's words. `{name}` in them is that argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from jinja2 import Environment, TemplateError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from crossdock.errors import SyncDefinitionError
from crossdock.mapping.reading import Reading, Rule, is_constant, shown

_MARK = "crossdock_argument_"


@dataclass(frozen=True)
class Idiom:
    """One macro: the shape that it gives, and its words."""

    name: str
    pattern: exp.Expr
    words: str

    def read(self, node: exp.Expr) -> Reading | None:
        """The macro's words, if an expression has its shape."""
        if type(node) is not type(self.pattern):
            return None
        bound: dict[str, exp.Expr] = {}
        if not _fits(self.pattern, node, bound):
            return None
        words = self.words
        for name, value in bound.items():
            words = words.replace(f"{{{name}}}", shown(value))
        inputs = tuple(value for value in bound.values() if not is_constant(value))
        type_ = node.to.sql(dialect="duckdb").lower() if isinstance(node, exp.Cast) else "varchar"
        return Reading(inputs, words, type=type_)


def rules_of(manifest: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules that the macros of a project declare."""
    return tuple(idiom.read for idiom in idioms_of(manifest))


def idioms_of(manifest: Mapping[str, Any]) -> list[Idiom]:
    """The project's own macros with `meta.rule`, longest shape first.

    Raises:
        SyncDefinitionError: A macro with words is no plain expression of its arguments.
    """
    prefix = f"macro.{manifest['metadata']['project_name']}."
    macros = manifest["macros"].values()
    own = [
        m
        for m in macros
        if str(m["unique_id"]).startswith(prefix)
        and str(m["macro_sql"]).lstrip().startswith("{% macro")
    ]
    said = {str(m["name"]): (m, rule) for m in own if (rule := _rule(m))}
    if not said:
        return []
    library = "\n".join(str(macro["macro_sql"]) for macro in own)
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - it is SQL, no page
    written = environment.from_string(library).module
    found = []
    for name, (macro, rule) in said.items():
        marks = [f"{_MARK}{argument['name']}" for argument in macro["arguments"]]
        found.append(Idiom(name, _shape(getattr(written, name), name, marks), rule))
    return sorted(found, key=lambda i: -sum(1 for _ in i.pattern.walk()))


def _rule(macro: Mapping[str, Any]) -> str:
    meta = (macro.get("config") or {}).get("meta") or macro.get("meta") or {}
    return str(meta.get("rule") or "")


def _shape(write: Callable[..., Any], macro: str, marks: list[str]) -> exp.Expr:
    try:
        return sqlglot.parse_one(str(write(*marks)).strip(), dialect="duckdb")
    except (TemplateError, SqlglotError, TypeError) as error:
        raise SyncDefinitionError(
            f"macro {macro}: meta.rule: {' '.join(str(error).split())[:200]}",
            hint="only a macro that gives one expression of its arguments can have words",
        ) from error


def _fits(pattern: Any, node: Any, bound: dict[str, exp.Expr]) -> bool:
    if isinstance(pattern, exp.Column) and pattern.name.startswith(_MARK):
        name = pattern.name.removeprefix(_MARK)
        if not isinstance(node, exp.Expr):
            return False
        return bound.setdefault(name, node) == node
    if isinstance(pattern, exp.Expr):
        if type(pattern) is not type(node):
            return False
        keys = {k for k in {*pattern.args, *node.args} if not _absent(pattern, node, k)}
        return all(_fits(pattern.args.get(k), node.args.get(k), bound) for k in sorted(keys))
    if isinstance(pattern, list):
        same = isinstance(node, list) and len(pattern) == len(node)
        return same and all(_fits(p, n, bound) for p, n in zip(pattern, node, strict=True))
    return bool(pattern == node)


def _absent(pattern: exp.Expr, node: exp.Expr, key: str) -> bool:
    return pattern.args.get(key) in (None, False, []) and node.args.get(key) in (None, False, [])
