"""Plans one sync: which operations make the destination hold what the model says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from crossdock.errors import PlanError, SyncDefinitionError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, canonical_json
from crossdock.operation import Operation
from crossdock.plan import compare
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident


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
) -> SyncPlan:
    """Compare desired, observed and acknowledged state of one sync.

    Args:
        sync: What is wanted.
        destination: System instance, such as `hubspot:main`.
        warehouse: Open for reading.
        journal: Where acknowledged state and open operations are.
        run_id: Run that the operations will belong to.
        keys: Only these records; all if left out.

    Raises:
        PlanError: The sync has a key twice or none.
        SyncDefinitionError: Sync and observed model do not fit together.
    """
    _see_observed(sync, warehouse)
    journal_open = journal.operations.open(sync.name, destination)
    _register(warehouse, journal.operations.acknowledged(sync.name, destination), journal_open)
    for statement in compare.statements(sync):
        warehouse.execute(
            statement, {"instance": destination} if "$instance" in statement else None
        )
    _see_keys(sync, warehouse)
    wanted = set(keys) if keys is not None else None
    versions = journal.operations.versions(sync.name, destination)
    attempts: dict[str, int] = {}
    ending: dict[str, int] = {}
    for row in journal_open:
        attempts[row["key"]] = max(attempts.get(row["key"], 0), row["attempts"])
        if row["state"] in states.RETRIABLE:
            ending[row["key"]] = ending.get(row["key"], 0) + 1
    by_key = {row["op_key"]: row for row in journal_open}
    planned = []
    for row in _rows(warehouse, compare.selection(sync)):
        if wanted is None or row["key"] in wanted:
            found = _planned(sync, destination, row, versions, by_key, run_id)
            if found.operation.op_key not in by_key and (ends := ending.get(row["key"], 0)):
                # A new decision: what it supersedes has ended before it.
                found = replace(found, operation=_later(found.operation, ends))
            planned.append(replace(found, attempts=attempts.get(row["key"], 0)))
    orphans = _orphans(journal_open, planned, run_id, wanted)
    totals = _totals(sync, destination, warehouse, [*planned, *orphans], journal_open, wanted)
    return replace(totals, orphans=len(orphans))


def _totals(
    sync: Sync,
    destination: str,
    warehouse: Warehouse,
    planned: list[Planned],
    journal_open: list[dict[str, Any]],
    wanted: set[str] | None,
) -> SyncPlan:
    blocked = dict(
        warehouse.fetchall(
            'select "$block", count(*) from decided where "$block" is not null group by 1'
        )
    )
    rows, held, idle = warehouse.fetchall(
        'select count(*), count(*) filter ("$has_ack"),'
        ' count(*) filter ("$block" is null and not "$wanted") from decided'
    )[0]
    keep = {p.operation.op_key for p in planned}
    superseded = [
        row["op_key"]
        for row in journal_open
        if row["state"] in states.RETRIABLE
        and row["op_key"] not in keep
        and (wanted is None or row["key"] in wanted)
    ]
    return SyncPlan(
        sync=sync,
        destination=destination,
        rows=rows,
        unchanged=idle,
        blocked={str(reason): int(n) for reason, n in blocked.items()},
        planned=planned,
        superseded=superseded,
        held=held,
    )


def _planned(
    sync: Sync,
    destination: str,
    row: Mapping[str, Any],
    versions: Mapping[str, int],
    journal_open: Mapping[str, Mapping[str, Any]],
    run_id: str,
) -> Planned:
    typed = {f.name for f in sync.fields if f.normalise == "json"}
    values = _decode(row["set_json"], typed)
    refs = {name: (sync.refs[name][0], key) for name, key in json.loads(row["refs_json"]).items()}
    operation = Operation(
        op_key="",
        run_id=run_id,
        sync=sync.name,
        destination=destination,
        object=sync.object,
        key=row["key"],
        version=versions.get(row["key"], 0),
        action=row["action"],
        destination_id=row["destination_id"],
        match=json.loads(row["match_json"]),
        set=values,
        before=_decode(row["before_json"], typed),
        refs=refs,
        reason=_reason(row, values),
    )
    owned = json.loads(row["owned_json"])
    keyed = replace(operation, op_key=op_key(operation))
    if row["op_state"] != states.UNKNOWN or keyed.op_key == row["op_key"]:
        return Planned(keyed, owned)
    # An older intent is still unknown: it is read back first, and the next plan goes on from there.
    return _resolve(journal_open[row["op_key"]], run_id)


def _later(operation: Operation, ends: int) -> Operation:
    later = replace(operation, version=operation.version + ends)
    return replace(later, op_key=op_key(later))


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


def from_row(row: Mapping[str, Any]) -> Operation:
    """The operation that a row of the journal holds."""
    return Operation(
        op_key=row["op_key"],
        run_id=row["run_id"],
        sync=row["sync"],
        destination=row["destination"],
        object=row["object"],
        key=row["key"],
        version=row["version"],
        action=row["action"],
        destination_id=row["destination_id"],
        match=row["match"],
        set=row["set"],
        before=row["before"],
        refs={name: (parent[0], parent[1]) for name, parent in row["refs"].items()},
        reason=row["reason"],
    )


def op_key(operation: Operation) -> str:
    """The idempotency key: the same decision has the same key, a new one never."""
    refs = {name: list(parent) for name, parent in operation.refs.items()}
    payload = {"set": dict(operation.set), "refs": refs, "id": operation.destination_id}
    identity = [operation.sync, operation.destination, operation.key, operation.version]
    text = canonical_json([*identity, operation.action, payload])
    return hashlib.sha256(text.encode()).hexdigest()


def _reason(row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if row["action"] == "create":
        return "not there yet"
    if row["action"] == "adopt":
        return "already there"
    changed = ", ".join(sorted(values)) or "reference"
    return (f"drift: {changed}" if row["drift"] else f"changed: {changed}")[:200]


def _decode(text: str, typed: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text)
    return {
        name: json.loads(value) if name in typed and value else value
        for name, value in values.items()
    }


def _register(
    warehouse: Warehouse,
    acknowledged: list[dict[str, Any]],
    journal_open: list[dict[str, Any]],
) -> None:
    ack = {
        "key": pa.array([r["key"] for r in acknowledged], pa.string()),
        "destination_id": pa.array([r["destination_id"] for r in acknowledged], pa.string()),
        "acknowledged_at": pa.array(
            [datetime.fromisoformat(r["acknowledged_at"]) for r in acknowledged],
            pa.timestamp("us", tz="UTC"),
        ),
        "fields": pa.array([canonical_json(r["fields"]) for r in acknowledged], pa.string()),
    }
    # What may be planned again needs no row here; of a key's others the most serious counts.
    serious = (states.UNKNOWN, *states.STUCK, states.IN_FLIGHT)
    waiting: dict[str, dict[str, Any]] = {}
    for row in sorted(journal_open, key=lambda r: r["state"] != states.UNKNOWN):
        if row["state"] in serious:
            waiting.setdefault(row["key"], row)
    columns = {
        name: pa.array([row[name] for row in waiting.values()], pa.string())
        for name in ("key", "op_key", "state")
    }
    warehouse.register("journal_acknowledged", pa.table(ack))
    warehouse.register("journal_open", pa.table(columns))


def _see_observed(sync: Sync, warehouse: Warehouse) -> None:
    for relation in (sync.relation, sync.observed):
        if not warehouse.table_exists(*relation):
            raise PlanError(
                f"{sync.name}: {'.'.join(relation)} is not in the warehouse",
                hint="run `meltano run model` and see what failed",
            )
    have = {name.lower() for name in warehouse.columns(*sync.observed)}
    wanted = ["destination_instance", "destination_id", "read_at", "is_gone"]
    wanted += [f.name for f in sync.fields] + list(sync.match_on)
    for column in wanted:
        if column.lower() not in have:
            raise SyncDefinitionError(
                f"{sync.name}: {sync.observed[1]} has no column {column}",
                hint="add it to the staging model: what we write we must be able to read",
            )


def _see_keys(sync: Sync, warehouse: Warehouse) -> None:
    doubled = warehouse.fetchall(
        'select count(*) from (select "$key" from desired group by 1'
        ' having count(*) > 1 or "$key" is null)'
    )[0][0]
    if doubled:
        raise PlanError(
            f"{sync.name}: {doubled} values of {ident(sync.key)} are missing or stand twice",
            hint="a sync has one row for each key; nothing was planned",
        )


def _rows(warehouse: Warehouse, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = warehouse.fetch_arrow(sql).to_pylist()
    return rows
