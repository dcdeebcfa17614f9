"""Everything that the page shows, as plain values: `collect`. `show` prints the short of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock import clock
from crossdock.errors import CrossdockError
from crossdock.journal import Journal
from crossdock.reading import open_for_people
from crossdock.settings import Settings
from crossdock.warehouse import Warehouse
from reconciliation import checks, intake, manifest, sections, verdict, writes
from reconciliation.terminal import show as _show

#: Of the document that `collect` answers; it grows with what the document loses or renames.
VERSION = 1


def collect(places: Settings) -> dict[str, Any]:
    """What came in, what is held, what went out, and which checks passed.

    What is missing (no warehouse yet, a model that was never built) is said in `missing`.
    """
    journal = Journal(places.journal)
    missing: list[str] = []
    try:
        nodes = manifest.read(places.manifest)
    except CrossdockError as error:
        nodes = {}
        missing.append(str(error))
    try:
        with open_for_people(places) as (warehouse, is_copy):
            if is_copy:
                missing.append("a run is writing: the warehouse is shown as the last one left it")
            return _document(places, journal, warehouse, nodes, missing)
    except CrossdockError as error:
        missing.append(str(error))
        return _document(places, journal, None, nodes, missing)


def show(places: Settings) -> None:
    """Print what came in, what is held, what went out, and where to look next."""
    _show(collect(places))


def _document(
    places: Settings,
    journal: Journal,
    warehouse: Warehouse | None,
    nodes: Mapping[str, Any],
    missing: list[str],
) -> dict[str, Any]:
    runs = writes.last_runs(journal)
    ended = [run for run in runs if run["state"] != "open"]
    last = ended[0] if ended else None
    last_id = last["run_id"] if last else None
    failures = writes.failures(journal, last_id) if last_id else []
    now = _now(last)
    sources = intake.sources(places, journal, warehouse, now)
    syncs = writes.syncs(journal)
    document: dict[str, Any] = {
        "version": VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "data": _age(sources),
        "run": {**last, "failures": failures} if last else None,
        "open_run": next((run for run in runs if run["state"] == "open"), None),
        "runs": runs,
        "sources": sources,
        "canonical": intake.canonical(warehouse) if warehouse else [],
        "sections": _sections(warehouse, nodes, missing),
        "syncs": syncs,
        "waiting": writes.waiting(journal),
        "checks": checks.collect(warehouse, manifest.checks(nodes), ended, syncs),
        "missing": missing,
    }
    document["findings"] = verdict.findings(document)
    document["next"] = verdict.next_steps(document, places)
    return document


def _now(last: Mapping[str, Any] | None) -> datetime:
    """Business time; where nobody names a clock, the one that the last run went by."""
    if last is None or os.environ.get(clock.NOW):
        return clock.now()
    ahead = datetime.fromisoformat(last["business_at"]) - datetime.fromisoformat(last["started_at"])
    return clock.real_now() + ahead


def _sections(
    warehouse: Warehouse | None, nodes: Mapping[str, Any], missing: list[str]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for report in manifest.reports(nodes):
        if warehouse is None:
            continue
        if not warehouse.table_exists(*report.relation):
            missing.append(f"{'.'.join(report.relation)} is not there -> `meltano run reconcile`")
            continue
        try:
            found.append(sections.read(warehouse, report))
        except CrossdockError as error:
            missing.append(f"{report.name} cannot be read: {error.message}")
    return found


def _age(sources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The data is as old as the source that was read longest ago."""
    read = [s for s in sources if s["read_at"]]
    if not read:
        return {"as_of": None, "age_seconds": None}
    oldest = min(read, key=lambda s: str(s["read_at"]))
    return {"as_of": oldest["read_at"], "age_seconds": oldest["age_seconds"]}
