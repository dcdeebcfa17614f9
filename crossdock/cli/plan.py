"""`crossdock plan` and `crossdock approve`."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from crossdock import settings
from crossdock.journal import Journal
from crossdock.operation import as_record
from crossdock.plan.against import Against, Change, compare
from crossdock.plan.definition import load_syncs
from crossdock.plan.destination import Decision, decide, instances_of

_SHOWN = 20


@click.command("plan")
@click.argument("destination", required=False)
@click.option("--json", "as_json", is_flag=True, help="For tools; see docs/schemas/plan.json.")
@click.option(
    "--all", "show_all", is_flag=True, help="Every operation, not the first of each sync."
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Another warehouse: what do these models want otherwise than those that built it?",
)
def plan_command(
    destination: str | None, as_json: bool, show_all: bool, against: Path | None
) -> None:
    """Show what would be written to DESTINATION (default: to all), field by field."""
    if against is not None:
        _against(destination, against, as_json)
        return
    places, journal = settings.load(), Journal.open()
    decisions = [
        decision
        for instance in instances_of(destination, places)
        for decision in decide(instance, places, journal)
    ]
    if as_json:
        click.echo(json.dumps(as_document(decisions), indent=2, ensure_ascii=False))
    else:
        for decision in decisions:
            _show(decision, show_all)
        if not any(d.plan.planned for d in decisions):
            click.echo("nothing to do")


def as_document(decisions: list[Decision]) -> dict[str, Any]:
    """The plan for tools; nothing to do is `{"operations": []}`."""
    operations = [as_record(o) for d in decisions for o in d.plan.operations]
    if not operations:
        return {"operations": []}
    return {"operations": operations, "syncs": [_summary(d) for d in decisions]}


def _summary(decision: Decision) -> dict[str, Any]:
    found = decision.plan
    return {
        "sync": decision.sync.name,
        "destination": found.destination,
        "status": decision.status,
        "message": decision.message,
        "digest": found.digest,
        "guards": list(decision.exceeded),
        "rows": found.rows,
        "unchanged": found.unchanged,
        "blocked": dict(found.blocked),
        "operations": len(found.planned),
    }


def _show(decision: Decision, show_all: bool) -> None:
    found = decision.plan
    actions = ("create", "update", "adopt", "archive")
    counts = ", ".join(f"{found.count(a)} {a}" for a in actions if found.count(a)) or "nothing"
    click.secho(f"{decision.sync.name} -> {found.destination}: {counts}", bold=True)
    if decision.message:
        click.secho(f"  {decision.message}", fg="yellow")
    if followed := len(found.moves.acknowledged):
        click.echo(f"  {followed} records are followed to the id that they have now")
    for reason, number in sorted(found.blocked.items()):
        click.echo(f"  {number} rows are kept from it: {reason}")
    operations = found.operations if show_all else found.operations[:_SHOWN]
    for operation in operations:
        click.echo(f"  {operation.action} {operation.key} ({operation.reason})")
        for name, value in operation.set.items():
            before = operation.before.get(name)
            arrow = f"{_text(before)} -> " if operation.action != "create" else ""
            click.echo(f"      {name}: {arrow}{_text(value)}")
    if len(found.operations) > len(operations):
        click.echo(f"  … and {len(found.operations) - len(operations)} more: --all shows them")
    if found.planned:
        click.echo(f"  digest {found.digest}")


def _text(value: Any) -> str:
    text = "nothing" if value in (None, "") else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:97] + "..."


def _against(destination: str | None, other: Path, as_json: bool) -> None:
    places = settings.load()
    wanted = {i.system for i in instances_of(destination, places)}
    syncs = [s for s in load_syncs(places.manifest) if s.destination in wanted]
    found = compare(syncs, places.warehouse, other)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
        return
    for change in found.changes:
        if not change.is_nothing:
            _show_change(change)
    if all(change.is_nothing for change in found.changes):
        click.echo("no sync wants anything else")
    for name in found.missing:
        click.secho(f"{name} is not in both of the warehouses", fg="yellow")
    _show_gate(found)


def _show_change(change: Change) -> None:
    click.secho(
        f"{change.sync} -> {change.destination}: {change.rows} rows,"
        f" {change.added} more, {change.removed} fewer, {change.changed} otherwise",
        bold=True,
    )
    for name, number in sorted(change.fields.items(), key=lambda item: -item[1]):
        click.echo(f"  {number} in {name}")
    click.echo(f"  such as {', '.join(change.keys)}")


def _show_gate(found: Against) -> None:
    for gated in found.gated:
        before, after = gated.before or "not there", gated.after or "not there"
        click.echo(f"gate: {gated.requests} requests are {after} and were {before}")


@click.command("approve")
@click.argument("digest")
@click.option("--reason", required=True, help="Why this plan may go although a guard stops it.")
@click.option("--by", "approved_by", default=None, help="Who says so (default: your login).")
def approve_command(digest: str, reason: str, approved_by: str | None) -> None:
    """Release one guarded plan once: exactly the changes that DIGEST names."""
    name = approved_by or getpass.getuser()
    Journal.open().runs.approve(digest, name, reason)
    click.echo(f"plan {digest} is released once, by {name}")
