"""Plans every sync of one destination, and writes the result into the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crossdock import clock
from crossdock.errors import SettingsError
from crossdock.journal import Journal
from crossdock.plan import guards
from crossdock.plan.definition import Sync, load_syncs
from crossdock.plan.plan import SyncPlan, plan
from crossdock.settings import Instance, Settings
from crossdock.warehouse import connect

MEMORY = "1500MB"
"""What a plan may take of the machine, beside what Python takes."""

Status = Literal["planned", "guarded", "skipped"]


@dataclass(frozen=True)
class Decision:
    """What becomes of one sync in this run.

    Attributes:
        status: planned: it may go; guarded: it waits for a person; skipped: its data is stale.
        message: Why it does not go, and what to do.
        exceeded: The guards that it exceeds, also when a person released it.
    """

    plan: SyncPlan
    status: Status
    message: str = ""
    exceeded: Sequence[str] = field(default_factory=list)

    @property
    def sync(self) -> Sync:
        """The sync that this is about."""
        return self.plan.sync


def instances_of(name: str | None, settings: Settings) -> list[Instance]:
    """The instances that `hubspot`, `hubspot:main` or None (all) means."""
    found = [i for i in settings.instances if name in (None, i.system, str(i))]
    if not found:
        known = ", ".join(map(str, settings.instances)) or "none"
        raise SettingsError(
            f"there is no system instance {name!r}", hint=f"CROSSDOCK_INSTANCES names: {known}"
        )
    return found


def decide(
    instance: Instance, settings: Settings, journal: Journal, *, run_id: str = ""
) -> list[Decision]:
    """Plan the syncs of one destination, parents first; nothing is written.

    The warehouse is open only while this runs.
    """
    syncs = [
        s
        for s in load_syncs(settings.manifest)
        if s.destination == instance.system and s.owner == "crossdock"
    ]
    decisions: list[Decision] = []
    if not syncs:
        return decisions
    stale = {sync.name: why_stale(sync, instance, settings, journal) for sync in syncs}
    with connect(settings.warehouse, read_only=True) as warehouse:
        # What does not fit lies on the disk; in which order rows come makes no difference.
        warehouse.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = false")
        for sync in syncs:
            if message := stale[sync.name]:
                decisions.append(Decision(SyncPlan(sync, str(instance)), "skipped", message))
                continue
            found = plan(
                sync, str(instance), warehouse, journal, run_id=run_id, memos=settings.memos
            )
            decisions.append(_guarded(found, journal))
    return decisions


def _guarded(found: SyncPlan, journal: Journal) -> Decision:
    exceeded = guards.exceeded(found)
    if not exceeded or journal.runs.is_approved(found.digest):
        return Decision(found, "planned", exceeded=exceeded)
    message = (
        f"{found.sync.name}: {'; '.join(exceeded)}: nothing was sent -> read it with"
        f" `crossdock plan {found.destination}`,"
        f" release it with `crossdock approve {found.digest} --reason WHY`"
    )
    return Decision(found, "guarded", message, exceeded)


def why_stale(sync: Sync, instance: Instance, settings: Settings, journal: Journal) -> str:
    """Why a sync must not go now; empty if it may."""
    model = journal.runs.models().get(sync.name)
    if model and not model["ok"]:
        return f"{sync.name} is skipped: its model did not build ({model['message']})"
    sources = journal.runs.sources()
    needed = [i for i in settings.instances if i.system in sync.requires]
    for source in [*needed, instance]:
        read = sources.get(str(source))
        if read is None:
            return f"{sync.name} is skipped: {source} was never read"
        if not read["ok"]:
            return f"{sync.name} is skipped: the last read of {source} failed"
        if sync.max_age and read["read_at"]:
            age = clock.now() - datetime.fromisoformat(read["read_at"])
            if age > sync.max_age:
                return f"{sync.name} is skipped: {source} was read {_minutes(age)} ago"
    return ""


def write(decisions: Sequence[Decision], journal: Journal, run_id: str) -> None:
    """Make a plan durable: intents and books; what does not go is booked with its reason."""
    for decision in decisions:
        found = decision.plan
        if decision.status == "planned":
            # First: what was planned stands upon it. Cut off in between, the next run goes on.
            journal.operations.follow(run_id, decision.sync.name, found.destination, found.moves)
            journal.operations.write_plan(run_id, found.planned, found.superseded)
            if decision.exceeded:
                journal.runs.use_approval(found.digest, run_id)
        if decision.status == "planned" and not found.balanced:
            journal.runs.fail(run_id, "books", f"{decision.sync.name}: its rows do not add up")
        if decision.status == "guarded":
            journal.runs.fail(run_id, "plan", decision.message)
        journal.runs.write_books(
            run_id,
            decision.sync.name,
            found.destination,
            status=decision.status,
            rows=found.rows,
            unchanged=found.unchanged,
            blocked=dict(found.blocked),
            operations=len(found.planned) if decision.status == "planned" else 0,
            digest=found.digest,
            message=decision.message or None,
        )


def _minutes(age: object) -> str:
    return str(age).split(".")[0]
