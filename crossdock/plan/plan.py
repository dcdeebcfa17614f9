"""Plans one sync: which operations make the destination hold what the model says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, canonical_json, from_row, op_key
from crossdock.journal.moves import Moves
from crossdock.operation import DRIFT, Operation
from crossdock.plan.comparison import Comparison
from crossdock.plan.definition import Sync
from crossdock.plan.held import leave_out
from crossdock.warehouse import Warehouse


@dataclass(frozen=True)
class SyncPlan:
    """What one sync needs now at one destination.

    Attributes:
        rows: Rows of the sync.
        unchanged: Rows that need nothing.
        blocked: Reason to number of rows that must not be touched now.
        planned: The operations, by key.
        superseded: Op keys of older intents that this plan ends.
        held: Rows that the destination acknowledged before.
        orphans: Operations of records that the sync no longer has, to be read back.
        moves: Keys that became others; the journal is to follow.
    """

    sync: Sync
    destination: str
    rows: int = 0
    unchanged: int = 0
    blocked: Mapping[str, int] = field(default_factory=dict)
    planned: Sequence[Planned] = ()
    superseded: Sequence[str] = ()
    held: int = 0
    orphans: int = 0
    moves: Moves = field(default_factory=Moves)

    @property
    def operations(self) -> list[Operation]:
        """The operations, by key."""
        return [planned.operation for planned in self.planned]

    @property
    def digest(self) -> str:
        """Names exactly this set of changes: what a person approves."""
        changes = [
            [
                o.key,
                o.action,
                o.destination_id,
                dict(o.set),
                {n: list(r) for n, r in o.refs.items()},
            ]
            for o in self.operations
        ]
        text = canonical_json([self.sync.name, self.destination, changes])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def balanced(self) -> bool:
        """Whether every row is unchanged, blocked or has an operation."""
        acted = len(self.planned) - self.orphans
        return self.rows == self.unchanged + sum(self.blocked.values()) + acted

    def count(self, action: str) -> int:
        """How many operations do this."""
        return sum(o.action == action and not o.resolve_only for o in self.operations)


def plan(
    sync: Sync,
    destination: str,
    warehouse: Warehouse,
    journal: Journal,
    *,
    run_id: str = "",
    keys: Iterable[str] | None = None,
    memos: Path | None = None,
) -> SyncPlan:
    """Compare desired, observed and acknowledged state of one sync.

    Args:
        sync: What is wanted.
        destination: System instance, such as `hubspot:main`.
        warehouse: Open for reading.
        journal: Where acknowledged state and open operations are.
        run_id: Run that the operations will belong to.
        keys: Only these records; all if left out.
        memos: Folder in which plans remember what was settled; without one all is compared.

    Raises:
        PlanError: The sync has a key twice or none.
        SyncDefinitionError: Sync and observed model do not fit together.
    """
    compared = Comparison(sync, destination, warehouse, journal, memos).run()
    journal_open = compared.journal_open
    wanted = set(keys) if keys is not None else None
    needing = [row for row in compared.needing if wanted is None or row["key"] in wanted]
    decisions = _Decisions(
        sync=sync,
        destination=destination,
        run_id=run_id,
        journal_open=journal_open,
        versions=journal.operations.versions(
            sync.name, destination, [row["key"] for row in needing]
        ),
    )
    planned, held = leave_out(
        [decisions.on(row) for row in needing], sync.name, destination, journal
    )
    orphans = _orphans(journal_open, planned, run_id, wanted)
    return SyncPlan(
        sync=sync,
        destination=destination,
        rows=compared.rows,
        unchanged=compared.unchanged,
        blocked=dict(compared.blocked + held),
        planned=[*planned, *orphans],
        superseded=_superseded(journal_open, [*planned, *orphans], wanted),
        held=compared.held,
        orphans=len(orphans),
        moves=compared.moves,
    )


def _superseded(
    journal_open: list[dict[str, Any]], planned: list[Planned], wanted: set[str] | None
) -> list[str]:
    keep = {p.operation.op_key for p in planned}
    return [
        row["op_key"]
        for row in journal_open
        if row["state"] in states.RETRIABLE
        and row["op_key"] not in keep
        and (wanted is None or row["key"] in wanted)
    ]


class _Decisions:
    """Turns rows that need something into intents, in view of those that are still open."""

    def __init__(
        self,
        *,
        sync: Sync,
        destination: str,
        run_id: str,
        journal_open: list[dict[str, Any]],
        versions: Mapping[str, int],
    ) -> None:
        self._sync, self._destination, self._run_id = sync, destination, run_id
        self._versions = versions
        self._typed = {f.name for f in sync.fields if f.normalise == "json"}
        self._open = {row["op_key"]: row for row in journal_open}
        self._attempts: dict[str, int] = {}
        self._ending: dict[str, int] = {}
        for row in journal_open:
            key = row["key"]
            self._attempts[key] = max(self._attempts.get(key, 0), row["attempts"])
            if row["state"] in states.RETRIABLE:
                self._ending[key] = self._ending.get(key, 0) + 1

    def on(self, row: Mapping[str, Any]) -> Planned:
        """The intent for one row of the comparison."""
        version = self._versions.get(row["key"], 0)
        operation = self._operation(row, version)
        if row["op_state"] == states.UNKNOWN and operation.op_key != row["op_key"]:
            # An older intent is unknown: it is read back first, the next plan goes on from there.
            return _resolve(self._open[row["op_key"]], self._run_id)
        if operation.op_key not in self._open:
            # A new decision: what it supersedes has ended before it.
            operation = self._operation(row, version + self._ending.get(row["key"], 0))
        attempts = self._attempts.get(row["key"], 0)
        return Planned(operation, json.loads(row["owned_json"]), attempts)

    def _operation(self, row: Mapping[str, Any], version: int) -> Operation:
        values = _decode(row["set_json"], self._typed)
        parents = json.loads(row["refs_json"])
        operation = Operation(
            op_key="",
            run_id=self._run_id,
            sync=self._sync.name,
            destination=self._destination,
            object=self._sync.object,
            key=row["key"],
            version=version,
            action=row["action"],
            destination_id=row["destination_id"],
            match=json.loads(row["match_json"]),
            set=values,
            before=_decode(row["before_json"], self._typed),
            refs={name: (self._sync.refs[name][0], key) for name, key in parents.items()},
            reason=_reason(row, values),
        )
        return replace(operation, op_key=op_key(operation))


def _orphans(
    journal_open: list[dict[str, Any]],
    planned: list[Planned],
    run_id: str,
    wanted: set[str] | None,
) -> list[Planned]:
    """Unknown outcomes of records that the sync no longer wants are read back all the same."""
    have = {p.operation.op_key for p in planned}
    return [
        _resolve(row, run_id)
        for row in journal_open
        if row["state"] == states.UNKNOWN
        and row["op_key"] not in have
        and (wanted is None or row["key"] in wanted)
    ]


def _resolve(row: Mapping[str, Any], run_id: str) -> Planned:
    operation = from_row(row)
    resolving = replace(
        operation, run_id=run_id, resolve_only=True, reason="outcome of an earlier try is unknown"
    )
    return Planned(resolving, row["owned"])


def _reason(row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if row["action"] == "create":
        return "not there yet"
    if row["action"] == "adopt":
        return "already there"
    changed = ", ".join(sorted(values)) or "reference"
    return (f"{DRIFT}{changed}" if row["drift"] else f"changed: {changed}")[:200]


def _decode(text: str, typed: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text)
    return {
        name: json.loads(value) if name in typed and value else value
        for name, value in values.items()
    }
