"""How the checks ended; one that did not run is no pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.warehouse import Warehouse
from reconciliation.manifest import Check
from reconciliation.sections import plain

#: Where the hook `record_checks` of the dbt project keeps the last result of each test.
RESULTS = ("reconciliation", "check_results")
#: Jobs that run the checks of each kind.
_AGREEMENT_JOBS, _MODEL_JOBS = {"sync", "reconcile"}, {"sync", "model"}
_WORDS = {"pass": "pass", "fail": "fail", "warn": "warn", "error": "error"}
BAD = ("fail", "error")


def collect(
    warehouse: Warehouse | None,
    known: Sequence[Check],
    runs: Sequence[Mapping[str, Any]],
    syncs: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Every check of the project with its last result.

    Args:
        warehouse: Where the results are; None if there is none.
        known: The checks that the project has.
        runs: The newest runs, the last one first.
        syncs: The syncs of the last run with their books.
    """
    results = _results(warehouse)
    agreement = [_judged(c, results, _began(runs, _AGREEMENT_JOBS)) for c in known if c.agreement]
    models = [_judged(c, results, _began(runs, _MODEL_JOBS)) for c in known if not c.agreement]
    books = [_books(sync) for sync in syncs if sync["book"]]
    everything = [*agreement, *books, *models]
    return {
        "agreement": agreement,
        "books": books,
        "models": {
            "counts": dict(Counter(check["status"] for check in models)),
            "not_passed": [check for check in models if check["status"] != "pass"],
        },
        "counts": dict(Counter(check["status"] for check in everything)),
    }


def _results(warehouse: Warehouse | None) -> dict[str, dict[str, Any]]:
    if warehouse is None or not warehouse.table_exists(*RESULTS):
        return {}
    names = ("check_id", "status", "failures", "ran_at", "business_at")
    rows = warehouse.fetchall(f"select {', '.join(names)} from {'.'.join(RESULTS)}")
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _began(runs: Sequence[Mapping[str, Any]], jobs: set[str]) -> datetime | None:
    """When the newest run began that should have run such checks."""
    began = [r["started_at"] for r in runs if jobs.intersection(r["job"].split())]
    return datetime.fromisoformat(max(began)) if began else None


def _judged(
    check: Check, results: Mapping[str, Mapping[str, Any]], began: datetime | None
) -> dict[str, Any]:
    found = results.get(check.check_id)
    status = _WORDS.get(found["status"], "not_run") if found else "not_run"
    if found and status in ("pass", "warn") and began and found["ran_at"] < began:
        status = "old"
    return {
        "name": check.name,
        "text": check.text or _spelled(check.name),
        "status": status,
        "failures": found["failures"] if found else None,
        "at": plain(found["business_at"]) if found else None,
        "next": _advice(check.name, status),
    }


def _advice(name: str, status: str) -> str | None:
    if status in BAD or status == "warn":
        return f"crossdock dbt show --select {name}"
    return None if status == "pass" else "meltano run reconcile"


def _books(sync: Mapping[str, Any]) -> dict[str, Any]:
    book = sync["book"]
    status = {True: "pass", False: "fail", None: "not_run"}[book["balanced"]]
    if book["status"] != "planned":
        status = "not_run"
    return {
        "name": f"books of {sync['sync']}",
        "text": f"{sync['sync']} → {sync['destination']}: every row and operation is accounted for",
        "status": status,
        "failures": None,
        "at": None,
        "next": None if status == "pass" else "crossdock status",
    }


def _spelled(name: str) -> str:
    words = name.replace("__", ": ").replace("_", " ")
    return words[:1].upper() + words[1:]
