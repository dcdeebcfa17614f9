"""The sheet: one row for each way from a source's field to a canonical or a destination's field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

from crossdock.mapping.flows import Flow, is_nothing, path_text
from crossdock.mapping.project import Column, Project, Relation
from crossdock.plan.definition import Sync

COLUMNS = (
    "Source System",
    "Source Field",
    "Canonical Field",
    "Destination Field",
    "Transformation Rule",
    "Required",
)
_STEPS = 5


@dataclass(frozen=True)
class Row:
    """One row, in the words and the order of `COLUMNS`."""

    source_system: str
    source_field: str
    canonical_field: str
    destination_field: str
    rule: str
    required: str

    def cells(self) -> tuple[str, ...]:
        """The row as a spreadsheet has it."""
        return astuple(self)

    def key(self) -> tuple[str, str, str, str]:
        """What the row is about; the rest is what it says of that."""
        return (
            self.source_system,
            self.source_field,
            self.canonical_field,
            self.destination_field,
        )


@dataclass(frozen=True)
class Sheet:
    """The whole map, and what is wrong with it."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def sheet_of(
    project: Project, syncs: Iterable[Sync], constants: Mapping[tuple[str, str], str]
) -> Sheet:
    """The map of a project's models.

    Args:
        project: The models.
        syncs: What is written to destinations.
        constants: The literals that syncs declare, by (sync, field).
    """
    rows: list[Row] = []
    problems: list[str] = []
    for sync in syncs:
        for column, name, required in _written(project, sync):
            flows = project.origins(sync.name, column)
            declared = constants.get((sync.name, name))
            destination = f"{sync.destination} {sync.object}.{name}"
            problems += _problems(destination, flows, declared)
            rows += _rows(flows, destination, required, declared)
    shown = {(row.source_system, row.source_field, row.canonical_field) for row in rows}
    for relation in project.canonical:
        for column in project.columns(relation.name):
            required = _declared(relation, column).required
            for row in _rows(project.origins(relation.name, column), "", required, None):
                if row.key()[:3] not in shown:
                    rows.append(row)
    return Sheet(tuple(_one_each(rows)), tuple(problems))


def constants_of(manifest: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The literals that syncs declare: `fields: {x: {policy: own, constant: text}}`."""
    found = {}
    for node in manifest["nodes"].values():
        meta = ((node.get("config") or {}).get("meta") or {}).get("sync") or {}
        for name, spec in (meta.get("fields") or {}).items():
            if "constant" in spec:
                found[node["name"], name] = str(spec["constant"])
    return found


def _written(project: Project, sync: Sync) -> Iterator[tuple[str, str, bool]]:
    """What a sync writes: (column, name at the destination, whether it is required)."""
    relation = project.relation(sync.name)
    for field in sync.fields:
        key = field.name in sync.match_on or field.name == sync.key
        yield field.name, field.name, key or _declared(relation, field.name).required
    for name, (_, column) in sync.refs.items():
        yield column, name, _declared(relation, column).required


def _declared(relation: Relation, column: str) -> Column:
    return relation.columns.get(column.lower()) or Column(column, "")


def _problems(destination: str, flows: tuple[Flow, ...], constant: str | None) -> Iterator[str]:
    literals = sorted({f.origin.column for f in flows if f.origin.kind == "constant"})
    lost = sorted({f.origin.column for f in flows if f.origin.kind == "untraced"})
    if lost:
        yield f"{destination}: not traced: {', '.join(lost)}"
    if flows and len(literals) < len(flows):
        if constant is not None:
            yield f"{destination}: declared as the constant {constant!r}, and it has a source"
    elif constant is None:
        what = f"only {', '.join(literals)}" if literals else "nothing"
        yield (
            f"{destination}: neither a source nor a declared constant ({what}); say in its sync's "
            "meta: constant: ..., or where it comes from"
        )
    elif literals != [f"'{constant}'"] and literals != [constant]:
        yield f"{destination}: declared as {constant!r}, the model says {', '.join(literals)}"


def _rows(
    flows: tuple[Flow, ...], destination: str, required: bool, constant: str | None
) -> Iterator[Row]:
    literals = [f for f in flows if f.origin.kind == "constant" and not is_nothing(f)]
    others = [f for f in flows if f.origin.kind != "constant"]
    say = "yes" if required else "no"
    for flow in others:
        part = path_text(flow.part) if destination else ""
        sub = f"{destination}{'' if part.startswith('[') or not part else '.'}{part}"
        system, field = _source(flow)
        yield Row(system, field, flow.canonical, sub, _rule(flow.steps), say)
    canonical = flows[0].canonical if flows else ""
    if literals:
        texts = list(dict.fromkeys(f.origin.column for f in literals))
        rule = f"constant {texts[0]}" if len(texts) == 1 else f"one of {', '.join(texts)}"
        yield Row("", "", canonical, destination, rule, say)
    elif not others:
        rule = "constant nothing" if constant is None else f"constant {constant!r}"
        yield Row("", "", canonical, destination, rule, say)


def _source(flow: Flow) -> tuple[str, str]:
    origin = flow.origin
    if origin.kind == "account":
        return origin.system, "(name of the account)"
    if origin.kind == "clock":
        return "crossdock", "(business clock)"
    if origin.kind == "lookup":
        return "seed", f"{origin.table}.{origin.column}"
    if origin.kind == "untraced":
        return "", f"not traced: {origin.column}"
    return origin.system, path_text((origin.table, origin.column, *origin.path))


def _rule(steps: tuple[str, ...]) -> str:
    if not steps:
        return "direct copy"
    if len(steps) > _STEPS:
        steps = (*steps[:2], "…", *steps[2 - _STEPS :])
    copied = ("direct copy",) if steps[0].startswith("else ") else ()
    return "; ".join((*copied, *steps))


def _one_each(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, one for each key; rules of several ways stand side by side."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        known = found.get(row.key())
        if known is None:
            found[row.key()] = row
        elif row.rule not in known.rule:
            found[row.key()] = replace(known, rule=f"{known.rule}; or: {row.rule}")
    yield from found.values()
