"""The way back: a run's updates taken back, where nobody has changed the record since.

A rollback is made of operations like any others: written into the journal, sent under leases, read
back. What it restores is held (`crossdock.plan.held`): no plan brings it forward again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from crossdock.errors import PlanError
from crossdock.http.errors import Rejected
from crossdock.journal import Journal
from crossdock.journal.intents import Planned, as_owned, from_row, op_key
from crossdock.operation import Destination, Operation
from crossdock.plan.held import ROLLBACK
from crossdock.target.readback import differing


@dataclass(frozen=True)
class Kept:
    """An operation that is not taken back, and why."""

    operation: Operation
    why: str


@dataclass(frozen=True)
class Rollback:
    """What becomes of a run's operations at one destination.

    Attributes:
        planned: What restores the values that they replaced.
        kept: Those that stay.
    """

    run_id: str
    destination: str
    planned: Sequence[Planned]
    kept: Sequence[Kept]

    @property
    def syncs(self) -> list[str]:
        """The syncs that are concerned, parents first or not: a rollback sets no references."""
        names = {p.operation.sync for p in self.planned} | {k.operation.sync for k in self.kept}
        return sorted(names)

    def of(self, sync: str) -> tuple[list[Planned], list[Kept]]:
        """What is restored and what stays of one sync."""
        return (
            [p for p in self.planned if p.operation.sync == sync],
            [k for k in self.kept if k.operation.sync == sync],
        )


def destinations(run_id: str, journal: Journal) -> list[str]:
    """Where a run has written.

    Raises:
        PlanError: The journal knows no such run, or it wrote nothing.
    """
    found = sorted({row["destination"] for row in journal.operations.effects_of(run_id)})
    if not found:
        raise PlanError(
            f"run {run_id} wrote nothing that could be taken back",
            hint="`crossdock status` names the last run",
        )
    return found


def find(run_id: str, destination: str, vendor: Destination, journal: Journal) -> Rollback:
    """Read every record that the run changed, and see what can be restored.

    Args:
        run_id: The run to be taken back.
        destination: System instance, such as `hubspot:main`.
        vendor: Reads the records as they are now.
        journal: Knows what the run did; nothing is written to it.
    """
    rows = [r for r in journal.operations.effects_of(run_id) if r["destination"] == destination]
    newest = _newest(rows, destination, journal)
    doubtful: list[Mapping[str, Any]] = []
    kept: list[Kept] = []
    for row in rows:
        operation = from_row(row)
        last = newest[row["sync"]][row["key"]]
        if why := _lasting(operation, row["before"]):
            kept.append(Kept(operation, why))
        elif last["op_key"] != row["op_key"]:
            kept.append(Kept(operation, f"run {last['run_id']} has written it since"))
        else:
            doubtful.append(row)
    with ThreadPoolExecutor(max(1, vendor.concurrency)) as pool:
        answers = list(pool.map(lambda row: _changed(from_row(row), vendor), doubtful))
    kept += [Kept(from_row(row), why) for row, why in zip(doubtful, answers, strict=True) if why]
    undo = [row for row, why in zip(doubtful, answers, strict=True) if not why]
    return Rollback(run_id, destination, _restoring(undo, run_id, destination, journal), kept)


def _newest(
    rows: Sequence[Mapping[str, Any]], destination: str, journal: Journal
) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        sync: journal.operations.newest(sync, destination, keys)
        for sync, keys in _by_sync(rows).items()
    }


def _by_sync(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["sync"], []).append(row["key"])
    return found


def _lasting(operation: Operation, before: Mapping[str, Any]) -> str:
    """Why an operation cannot be taken back by itself; empty if it can."""
    if operation.action == "create":
        return "it made the record: who wants it gone removes it there"
    if operation.action == "archive":
        return "it archived the record: who wants it back restores it there"
    if not operation.set:
        return "it changed no value"
    if operation.set.keys() - before.keys():
        return "what it replaced is not known"
    return ""


def _changed(operation: Operation, vendor: Destination) -> str:
    """Why the record must be left alone, as it is now; empty if it is as we left it."""
    try:
        found = vendor.find(operation)
    except Rejected as error:
        return f"it cannot be read: {error.reason}"
    if found is None:
        return "it is no longer there"
    names = sorted(differing(found, operation))
    return f"somebody has changed {', '.join(names)} since" if names else ""


def _restoring(
    rows: Sequence[Mapping[str, Any]], run_id: str, destination: str, journal: Journal
) -> list[Planned]:
    versions = {
        sync: journal.operations.versions(sync, destination, keys)
        for sync, keys in _by_sync(rows).items()
    }
    found = []
    for row in rows:
        operation = from_row(row)
        values = {name: operation.before[name] for name in operation.set}
        restoring = replace(
            operation,
            op_key="",
            action="update",
            version=versions[operation.sync].get(operation.key, 0),
            set=values,
            before=dict(operation.set),
            refs={},
            reason=f"{ROLLBACK}{run_id}",
        )
        owned = {**row["owned"], **{name: as_owned(value) for name, value in values.items()}}
        found.append(Planned(replace(restoring, op_key=op_key(restoring)), owned))
    return found
