"""`crossdock rollback RUN`: take back what a run changed."""

from __future__ import annotations

import getpass
import os
from collections import Counter

import click

from crossdock.cli.runs import close_books
from crossdock.errors import CrossdockError, SettingsError
from crossdock.journal import Journal, process
from crossdock.plan import held, rollback
from crossdock.plan.rollback import Rollback
from crossdock.target import Delivery
from crossdock.target.configured import Configured, configured

_SHOWN = 10


@click.command("rollback")
@click.argument("run")
@click.option("--plan", "only_plan", is_flag=True, help="Show it, and write nothing.")
@click.option("--reason", help="Why; needed to carry it out.")
@click.option("--by", default=None, help="Who says so (default: your login).")
@click.option("--release", is_flag=True, help="Let what was taken back be written again.")
def rollback_command(
    run: str, only_plan: bool, reason: str | None, by: str | None, release: bool
) -> None:
    """Restore the values that RUN replaced, where nobody has changed them since.

    What cannot be undone is named. What is restored stays so until something else is wanted for
    the record, or until --release.
    """
    journal = Journal.open()
    if not only_plan and not reason:
        raise SettingsError(
            "a rollback needs a reason", hint="--reason WHY, or --plan to look first"
        )
    if release:
        journal.runs.approve(held.release_of(run), by or getpass.getuser(), str(reason))
        click.echo(f"what the rollback of {run} restored may be written again")
        return
    targets = {name: configured(name, journal) for name in rollback.destinations(run, journal)}
    found = []
    for name, target in targets.items():
        with target.destination() as vendor:
            found.append(rollback.find(run, name, vendor, journal))
    for each in found:
        _show(each)
    if only_plan:
        return
    for each in found:
        if each.planned:
            _carry_out(each, targets[each.destination], journal, str(reason))


def _carry_out(found: Rollback, target: Configured, journal: Journal, reason: str) -> None:
    if target.rollout == "audit":
        raise SettingsError(
            f"{found.destination} is in audit: nothing is sent there",
            hint="set its rollout to live, or restore the values there by hand",
        )
    me = (os.getpid(), process.start_time(os.getpid()) or 0.0)
    run, _ = journal.begin(f"rollback of {found.run_id}: {reason}"[:80], me)
    try:
        for sync in found.syncs:
            planned, kept = found.of(sync)
            journal.operations.write_plan(run.run_id, planned, ())
            journal.runs.write_books(
                run.run_id, sync, found.destination, status="planned",
                rows=len(planned) + len(kept), unchanged=0,
                blocked={"kept": len(kept)} if kept else {}, operations=len(planned),
                digest=None, message=None,
            )  # fmt: skip
            with target.destination() as vendor:
                delivery = Delivery(vendor, journal, run.run_id, rollout=target.rollout)
                delivery.deliver([p.operation for p in planned])
            if delivery.stopped:
                journal.runs.fail(run.run_id, found.destination, str(delivery.stopped))
    except CrossdockError as error:
        journal.runs.fail(run.run_id, found.destination, str(error))
    close_books(journal, run)
    failures = journal.runs.failures(run.run_id)
    journal.runs.end(run.run_id, "failed" if failures else "ok")
    for failure in failures:
        click.echo(f"FAILED {failure['component']}: {failure['message']}", err=True)
    done = sum(
        states.get("acknowledged", 0) for states in journal.operations.counts(run.run_id).values()
    )
    click.echo(f"{found.destination}: {done} of {len(found.planned)} records restored")
    if failures:
        raise SystemExit(1)


def _show(found: Rollback) -> None:
    click.secho(f"{found.destination}: {len(found.planned)} records to restore", bold=True)
    for item in found.planned[:_SHOWN]:
        names = ", ".join(sorted(item.operation.set))
        click.echo(f"  {item.operation.key}: {names}")
    if len(found.planned) > _SHOWN:
        click.echo(f"  … and {len(found.planned) - _SHOWN} more")
    reasons = Counter(kept.why for kept in found.kept)
    for why, number in reasons.most_common():
        click.echo(f"  {number} stay: {why}")
        for kept in [k for k in found.kept if k.why == why][:_SHOWN]:
            click.echo(f"      {kept.operation.key} ({kept.operation.sync})")
