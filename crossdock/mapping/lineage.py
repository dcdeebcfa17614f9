"""Column lineage of one query: each of its columns as flows from the relations that it reads.

sqlglot resolves the names and finds the scopes; here a value is followed through them, with the
words for what happens to it and its place in documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import Schema

from crossdock.mapping.flows import Flow, Origin, merged, telling, without_nothing
from crossdock.mapping.folding import folded
from crossdock.mapping.reading import SAME, Reading, Rule, columns_of, is_constant, shown
from crossdock.mapping.rules import RULES
from crossdock.mapping.scopes import (
    branches,
    equalities,
    literal,
    lost,
    prefix_of,
    selected,
    values_of,
)
from crossdock.mapping.structure import entered, structural

DIALECT = "duckdb"
_LONGEST = 140
_MANY = 4  # literals in the branches of a union that are names of their rows
_ITSELF = "recurring"  # how a recursive query names what it knows so far
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass
class Surroundings:
    """What a query's lineage needs to know of the others.

    Attributes:
        relation: The flows into a column of a relation: (schema, relation, column).
        rules: What says in words what an expression does; the first that knows it counts.
        lookups: Tables that values are looked up in, with the columns that they are found by;
            none named: any.
    """

    relation: Callable[[str, str, str], tuple[Flow, ...]]
    rules: tuple[Rule, ...] = RULES
    lookups: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Query:
    """One query whose columns can be followed."""

    def __init__(self, sql: str, schema: Schema, around: Surroundings) -> None:
        self._around = around
        self._known: dict[tuple[int, str], tuple[Flow, ...]] = {}
        self._open: set[tuple[int, str]] = set()
        self._looking: set[tuple[int, str, str]] = set()
        expression = sqlglot.parse_one(sql, dialect=DIALECT)
        self._spelling = {
            name.lower(): name
            for identifier in expression.find_all(exp.Identifier)
            if (name := identifier.name) != name.lower()
        }
        qualified = qualify(
            expression, schema=schema, dialect=DIALECT, validate_qualify_columns=False
        )
        self._root = build_scope(qualified)
        # Inside of itself a recursive query is a scope that sqlglot leaves empty: its first part.
        self._scopes = {id(s.expression): s for s in self._root.traverse()} if self._root else {}
        self.columns: tuple[str, ...] = tuple(selected(qualified))

    def flows(self, column: str) -> tuple[Flow, ...]:
        """Where a column of the answer comes from."""
        if self._root is None:
            return lost("no query")
        return self._of_scope(self._root, column)

    def copied(self, column: str) -> tuple[str, str, str] | None:
        """The (schema, relation, column) that a column of the answer is an exact copy of."""
        scope: Scope | None = self._root
        for _ in range(100):
            body = scope.expression if scope is not None else None
            if scope is None or not isinstance(body, exp.Select):
                return None
            names = (s.unalias() for s in body.selects if s.alias_or_name.lower() == column.lower())
            inside = next(names, None)
            source = scope.sources.get(inside.table) if isinstance(inside, exp.Column) else None
            if inside is None or source is None:
                return None
            column = inside.name
            if isinstance(source, exp.Table):
                return source.db, source.name, column
            scope = source
        return None

    def _of_scope(self, scope: Scope, column: str) -> tuple[Flow, ...]:
        scope = self._scopes.get(id(scope.expression), scope)
        key = (id(scope), column.lower())
        if key in self._known:
            return self._known[key]
        if key in self._open:  # a recursive query: its first part says where its columns come from
            return ()
        self._open.add(key)
        found = self._find(scope, column)
        self._open.discard(key)
        self._known[key] = found
        return found

    def _find(self, scope: Scope, column: str) -> tuple[Flow, ...]:
        body = scope.expression
        if isinstance(body, exp.SetOperation):
            return self._of_union(scope, column)
        if isinstance(body, exp.Subquery | exp.Table) and scope.derived_table_scopes:
            return self._of_scope(scope.derived_table_scopes[0], column)
        if isinstance(body, exp.Unnest | exp.Lateral | exp.Explode):
            return self._of_unnest(scope)
        if not isinstance(body, exp.Select):
            return lost(f"column {column} of {body.key}")
        for select in body.selects:
            if select.alias_or_name.lower() == column.lower():
                return merged(self._value(select.unalias(), scope))
        for select in body.selects:  # `unnest(struct)` has a column for each of its fields
            if isinstance(select.unalias(), exp.Explode):
                inside = self._value(select.unalias().this, scope)
                if found := tuple(f for flow in inside if (f := _column_of(flow, column))):
                    return merged(found)
        if any(isinstance(select, exp.Star) or select.name == "*" for select in body.selects):
            return self._column(exp.column(column), scope)
        return lost(f"column {column}")

    def _of_union(self, scope: Scope, column: str) -> tuple[Flow, ...]:
        names = [name.lower() for name in selected(scope.expression)]
        flows: list[Flow] = []
        for branch in scope.set_operation_scopes:
            name = column
            if not scope.expression.args.get("by_name") and column.lower() in names:
                name = selected(branch.expression)[names.index(column.lower())]
            elif column.lower() not in (n.lower() for n in selected(branch.expression)):
                continue
            flows += self._of_scope(branch, name)
        named = self._by_branch(scope, column, flows)
        return without_nothing(named or flows)

    def _by_branch(self, scope: Scope, column: str, flows: list[Flow]) -> list[Flow]:
        """Where each branch gives a literal to the rows that it takes, those rows' columns tell."""
        literals = {flow.origin.column for flow in flows if flow.origin.kind == "constant"}
        if len(literals) < _MANY or len(literals) < len(flows):
            return []
        found: list[Flow] = []
        for branch in branches(scope):
            where = branch.expression.args.get("where")
            for condition in columns_of(where) if where is not None else ():
                for flow in self._value(condition, branch):
                    found.append(flow.then(f"derived: by {condition.name}", "varchar"))
        return list(telling(found))

    def _of_unnest(self, scope: Scope) -> tuple[Flow, ...]:
        outer = scope.parent or scope
        flows = [
            inside
            for item in scope.expression.expressions or [scope.expression.this]
            for flow in self._value(item, outer)
            if (inside := entered(flow, "[]")) is not None
        ]
        return merged(flows)

    def _value(self, node: exp.Expr, scope: Scope) -> tuple[Flow, ...]:
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Alias):
            return self._value(node.this, scope)
        if isinstance(node, exp.Subquery | exp.Exists):
            return self._subquery(node, scope)
        if any(node.find_all(exp.CurrentTimestamp, exp.CurrentDate)) and is_constant(node):
            return (Flow(Origin("clock")),)
        if is_constant(node) and not isinstance(node, exp.Window | exp.Func):
            return (literal(node),)
        inside = structural(node, lambda part: self._value(part, scope), self._spelled)
        if inside is not None:
            return inside
        reading = next((r for rule in self._around.rules if (r := rule(node))), None)
        if reading is None:
            if is_constant(node):
                return (literal(node),)
            columns = columns_of(node)
            reading = Reading(
                columns or tuple(node.find_all(exp.Subquery)), f"derived: {shown(node)}"
            )
        return self._read(node, reading, scope)

    def _read(self, node: exp.Expr, reading: Reading, scope: Scope) -> tuple[Flow, ...]:
        flows = [f for part in reading.inputs for f in self._value(part, scope)]
        if all(flow.origin.kind == "constant" for flow in flows) and reading.conditions:
            asked = columns_of(*reading.conditions)
            flows = [f for part in asked for f in self._value(part, scope)]
        values = values_of(flows)
        found = []
        for flow in telling(flows):
            type_ = flow.type if reading.type == SAME else reading.type
            silent = reading.words.startswith("as ") and type_ == flow.type
            words = prefix_of(node, flow, values) or self._spelled(reading.words)
            value = folded(node, values.get(flow.origin))
            found.append(replace(flow.then("" if silent else words, type_), value=value))
        return merged(found)

    def _spelled(self, words: str) -> str:
        """Words with the columns' names as the query writes them."""
        spelled = _WORD.sub(lambda match: self._spelling.get(match[0], match[0]), words)
        return spelled if len(spelled) <= _LONGEST else spelled[: _LONGEST - 1].rstrip() + "…"

    def _column(self, column: exp.Column, scope: Scope) -> tuple[Flow, ...]:
        name, table = column.name, column.table
        around: Scope | None = scope
        while around is not None:
            source = around.sources.get(table) if table else None
            if not table and len(around.selected_sources) == 1:
                table, (_, source) = next(iter(around.selected_sources.items()))
            if isinstance(source, Scope):
                return self._looked_up(self._of_scope(source, name), table, around)
            if isinstance(source, exp.Table) and source.db == _ITSELF:
                return ()
            if isinstance(source, exp.Table):
                flows = self._around.relation(source.db, source.name, name)
                return self._looked_up(flows, table, around)
            around = around.parent
        if column.args.get("db") or table:  # `a.b` may be a field of a column a
            return self._field_of_column(column, scope)
        return lost(f"column {name}")

    def _field_of_column(self, column: exp.Column, scope: Scope) -> tuple[Flow, ...]:
        parts = [part.name for part in column.parts]
        for alias, source in scope.sources.items():
            names = selected(source.expression) if isinstance(source, Scope) else []
            if parts[0] in names:
                flows = list(self._column(exp.column(parts[0], table=alias), scope))
                for step in parts[1:]:
                    flows = [f for flow in flows if (f := entered(flow, self._spelled(step)))]
                return merged(flows)
        return lost(f"column {'.'.join(parts)}")

    def _subquery(self, node: exp.Expr, scope: Scope) -> tuple[Flow, ...]:
        inner = node.this
        for found in scope.subquery_scopes:
            if found.expression is inner or found.expression is node:
                return self._of_scope(found, selected(found.expression)[0])
        return lost("a subquery")

    def _looked_up(self, flows: tuple[Flow, ...], alias: str, scope: Scope) -> tuple[Flow, ...]:
        """What a join finds in a table that is there to be looked up in comes from its key."""
        found: list[Flow] = []
        for flow in flows:
            found += self._by_key(flow, alias, scope) or [flow]
        return telling(found) if len(found) > 1 else tuple(found)

    def _by_key(self, flow: Flow, alias: str, scope: Scope) -> list[Flow]:
        table = flow.origin.table
        looking = (id(scope), alias, table)
        if flow.origin.kind != "lookup" or looking in self._looking:
            return []
        self._looking.add(looking)  # two tables may be joined by each other's columns
        found = [
            replace(
                outer,
                steps=(*outer.steps, f"looked up in {table} by {name}", *flow.steps),
                type=flow.type,
                part=flow.part,
                canonical=flow.canonical or outer.canonical,
                value=None,
            )
            for name, other in self._keys(flow, alias, scope)
            for outer in self._value(other, scope)
            if outer.origin.kind != "constant" and outer.origin.table != table
        ]
        self._looking.discard(looking)
        return found

    def _keys(self, flow: Flow, alias: str, scope: Scope) -> tuple[tuple[str, exp.Expr], ...]:
        if self._is_same_row(alias, scope):
            return ()
        allowed = self._around.lookups.get(flow.origin.table, frozenset())
        found = []
        for own, other in equalities(scope, alias):
            for key in self._value_of_source(own, scope):
                same = key.origin.kind == "lookup" and key.origin.table == flow.origin.table
                if same and (not allowed or key.origin.column in allowed):
                    found.append((key.origin.column, other))
                    break
        return tuple(found)

    def _is_same_row(self, alias: str, scope: Scope) -> bool:
        return len(scope.selected_sources) == 1 and alias in scope.selected_sources

    def _value_of_source(self, column: exp.Column, scope: Scope) -> tuple[Flow, ...]:
        source = scope.sources.get(column.table)
        if isinstance(source, Scope):
            return self._of_scope(source, column.name)
        if isinstance(source, exp.Table):
            return self._around.relation(source.db, source.name, column.name)
        return ()


def _column_of(flow: Flow, column: str) -> Flow | None:
    return entered(flow, column) if flow.part[:1] == (column,) else None


__all__ = ["DIALECT", "Query", "SqlglotError", "Surroundings"]
