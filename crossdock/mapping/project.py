"""The models of a dbt project, as its compiled manifest has them, and the lineage between them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlglot import exp
from sqlglot.schema import MappingSchema

from crossdock.mapping.flows import Flow, Origin, merged
from crossdock.mapping.idioms import rules_of
from crossdock.mapping.lineage import DIALECT, Query, SqlglotError, Surroundings
from crossdock.mapping.rules import RULES

CANONICAL = "canonical"
ACCOUNT = "source_instance"
_TOLD = 5  # steps that one reads
_READ = 200  # characters
_KEPT = ("looked up", "gives", "prefix")


@dataclass(frozen=True)
class Column:
    """What the properties of a model or source say of a column.

    Attributes:
        rule: Words of a person for what happens to it, instead of ours.
        comes_from: `model.column` that it is made of, where no SQL says so.
        refers_to: The canonical field whose values it holds.
    """

    name: str
    type: str
    description: str = ""
    required: bool = False
    rule: str = ""
    comes_from: tuple[str, ...] = ()
    refers_to: str = ""


@dataclass(frozen=True)
class Relation:
    """A model, seed or source table."""

    name: str
    kind: str
    schema: str
    alias: str
    columns: Mapping[str, Column]
    system: str = ""
    sql: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_canonical(self) -> bool:
        """Whether it is a table of the canonical model."""
        return self.schema == CANONICAL


class Project:
    """The models of a project and where each of their columns comes from."""

    def __init__(
        self, manifest: Mapping[str, Any], folder: Path, accounts: Iterable[str] = ()
    ) -> None:
        self._accounts = {a.partition(":")[0]: a for a in reversed(list(accounts))}
        self._relations = {r.name: r for r in _relations(manifest, folder)}
        self._by_place = {(r.schema, r.alias): r for r in self._relations.values()}
        self._queries: dict[str, Query] = {}
        self.failures: dict[str, str] = {}
        self._known: dict[tuple[str, str], tuple[Flow, ...]] = {}
        self._around = Surroundings(
            relation=self._seen_from_outside,
            rules=(*rules_of(manifest), *RULES),
            lookups={r.name: k for r in self._relations.values() if (k := _keys(r)) is not None},
        )
        self._read_queries(manifest)
        self._twins = dict(self._copies())

    @property
    def canonical(self) -> list[Relation]:
        """The canonical tables."""
        return sorted((r for r in self.models if r.is_canonical), key=lambda r: r.name)

    @property
    def models(self) -> list[Relation]:
        """The models that were read."""
        return [r for r in self._relations.values() if r.kind == "model"]

    def relation(self, name: str) -> Relation:
        """A model, seed or source (`source:system.table`) by its name."""
        return self._relations[name]

    def columns(self, model: str) -> tuple[str, ...]:
        """The columns of a model: of its query, or as declared."""
        if model in self._queries:
            return self._queries[model].columns
        return tuple(self._relations[model].columns)

    def origins(self, model: str, column: str) -> tuple[Flow, ...]:
        """Where a column of a model comes from, back to the sources."""
        return merged(self._expanded(self._flows(model, column)))

    def _flows(self, model: str, column: str) -> tuple[Flow, ...]:
        key = (model, column.lower())
        if key not in self._known:
            self._known[key] = ()  # models in a circle: what is not known yet adds nothing
            self._known[key] = self._find(model, column)
        return self._known[key]

    def _find(self, model: str, column: str) -> tuple[Flow, ...]:
        relation = self._relations[model]
        declared = relation.columns.get(column.lower()) or Column(column, "")
        if declared.comes_from:
            pairs = (named.rpartition(".") for named in declared.comes_from)
            flows = tuple(f for source, _, name in pairs for f in self._flows(source, name))
        elif model in self._queries:
            flows = self._queries[model].flows(column)
        else:
            why = self.failures.get(model, f"{model} says nothing of {column} in its .yml")
            flows = (Flow(Origin("untraced", column=why)),)
        if declared.rule:
            flows = tuple(
                replace(f, steps=(declared.rule,), value=None) for f in self._expanded(flows)
            )
        name = f"{model}.{column}" if relation.is_canonical else self._twins.get((model, column))
        if name:
            flows = tuple(
                replace(f, canonical=name, steps=_in_short(f.steps, declared)) for f in flows
            )
        return merged(flows)

    def _seen_from_outside(self, schema: str, table: str, column: str) -> tuple[Flow, ...]:
        relation = self._by_place.get((schema, table))
        if relation is None:
            return (Flow(Origin("untraced", column=f"table {schema}.{table}")),)
        if relation.kind == "source":
            if column == ACCOUNT:
                name = self._accounts.get(relation.system, f"{relation.system}:main")
                origin = Origin("account", relation.system)
                return (Flow(origin, type="varchar", value=name),)
            declared = next((c for n, c in relation.columns.items() if n == column.lower()), None)
            name = declared.name if declared else column
            origin = Origin("field", relation.system, relation.alias, name)
            return (Flow(origin, type=declared.type if declared else "timestamptz"),)
        if relation.name in self._around.lookups:
            declared = relation.columns.get(column.lower())
            words = f"gives {declared.refers_to}" if declared and declared.refers_to else ""
            origin = Origin("lookup", "", relation.name, column)
            return (Flow(origin, (words,) if words else (), type="varchar"),)
        return self._flows(relation.name, column)

    def _expanded(self, flows: Iterable[Flow]) -> Iterator[Flow]:
        """What was never looked up with a key comes from where the looked-up table has it from."""
        for flow in flows:
            table = self._relations.get(flow.origin.table) if not flow.origin.system else None
            if flow.origin.kind != "lookup" or table is None or table.kind == "seed":
                yield flow
                continue
            for inner in self._expanded(self._flows(table.name, flow.origin.column)):
                steps = (*inner.steps, *flow.steps)
                canonical = flow.canonical or inner.canonical
                yield replace(flow, origin=inner.origin, steps=steps, canonical=canonical)

    def _read_queries(self, manifest: Mapping[str, Any]) -> None:
        schema = MappingSchema(dialect=DIALECT)
        for name in _in_order(manifest):
            relation = self._relations.get(name)
            if relation is None:
                continue
            if relation.kind == "model" and relation.sql:
                try:
                    self._queries[name] = Query(relation.sql, schema, self._around)
                except SqlglotError as error:
                    self.failures[name] = f"{name}: {' '.join(str(error).split())[:120]}"
            # What a model that is no SQL declares may be only some of its columns.
            is_known = relation.kind != "model" or name in self._queries
            columns = dict.fromkeys(self.columns(name), "text") if is_known else {}
            if relation.kind == "source":
                columns[ACCOUNT] = "text"
            if columns:
                schema.add_table(exp.table_(relation.alias, relation.schema), columns)

    def _copies(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Columns that a canonical table holds as they are: their canonical names."""
        for relation in self.canonical:
            for column in self.columns(relation.name):
                query = self._queries.get(relation.name)
                place = query.copied(column) if query is not None else None
                source = self._by_place.get(place[:2]) if place else None
                if place and source and source.kind == "model" and not source.is_canonical:
                    yield (source.name, place[2]), f"{relation.name}.{column}"


def _in_short(steps: tuple[str, ...], column: Column) -> tuple[str, ...]:
    """Where too much happened to be told, what the column is; what was looked up stays."""
    is_short = len(steps) <= _TOLD and sum(map(len, steps)) <= _READ
    if is_short or not column.description:
        return steps
    kept = [step for step in steps if step.startswith(_KEPT)]
    what = column.description.partition(". ")[0].rstrip(".")
    return (f"derived: {what}", *kept[-_TOLD // 2 :])


def _keys(relation: Relation) -> frozenset[str] | None:
    """The columns by which values are looked up in a table; None if it is no such table."""
    named = relation.meta.get("lookup")
    if relation.kind == "seed" and not named:
        return frozenset()
    return frozenset(str(key) for key in named) if named else None


def _relations(manifest: Mapping[str, Any], folder: Path) -> Iterator[Relation]:
    tested, parents = _tested(manifest), _parents(manifest)
    for node in manifest["nodes"].values():
        kind = node["resource_type"]
        if kind not in {"model", "seed"} or node.get("schema") == "reconciliation":
            continue
        id_ = node["unique_id"]
        columns = _columns(node, tested.get(id_, set()), parents.get(id_, {}))
        if kind == "seed":
            columns = {name: Column(name, "varchar") for name in _header(folder, node)} | columns
        yield Relation(
            name=node["name"],
            kind=kind,
            schema=node["schema"],
            alias=node.get("alias") or node["name"],
            columns=columns,
            sql="" if node.get("language") == "python" else str(node.get("compiled_code") or ""),
            meta=_meta(node),
        )
    for node in manifest["sources"].values():
        yield Relation(
            name=f"source:{node['source_name']}.{node['name']}",
            kind="source",
            schema=node["schema"],
            alias=node["identifier"],
            columns=_columns(node, set(), {}),
            system=node["source_name"],
            meta=_meta(node),
        )


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (node.get("config") or {}).get("meta") or node.get("meta") or {}
    return found if isinstance(found, Mapping) else {}


def _columns(
    node: Mapping[str, Any], tested: set[str], parents: Mapping[str, str]
) -> dict[str, Column]:
    found = {}
    for name, column in (node.get("columns") or {}).items():
        meta = _meta(column)
        kinds = {constraint.get("type") for constraint in column.get("constraints") or ()}
        origins = meta.get("from") or ()
        found[name.lower()] = Column(
            name=name,
            type=str(column.get("data_type") or "").lower(),
            description=" ".join(str(column.get("description") or "").split()),
            required="not_null" in kinds or name.lower() in tested,
            rule=str(meta.get("rule") or ""),
            comes_from=tuple([origins] if isinstance(origins, str) else origins),
            refers_to=str(meta.get("refers_to") or parents.get(name.lower()) or ""),
        )
    return found


def _tested(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    """The columns of each model that a `not_null` test watches over."""
    found: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == "not_null" and node.get("attached_node") and node.get("column_name"):
            found.setdefault(node["attached_node"], set()).add(node["column_name"].lower())
    return found


def _parents(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The columns of each model that a `relationships` test ties to another's: `table.column`."""
    found: dict[str, dict[str, str]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        to = re.search(r"ref\(['\"](\w+)['\"]\)", str((test.get("kwargs") or {}).get("to")))
        if test.get("name") == "relationships" and to and node.get("column_name"):
            columns = found.setdefault(str(node.get("attached_node")), {})
            columns[node["column_name"].lower()] = f"{to[1]}.{test['kwargs'].get('field')}"
    return found


def _header(folder: Path, node: Mapping[str, Any]) -> list[str]:
    with (folder / node["original_file_path"]).open(encoding="utf-8-sig", newline="") as file:
        return [name.strip() for name in next(csv.reader(file), [])]


def _in_order(manifest: Mapping[str, Any]) -> list[str]:
    """The names of all relations, those that others read first."""
    graph: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] in {"model", "seed"}:
            graph[key] = list((node.get("depends_on") or {}).get("nodes") or ())
            names[key] = node["name"]
    for key, node in manifest["sources"].items():
        names[key] = f"source:{node['source_name']}.{node['name']}"
    return [names[key] for key in TopologicalSorter(graph).static_order() if key in names]
