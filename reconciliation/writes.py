"""The journal's part of the page: runs, what failed, what was written to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from crossdock.journal import Journal, states
from crossdock.journal.schema import acknowledged, operations, runs, sync_books
from reconciliation.masks import mask

_RUNS = 10
_BOOK = (
    "run_id", "business_at", "status", "rows", "unchanged", "blocked", "operations", "digest",
    "balanced",
)  # fmt: skip
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


def syncs(journal: Journal) -> list[dict[str, Any]]:
    """Each sync: its operations by action and state, in its last run and overall, and its books."""
    books = _last_books(journal)
    overall = _counted(journal, None)
    in_run = {run_id: _counted(journal, run_id) for run_id in {b["run_id"] for b in books.values()}}
    columns = (acknowledged.c.sync, acknowledged.c.destination)
    confirmed = {
        (row["sync"], row["destination"]): row["n"]
        for row in journal.rows(select(*columns, func.count().label("n")).group_by(*columns))
    }
    found = []
    for key in sorted({*books, *overall, *confirmed}):
        book = books.get(key)
        found.append(
            {
                "sync": key[0],
                "destination": key[1],
                "records_confirmed": confirmed.get(key, 0),
                "book": _book(book) if book else None,
                "last_run": in_run[book["run_id"]].get(key, []) if book else [],
                "overall": overall.get(key, []),
            }
        )
    return found


def _last_books(journal: Journal) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest books of each sync among the runs that have ended."""
    newest = (
        select(sync_books.c.sync, sync_books.c.destination, func.max(runs.c.started_at).label("at"))
        .join(runs, runs.c.run_id == sync_books.c.run_id)
        .where(runs.c.state != "open")
        .group_by(sync_books.c.sync, sync_books.c.destination)
        .subquery()
    )
    statement = (
        select(sync_books, runs.c.business_at)
        .join(runs, runs.c.run_id == sync_books.c.run_id)
        .join(
            newest,
            (newest.c.sync == sync_books.c.sync)
            & (newest.c.destination == sync_books.c.destination)
            & (newest.c.at == runs.c.started_at),
        )
    )
    return {(row["sync"], row["destination"]): row for row in journal.rows(statement)}


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
    kept = (
        "run_id",
        "business_at",
        "status",
        "rows",
        "unchanged",
        "blocked",
        "operations",
        "digest",
        "balanced",
    )
    return {**{k: book[k] for k in kept}, "message": mask(book["message"] or "") or None}


def _seconds(started: str, ended: str | None) -> float | None:
    if not ended:
        return None
    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
    return round(passed.total_seconds(), 1)
