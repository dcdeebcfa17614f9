"""`crossdock plan` and `crossdock approve`."""

from __future__ import annotations

import getpass
import json
from typing import Any

import click

from crossdock import settings
from crossdock.journal import Journal
from crossdock.operation import as_record
from crossdock.plan.destination import Decision, decide, instances_of

_SHOWN = 20


@click.command("plan")
@click.argument("destination", required=False)
@click.option("--json", "as_json", is_flag=True, help="For tools; see docs/schemas/plan.json.")
@click.option(
    "--all", "show_all", is_flag=True, help="Every operation, not the first of each sync."
)
def plan_command(destination: str | None, as_json: bool, show_all: bool) -> None:
    """Show what would be written to DESTINATION (default: to all), field by field."""
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


@click.command("approve")
@click.argument("digest")
@click.option("--reason", required=True, help="Why this plan may go although a guard stops it.")
@click.option("--by", "approved_by", default=None, help="Who says so (default: your login).")
def approve_command(digest: str, reason: str, approved_by: str | None) -> None:
    """Release one guarded plan once: exactly the changes that DIGEST names."""
    name = approved_by or getpass.getuser()
    Journal.open().runs.approve(digest, name, reason)
    click.echo(f"plan {digest} is released once, by {name}")
