"""`crossdock begin` and `crossdock close`: the first and the last step of every job."""

from __future__ import annotations

import sys
from typing import Any

import click
import psutil

from crossdock import settings
from crossdock.errors import WarehouseError
from crossdock.journal import Journal, states
from crossdock.journal.runs import Run, parent_process


@click.command("begin")
@click.argument("job", required=False)
def begin_command(job: str | None) -> None:
    """Open a run; clears what a killed run left, refuses a second one beside a living one."""
    journal = Journal.open()
    job = job or _job_of(parent_process()[0])
    run, aborted = journal.begin(job, parent_process())
    for run_id in aborted:
        click.echo(f"closed run {run_id} as aborted: its process ended without closing it")
    click.echo(f"run {run.run_id} ({job}) begins")


def _job_of(pid: int) -> str:
    """The jobs that `meltano run` was called with: Meltano tells its plugins nothing of them."""
    words = psutil.Process(pid).cmdline()
    after = words[words.index("run") + 1 :] if "run" in words else []
    return " ".join(w for w in after if not w.startswith("-")) or "by hand"


@click.command("close")
def close_command() -> None:
    """Close the run: its books, a copy of the warehouse for people; exits 1 if anything failed."""
    journal = Journal.open()
    run = journal.runs.current()
    if run is None:
        click.echo("there is no open run to close", err=True)
        sys.exit(1)
    journal.leases.end_dead(run.run_id)
    close_books(journal, run)
    _publish(journal, run)
    failures = journal.runs.failures(run.run_id)
    journal.runs.end(run.run_id, "failed" if failures else "ok")
    for failure in failures:
        click.echo(f"FAILED {failure['component']}: {failure['message']}", err=True)
    click.echo(f"run {run.run_id} ({run.job}) ends: {'failed' if failures else 'ok'}")
    sys.exit(1 if failures else 0)


def close_books(journal: Journal, run: Run) -> None:
    """See that every row and every operation of every sync is accounted for."""
    counts = journal.operations.counts(run.run_id)
    for book in journal.runs.books(run.run_id):
        found = counts.get((book["sync"], book["destination"]), {})
        problems = _problems(book, found)
        journal.runs.close_books(
            run.run_id, book["sync"], book["destination"], states=found, balanced=not problems
        )
        for problem in problems:
            journal.runs.fail(run.run_id, "books", f"{book['sync']}: {problem}")
        for state in (states.REJECTED, states.DEAD_LETTER, states.UNKNOWN, states.SKIPPED):
            if found.get(state):
                why = journal.operations.why(run.run_id, book["sync"], state)
                message = f"{book['sync']}: {found[state]} operations are {state}: {why}"
                journal.runs.fail(run.run_id, "delivery", message)


def _problems(book: dict[str, Any], found: dict[str, int]) -> list[str]:
    if book["status"] != "planned":
        return []
    problems = []
    if left := sum(found.get(state, 0) for state in states.UNSETTLED):
        problems.append(f"{left} operations were left without an outcome: the next run goes on")
    if sum(found.values()) != book["operations"]:
        problems.append(
            f"{book['operations']} operations were planned, {sum(found.values())} are booked"
        )
    return problems


def _publish(journal: Journal, run: Run) -> None:
    """Put a copy of the warehouse beside it for people and BI tools."""
    places = settings.load()
    if not places.warehouse.exists():
        return
    from crossdock.warehouse import publish_copy

    try:
        publish_copy(places.warehouse, places.read_copy)
    except WarehouseError as error:
        journal.runs.fail(run.run_id, "read copy", str(error))
