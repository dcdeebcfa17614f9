"""`crossdock dead-letters`: operations that wait for a person's word."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from crossdock import clock
from crossdock.errors import PlanError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change

_SHORT = 12
_ADVICE = {
    states.DEAD_LETTER: "mend what it says, then retry; or discard it",
    states.PARKED: "look whether it is there: acknowledge it with its id, or retry it",
}

_reason = click.option("--reason", required=True, help="Why; it stays in the journal.")
_by = click.option("--by", default=None, help="Who says so (default: your login).")
_which = click.argument("operations", nargs=-1, required=True)


@click.group("dead-letters")
def dead_letters_command() -> None:
    """Operations that were refused again and again, or whose outcome nobody can tell."""


@dead_letters_command.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="For tools; see docs/schemas/dead_letters.json."
)
def list_command(as_json: bool) -> None:
    """Show what waits, the oldest first, and what can be done."""
    rows = [as_record(row) for row in Journal.open().operations.stuck()]
    if as_json:
        click.echo(json.dumps({"operations": rows}, indent=2, ensure_ascii=False))
        return
    for row in rows:
        click.secho(f"{row['op_key'][:_SHORT]}  {row['state']} for {_age(row['since'])}", bold=True)
        click.echo(f"    {row['action']} {row['key']} ({row['sync']} -> {row['destination']})")
        click.echo(f"    {row['error'] or 'no reason given'}")
        click.echo(f"    {_ADVICE[row['state']]}")
    if not rows:
        click.echo("nothing waits")


@dead_letters_command.command("retry")
@_which
@_reason
@_by
def retry_command(operations: Sequence[str], reason: str, by: str | None) -> None:
    """Let the next plan try again, with the newest values."""
    _settle(operations, states.PLANNED, f"retried: {reason}", by)
    click.echo("the next run plans them again")


@dead_letters_command.command("discard")
@_which
@_reason
@_by
def discard_command(operations: Sequence[str], reason: str, by: str | None) -> None:
    """Give up; the record is left alone until something else is wanted for it."""
    _settle(operations, states.DISCARDED, f"discarded: {reason}", by)
    click.echo("they are left alone until something else is wanted")


@dead_letters_command.command("acknowledge")
@click.argument("operation")
@click.option("--id", "destination_id", required=True, help="The record's id at the destination.")
@_reason
@_by
def acknowledge_command(operation: str, destination_id: str, reason: str, by: str | None) -> None:
    """Say that it took effect after all, and on which record."""
    _settle([operation], states.ACKNOWLEDGED, f"acknowledged: {reason}", by, destination_id)
    click.echo(f"it counts as done, as record {destination_id}")


def as_record(row: dict[str, Any]) -> dict[str, Any]:
    """An operation that waits, for tools: nothing that it would write."""
    kept = (
        "op_key",
        "state",
        "sync",
        "destination",
        "object",
        "key",
        "action",
        "attempts",
        "error",
    )
    return {**{name: row[name] for name in kept}, "since": row["updated_at"]}


def _settle(
    named: Sequence[str], state: str, detail: str, by: str | None, destination_id: str | None = None
) -> None:
    journal = Journal.open()
    journal.runs.see_that_none_goes_on()
    who = by or getpass.getuser()
    changes = [
        Change(key, state, f"{detail} ({who})", destination_id, forgives=state == states.PLANNED)
        for key in _keys(named, journal)
    ]
    journal.operations.settle(None, changes)


def _keys(named: Sequence[str], journal: Journal) -> list[str]:
    """The operations whose keys begin so.

    Raises:
        PlanError: None does, or several do.
    """
    stuck = [row["op_key"] for row in journal.operations.stuck()]
    found = []
    for name in named:
        fitting = [key for key in stuck if name and key.startswith(name)]
        if len(fitting) != 1:
            many = "several operations" if fitting else "no operation"
            raise PlanError(
                f"{many} that wait begin with {name!r}",
                hint="`crossdock dead-letters list` names them",
            )
        found += fitting
    return found


def _age(since: str) -> str:
    seconds = (clock.real_now() - datetime.fromisoformat(since)).total_seconds()
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
