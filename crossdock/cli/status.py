"""`crossdock status`: the last run's books, and what waits for somebody."""

from __future__ import annotations

import json
from typing import Any

import click
from sqlalchemy import func, select

from crossdock.journal import Journal, states
from crossdock.journal.schema import operations

_WAITING = (*states.RETRIABLE, states.IN_FLIGHT, states.UNKNOWN, *states.STUCK)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For tools; see docs/schemas/status.json.")
def status_command(as_json: bool) -> None:
    """Show how the last run ended, its books, and what is pending, unknown or dead."""
    document = collect(Journal.open())
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _show(document)


def collect(journal: Journal) -> dict[str, Any]:
    """The state of things, as the JSON of `crossdock status`."""
    run = journal.runs.last()
    if run is None:
        return {"run": None, "books": [], "failures": [], "sources": [], "waiting": {}}
    books = [
        {k: v for k, v in book.items() if k != "run_id"}
        for book in journal.runs.books(run["run_id"])
    ]
    failures = journal.runs.failures(run["run_id"])
    waiting = journal.rows(
        select(operations.c.state, func.count().label("n"))
        .where(operations.c.state.in_(_WAITING))
        .group_by(operations.c.state)
    )
    kept = ("component", "instance", "message", "at")
    return {
        "run": {k: run[k] for k in ("run_id", "job", "state", "started_at", "ended_at")},
        "books": books,
        "failures": [{k: failure[k] for k in kept} for failure in failures],
        "sources": [
            {k: row[k] for k in ("instance", "ok", "read_at", "message")}
            for row in journal.runs.sources().values()
        ],
        "waiting": {row["state"]: row["n"] for row in waiting},
    }


def _show(document: dict[str, Any]) -> None:
    run = document["run"]
    if run is None:
        click.echo("nothing has run yet: `meltano run sync`")
        return
    click.secho(f"run {run['run_id']} ({run['job']}): {run['state']}", bold=True)
    for failure in document["failures"]:
        where = f" [{failure['instance']}]" if failure["instance"] else ""
        click.secho(f"  FAILED {failure['component']}{where}: {failure['message']}", fg="red")
    for book in document["books"]:
        balance = {True: "balanced", False: "NOT BALANCED", None: "open"}[book["balanced"]]
        parts = [f"{book['rows']} rows", f"{book['unchanged']} unchanged"]
        parts += [f"{n} {reason}" for reason, n in sorted(book["blocked"].items())]
        parts += [f"{n} {state}" for state, n in sorted((book["states"] or {}).items())]
        what = "" if book["status"] == "planned" else f" {book['status'].upper()}"
        click.echo(
            f"  {book['sync']} -> {book['destination']}:{what} {', '.join(parts)} ({balance})"
        )
        if book["message"] and book["status"] != "planned":
            click.echo(f"      {book['message']}")
    for source in document["sources"]:
        state = "read" if source["ok"] else "NOT READ"
        since = f", last complete read {source['read_at']}" if source["read_at"] else ""
        click.echo(f"  source {source['instance']}: {state}{since}")
    for state, number in sorted(document["waiting"].items()):
        click.echo(f"  {number} operations are {state}")
