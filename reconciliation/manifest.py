"""What dbt's manifest says of the page: the models that it shows, and the checks there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from crossdock.errors import CrossdockError

#: Where on the page a model may stand.
PARTS = ("flow", "holds", "held")


class ReportError(CrossdockError):
    """The page cannot be made from what is there."""


@dataclass(frozen=True)
class Report:
    """A dbt model that the page shows as a table: its `meta.report`.

    Attributes:
        relation: (schema, view) to read.
        part: Part of the page that it belongs to.
        position: Place within the part.
        title: Heading of the table.
        text: A sentence or two above it.
        empty: What to say when it has no rows.
        bar: Column of counts that is drawn as a bar as well.
        words: Column of names such as `sent_to_wms`, which people read with spaces.
        brief: Columns that the terminal shows beside the first one; all if left out.
        equal: Pairs of columns that should hold the same number.
        attention: `column` (true where a row needs somebody, not shown), `count` (column that
            says how much of it) and `text` (what it is).
        hints: Column to its description.
    """

    name: str
    relation: tuple[str, str]
    part: str
    position: int
    title: str
    text: str = ""
    empty: str = "Nothing."
    bar: str | None = None
    words: str | None = None
    brief: Sequence[str] = ()
    equal: Sequence[tuple[str, str]] = ()
    attention: Mapping[str, str] | None = None
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A data test of the dbt project.

    Attributes:
        agreement: It compares systems; the others look after the models themselves.
    """

    check_id: str
    name: str
    text: str
    agreement: bool


def read(manifest: Path) -> Mapping[str, Any]:
    """The nodes of the manifest.

    Raises:
        ReportError: The project was never built.
    """
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_bytes())["nodes"]
    except FileNotFoundError as error:
        raise ReportError(
            "the dbt models were never built", hint="run `meltano run sync` first"
        ) from error
    return nodes


def reports(nodes: Mapping[str, Any]) -> list[Report]:
    """Every model with `meta.report`, in the order of the page.

    Raises:
        ReportError: A `meta.report` is wrong; the message holds its path.
    """
    found = []
    for node in nodes.values():
        meta = _meta(node).get("report") if node["resource_type"] == "model" else None
        if meta is not None:
            found.append(_report(node, meta))
    return sorted(found, key=lambda report: (PARTS.index(report.part), report.position))


def _report(node: Mapping[str, Any], meta: Mapping[str, Any]) -> Report:
    name = node["name"]
    allowed = {f.name for f in fields(Report)} - {"name", "relation", "hints"}
    if unknown := sorted(meta.keys() - allowed):
        raise ReportError(
            f"{name}: meta.report.{unknown[0]} is not known",
            hint=f"mend its .yml; there are {', '.join(sorted(allowed))}",
        )
    for wanted in ("part", "position", "title"):
        if wanted not in meta:
            raise ReportError(f"{name}: meta.report.{wanted} is missing", hint="add it to its .yml")
    if meta["part"] not in PARTS:
        raise ReportError(
            f"{name}: meta.report.part is {meta['part']!r}", hint=f"write {', '.join(PARTS)}"
        )
    described = {column["name"]: column.get("description", "") for column in _columns(node)}
    relation = (node["schema"], node.get("alias") or name)
    equal = tuple((left, right) for left, right in meta.get("equal", ()))
    return Report(name=name, relation=relation, hints=described, **{**meta, "equal": equal})


def checks(nodes: Mapping[str, Any]) -> list[Check]:
    """Every data test, by name."""
    found = [
        Check(
            check_id=check_id,
            name=node["name"],
            text=" ".join((node.get("description") or "").split()),
            agreement=_is_agreement(node, nodes),
        )
        for check_id, node in nodes.items()
        # The models of a system that is not in use are off, and so are their tests.
        if node["resource_type"] == "test" and node["config"].get("enabled", True)
    ]
    return sorted(found, key=lambda check: check.name)


def _is_agreement(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> bool:
    if "reconcile" in (node.get("tags") or []):
        return True
    attached = nodes.get(node.get("attached_node") or "", {})
    return "reconcile" in (attached.get("tags") or [])


def _columns(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (node.get("columns") or {}).values()


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return meta
