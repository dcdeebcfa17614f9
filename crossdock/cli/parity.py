"""`crossdock parity`: does the old way write what we would have written?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import click

from crossdock import clock, settings
from crossdock.journal import Journal
from crossdock.plan import parity
from crossdock.plan.destination import Decision, decide, instances_of
from crossdock.plan.parity import Difference, Parity

_SHOWN = 10


@click.command("parity")
@click.argument("destination", required=False)
@click.option(
    "--hours",
    default=parity.WINDOW / timedelta(hours=1),
    show_default=True,
    help="How far back audits are looked at.",
)
@click.option(
    "--settle",
    default=parity.SETTLE / timedelta(hours=1),
    show_default=True,
    help="Hours that the old way may take.",
)
@click.option("--json", "as_json", is_flag=True, help="For tools; see docs/schemas/parity.json.")
@click.option("--all", "show_all", is_flag=True, help="Every difference, not the first of each.")
def parity_command(
    destination: str | None, hours: float, settle: float, as_json: bool, show_all: bool
) -> None:
    """Hold what DESTINATION (default: all) has against what we would have written there.

    For the days in which a target is in audit and something else still writes (docs/cutover.md).
    """
    places, journal = settings.load(), Journal.open()
    decisions = [
        decision
        for instance in instances_of(destination, places)
        for decision in decide(instance, places, journal)
    ]
    now, window = clock.real_now(), timedelta(hours=hours)
    found = [
        parity.compare(d.plan, journal, now, window=window, settle=timedelta(hours=settle))
        for d in decisions
        if d.status != "skipped"
    ]
    skipped = [d for d in decisions if d.status == "skipped"]
    if as_json:
        click.echo(json.dumps(as_document(found, skipped, hours), indent=2, ensure_ascii=False))
        return
    for each in found:
        _show(each, hours, show_all)
    for decision in skipped:
        click.secho(decision.message, fg="yellow")


def as_document(found: list[Parity], skipped: list[Decision], hours: float) -> dict[str, Any]:
    """The report for tools."""
    return {
        "hours": hours,
        "syncs": [
            {
                "sync": each.sync,
                "destination": each.destination,
                "rows": each.rows,
                "same": each.same,
                "same_pct": round(each.share, 2),
                "written_alike": each.written_alike,
                "blocked": dict(each.blocked),
                "settling": len(each.differences) - len(each.lasting),
                "fields": each.fields,
                "differences": [_record(difference) for difference in each.lasting],
            }
            for each in found
        ],
        "skipped": [{"sync": d.sync.name, "message": d.message} for d in skipped],
    }


def _record(difference: Difference) -> dict[str, Any]:
    return {
        "key": difference.key,
        "kind": difference.kind,
        "fields": list(difference.fields),
        "since": difference.since.isoformat() if difference.since else None,
    }


def _show(each: Parity, hours: float, show_all: bool) -> None:
    lasting = each.lasting
    colour = "yellow" if lasting else "green"
    click.secho(f"{each.sync} -> {each.destination}: {each.share:.1f}% the same", fg=colour)
    click.echo(
        f"  {each.rows} rows: {each.same} the same ({each.written_alike} of them written alike by"
        f" somebody else in {hours:g} hours), {len(lasting)} not,"
        f" {len(each.differences) - len(lasting)} too young to say"
    )
    for reason, number in sorted(each.blocked.items()):
        click.echo(f"  {number} rows are left out: {reason}")
    if missing := sum(d.kind == "missing" for d in lasting):
        click.echo(f"  {missing} are not there: we would have made them")
    for name, number in each.fields.items():
        click.echo(f"  {number} differ in {name}")
    for difference in lasting if show_all else lasting[:_SHOWN]:
        click.echo(f"    {difference.key}: {difference.kind}: {', '.join(difference.fields)}")
    if not show_all and len(lasting) > _SHOWN:
        click.echo(f"    … and {len(lasting) - _SHOWN} more: --all shows them")
