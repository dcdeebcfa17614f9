"""Operations as a log of transitions, their leases, and the acknowledged state they leave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crossdock.errors import JournalError, LeaseLost, UnknownOperation
from crossdock.journal import process, states
from crossdock.journal.schema import acknowledged, operations, transitions
from crossdock.journal.store import Journal, stamp
from crossdock.operation import Operation

#: How often a record may be refused before it waits for a person.
REFUSAL_CAP = 5

_CHUNK = 500  # SQLite takes some 32,000 variables in a statement; this stays well below


@dataclass(frozen=True)
class Planned:
    """An operation together with what the journal needs to close it.

    Attributes:
        operation: What is to be done.
        owned: Every owned field with its value once this has taken effect.
        attempts: How often this record was refused before.
    """

    operation: Operation
    owned: Mapping[str, Any]
    attempts: int = 0


@dataclass(frozen=True)
class Change:
    """One step in the life of an operation.

    Attributes:
        op_key: Which operation.
        state: The state that it goes to.
        detail: Why, without personal data.
        destination_id: Id at the destination; needed when acknowledged.
        counts: Whether a refusal counts towards the cap.
    """

    op_key: str
    state: str
    detail: str | None = None
    destination_id: str | None = None
    counts: bool = False


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_hash(fields: Mapping[str, Any]) -> str:
    """The md5 of a row's canonical JSON."""
    return hashlib.md5(canonical_json(fields).encode(), usedforsecurity=False).hexdigest()


class Operations:
    """The part of the journal that knows of operations."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def get(self, op_keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Op key to the journal's row; keys that it does not know are missing."""
        found: dict[str, dict[str, Any]] = {}
        for chunk in _chunks(list(op_keys)):
            rows = self._journal.rows(select(operations).where(operations.c.op_key.in_(chunk)))
            found.update({row["op_key"]: row for row in rows})
        return found

    def open(self, sync: str, destination: str) -> list[dict[str, Any]]:
        """The operations of a sync that have not ended."""
        return self._journal.rows(
            select(operations).where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state.not_in(states.ENDED),
            )
        )

    def versions(self, sync: str, destination: str) -> dict[str, int]:
        """Key to the number of its operations that have ended."""
        rows = self._journal.rows(
            select(operations.c.key, func.count().label("n"))
            .where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state.in_(states.ENDED),
            )
            .group_by(operations.c.key)
        )
        return {row["key"]: row["n"] for row in rows}

    def acknowledged(self, sync: str, destination: str) -> list[dict[str, Any]]:
        """The acknowledged state of every record of a sync."""
        return self._journal.rows(
            select(acknowledged).where(
                acknowledged.c.sync == sync, acknowledged.c.destination == destination
            )
        )

    def acknowledged_ids(
        self, destination: str, parents: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """(sync, key) to the id that the destination gave it."""
        wanted: dict[str, list[str]] = {}
        for sync, key in parents:
            wanted.setdefault(sync, []).append(key)
        found: dict[tuple[str, str], str] = {}
        for sync, keys in wanted.items():
            for chunk in _chunks(keys):
                rows = self._journal.rows(
                    select(acknowledged.c.key, acknowledged.c.destination_id).where(
                        acknowledged.c.sync == sync,
                        acknowledged.c.destination == destination,
                        acknowledged.c.key.in_(chunk),
                    )
                )
                found.update({(sync, row["key"]): row["destination_id"] for row in rows})
        return found

    def write_plan(
        self, run_id: str, planned: Sequence[Planned], superseded: Sequence[str]
    ) -> None:
        """Write a plan in one transaction: new intents, old ones taken up again, old ones ended."""
        known = self.get([p.operation.op_key for p in planned])
        with self._journal.write() as db:
            self._apply(
                db,
                run_id,
                [
                    Change(key, states.SUPERSEDED, "a later plan decides otherwise")
                    for key in superseded
                ],
            )
            fresh = [p for p in planned if p.operation.op_key not in known]
            if fresh:
                db.execute(insert(operations), [_row(run_id, p) for p in fresh])
                log = [(p.operation.op_key, None, states.PLANNED, None) for p in fresh]
                self._log(db, run_id, log)
            again = [
                Change(p.operation.op_key, states.PLANNED, "planned again")
                for p in planned
                if known.get(p.operation.op_key, {}).get("state")
                in (states.REJECTED, states.SKIPPED)
            ]
            self._apply(db, run_id, again)
            for chunk in _chunks(list(known)):
                db.execute(
                    update(operations).where(operations.c.op_key.in_(chunk)).values(run_id=run_id)
                )

    def lease(self, op_keys: Sequence[str], run_id: str | None) -> dict[str, int]:
        """Take operations for this process; planned ones are in flight from here on.

        Returns:
            Op key to the fencing number under which it may be sent.

        Raises:
            UnknownOperation: The journal does not know a key.
            LeaseLost: A living process holds one, or it is in no state to be sent.
        """
        holder = process.me()
        with self._journal.write() as db:
            rows = self._locked(db, op_keys)
            fences: dict[str, int] = {}
            for key in op_keys:
                row = rows.get(key)
                if row is None:
                    raise UnknownOperation(
                        "an operation that no plan of this journal knows was not sent",
                        hint="targets take only what tap-canonical of the same project emits",
                    )
                owner = row["lease_holder"]
                if row["state"] not in (states.PLANNED, states.UNKNOWN) or (
                    owner not in (None, holder) and process.is_alive(owner)
                ):
                    raise LeaseLost(f"operation {key[:12]} is {row['state']} or taken by {owner}")
                fences[key] = row["fence"] + 1
            for chunk in _chunks(list(op_keys)):
                db.execute(
                    update(operations)
                    .where(operations.c.op_key.in_(chunk))
                    .values(lease_holder=holder, fence=operations.c.fence + 1)
                )
            flying = [
                Change(key, states.IN_FLIGHT)
                for key in op_keys
                if rows[key]["state"] == states.PLANNED
            ]
            self._apply(db, run_id, flying)
        return fences

    def check(self, fences: Mapping[str, int]) -> None:
        """See that the leases are still ours, right before a request leaves.

        Raises:
            LeaseLost: Another process took one over.
        """
        rows = self.get(fences)
        for key, fence in fences.items():
            if rows[key]["fence"] != fence:
                raise LeaseLost(
                    f"operation {key[:12]} was taken over by {rows[key]['lease_holder']}"
                )

    def settle(self, run_id: str | None, changes: Sequence[Change]) -> None:
        """Make outcomes durable; an acknowledged one leaves its state behind."""
        with self._journal.write() as db:
            self._apply(db, run_id, changes)

    def end_dead_leases(self, run_id: str | None) -> int:
        """What a process that is gone had in flight is unknown from now on.

        Returns:
            How many operations that concerns.
        """
        rows = self._journal.rows(
            select(operations.c.op_key, operations.c.lease_holder).where(
                operations.c.state == states.IN_FLIGHT
            )
        )
        alive = {h: process.is_alive(h) for h in {r["lease_holder"] for r in rows} if h}
        dead = [r["op_key"] for r in rows if not alive.get(r["lease_holder"], False)]
        self.settle(run_id, [Change(k, states.UNKNOWN, "its process ended") for k in dead])
        return len(dead)

    def counts(self, run_id: str) -> dict[tuple[str, str], dict[str, int]]:
        """(sync, destination) to state to number of this run's operations."""
        rows = self._journal.rows(
            select(
                operations.c.sync,
                operations.c.destination,
                operations.c.state,
                func.count().label("n"),
            )
            .where(operations.c.run_id == run_id)
            .group_by(operations.c.sync, operations.c.destination, operations.c.state)
        )
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in rows:
            found.setdefault((row["sync"], row["destination"]), {})[row["state"]] = row["n"]
        return found

    def _apply(self, db: Connection, run_id: str | None, changes: Sequence[Change]) -> None:
        rows = self._locked(db, [change.op_key for change in changes])
        for change in changes:
            row = rows[change.op_key]
            state, attempts = change.state, row["attempts"] + (1 if change.counts else 0)
            if state == states.REJECTED and attempts >= REFUSAL_CAP:
                state = states.DEAD_LETTER
            if not states.allowed(row["state"], state):
                raise JournalError(
                    f"operation {change.op_key[:12]} cannot go from {row['state']} to {state}"
                )
            db.execute(
                update(operations)
                .where(operations.c.op_key == change.op_key)
                .values(
                    state=state,
                    attempts=attempts,
                    error=change.detail,
                    updated_at=stamp(),
                    destination_id=change.destination_id or row["destination_id"],
                )
            )
            self._log(db, run_id, [(change.op_key, row["state"], state, change.detail)])
            if state == states.ACKNOWLEDGED:
                self._acknowledge(db, row, change)
            row.update(state=state, attempts=attempts)

    def _acknowledge(self, db: Connection, row: dict[str, Any], change: Change) -> None:
        destination_id = change.destination_id or row["destination_id"]
        if not destination_id:
            raise JournalError(f"operation {change.op_key[:12]} is acknowledged without an id")
        keys = {name: row[name] for name in ("sync", "destination", "key")}
        values = {
            "destination_id": destination_id,
            "version": row["version"] + 1,
            "acknowledged_at": stamp(),
            "row_hash": row_hash(row["owned"]),
            "fields": row["owned"],
            "op_key": change.op_key,
        }
        self._journal.put(db, acknowledged, keys, values)

    @staticmethod
    def _locked(db: Connection, op_keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for chunk in _chunks(list(op_keys)):
            statement = select(operations).where(operations.c.op_key.in_(chunk)).with_for_update()
            for row in db.execute(statement).mappings():
                found[row["op_key"]] = dict(row)
        return found

    @staticmethod
    def _log(
        db: Connection,
        run_id: str | None,
        steps: Sequence[tuple[str, str | None, str, str | None]],
    ) -> None:
        at = stamp()
        db.execute(
            insert(transitions),
            [
                {
                    "op_key": key,
                    "run_id": run_id,
                    "from_state": before,
                    "to_state": after,
                    "at": at,
                    "detail": detail,
                }
                for key, before, after, detail in steps
            ],
        )


def _row(run_id: str, planned: Planned) -> dict[str, Any]:
    operation = planned.operation
    return {
        "op_key": operation.op_key,
        "run_id": run_id,
        "sync": operation.sync,
        "destination": operation.destination,
        "object": operation.object,
        "key": operation.key,
        "version": operation.version,
        "action": operation.action,
        "destination_id": operation.destination_id,
        "match": dict(operation.match),
        "set": dict(operation.set),
        "before": dict(operation.before),
        "refs": {name: list(parent) for name, parent in operation.refs.items()},
        "owned": dict(planned.owned),
        "reason": operation.reason,
        "state": states.PLANNED,
        "attempts": planned.attempts,
        "fence": 0,
        "planned_at": stamp(),
        "updated_at": stamp(),
    }


def _chunks(items: list[str]) -> Iterable[list[str]]:
    return (items[i : i + _CHUNK] for i in range(0, len(items), _CHUNK))
