"""The journal's part of the page: runs, what failed, what was written to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from crossdock.journal import Journal, states
from crossdock.journal.schema import acknowledged, operations, runs
from reconciliation.masks import mask

_RUNS = 10
#: States of operations that somebody should look at, in the order of their weight.
OPEN = (states.DEAD_LETTER, states.PARKED, states.UNKNOWN, states.REJECTED, states.SKIPPED)

_ADVICE = {
    "books": "read `crossdock status`; the next run goes on where this one stopped",
    "delivery": "ask `crossdock why` about one of the records; the next run tries again",
    "dbt": "mend the model or the data that it names, then `meltano run model`",
    "plan": "read it with `crossdock plan`, release it with `crossdock approve DIGEST`",
}
_DEFAULT_ADVICE = "mend what it says and run again: the next run catches up"


def last_runs(journal: Journal) -> list[dict[str, Any]]:
    """The newest runs, the last one first."""
    wrote = {
        row["run_id"]: row["n"]
        for row in journal.rows(
            select(operations.c.run_id, func.count().label("n"))
            .where(operations.c.state == states.ACKNOWLEDGED, operations.c.action != "adopt")
            .group_by(operations.c.run_id)
        )
    }
    rows = journal.rows(select(runs).order_by(runs.c.started_at.desc()).limit(_RUNS))
    return [
        {
            "run_id": row["run_id"],
            "job": row["job"],
            "state": row["state"],
            "business_at": row["business_at"],
            "started_at": row["started_at"],
            "seconds": _seconds(row["started_at"], row["ended_at"]),
            "confirmed_writes": wrote.get(row["run_id"], 0),
        }
        for row in rows
    ]


def failures(journal: Journal, run_id: str) -> list[dict[str, Any]]:
    """What failed in a run, each with what to do about it."""
    found = []
    for row in journal.runs.failures(run_id):
        message, _, advice = str(row["message"]).partition(" -> ")
        found.append(
            {
                "component": row["component"],
                "instance": row["instance"],
                "message": mask(message),
                "next": mask(advice) or _ADVICE.get(row["component"], _DEFAULT_ADVICE),
            }
        )
    return found


def syncs(journal: Journal, run_id: str | None) -> list[dict[str, Any]]:
    """Each sync: its operations by action and state, in the run and overall, and its books."""
    books = {(b["sync"], b["destination"]): b for b in journal.runs.books(run_id or "")}
    in_run = _counted(journal, run_id) if run_id else {}
    overall = _counted(journal, None)
    held = {
        (row["sync"], row["destination"]): row["n"]
        for row in journal.rows(
            select(acknowledged.c.sync, acknowledged.c.destination, func.count().label("n"))
            .group_by(acknowledged.c.sync, acknowledged.c.destination)
        )
    }  # fmt: skip
    found = []
    for sync, destination in sorted({*books, *overall, *held}):
        key = (sync, destination)
        found.append(
            {
                "sync": sync,
                "destination": destination,
                "records_confirmed": held.get(key, 0),
                "book": _book(books[key]) if key in books else None,
                "last_run": in_run.get(key, []),
                "overall": overall.get(key, []),
            }
        )
    return found


def waiting(journal: Journal) -> dict[str, int]:
    """State to number of operations that have not come to a good end."""
    rows = journal.rows(
        select(operations.c.state, func.count().label("n"))
        .where(operations.c.state.in_(OPEN))
        .group_by(operations.c.state)
    )
    counted = {row["state"]: row["n"] for row in rows}
    return {state: counted[state] for state in OPEN if state in counted}


def _counted(journal: Journal, run_id: str | None) -> dict[tuple[str, str], list[dict[str, Any]]]:
    columns = [operations.c[n] for n in ("sync", "destination", "action", "state")]
    statement = select(*columns, func.count().label("number")).group_by(*columns)
    if run_id:
        statement = statement.where(operations.c.run_id == run_id)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in journal.rows(statement.order_by(*columns)):
        counted = {k: row[k] for k in ("action", "state", "number")}
        found.setdefault((row["sync"], row["destination"]), []).append(counted)
    return found


def _book(book: dict[str, Any]) -> dict[str, Any]:
    kept = ("status", "rows", "unchanged", "blocked", "operations", "digest", "balanced")
    return {**{k: book[k] for k in kept}, "message": mask(book["message"] or "") or None}


def _seconds(started: str, ended: str | None) -> float | None:
    if not ended:
        return None
    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
    return round(passed.total_seconds(), 1)
