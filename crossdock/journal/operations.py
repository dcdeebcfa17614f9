"""Operations: what is planned, open, acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from crossdock.journal import moves, states
from crossdock.journal.intents import Change, Planned, to_row
from crossdock.journal.log import Log, chunks
from crossdock.journal.moves import Moves
from crossdock.journal.schema import acknowledged, operations
from crossdock.journal.store import Store, stamp


class Operations:
    """The part of the journal that knows of operations."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._log = Log(store)

    def get(self, op_keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Op key to the journal's row; keys that it does not know are missing."""
        found: dict[str, dict[str, Any]] = {}
        for chunk in chunks(list(op_keys)):
            rows = self._store.rows(select(operations).where(operations.c.op_key.in_(chunk)))
            found.update({row["op_key"]: row for row in rows})
        return found

    def open(self, sync: str, destination: str) -> list[dict[str, Any]]:
        """The operations of a sync that have not ended."""
        return self._store.rows(
            select(operations).where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state.not_in(states.ENDED),
            )
        )

    def versions(self, sync: str, destination: str) -> dict[str, int]:
        """Key to the number of its operations that have ended, and of its moves."""
        rows = self._store.rows(
            select(operations.c.key, func.count().label("n"))
            .where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state.in_(states.ENDED),
            )
            .group_by(operations.c.key)
        )
        found = moves.counts(self._store, sync, destination)
        for row in rows:
            found[row["key"]] = found.get(row["key"], 0) + row["n"]
        return found

    def acknowledged(self, sync: str, destination: str) -> list[dict[str, Any]]:
        """The acknowledged state of every record of a sync."""
        return self._store.rows(
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
            for chunk in chunks(keys):
                rows = self._store.rows(
                    select(acknowledged.c.key, acknowledged.c.destination_id).where(
                        acknowledged.c.sync == sync,
                        acknowledged.c.destination == destination,
                        acknowledged.c.key.in_(chunk),
                    )
                )
                found.update({(sync, row["key"]): row["destination_id"] for row in rows})
        return found

    def audited(self, sync: str, destination: str, since: datetime) -> list[dict[str, Any]]:
        """What audits since then would have sent: key, action, set, planned_at; oldest first."""
        return self._store.rows(
            select(operations.c.key, operations.c.action, operations.c.set, operations.c.planned_at)
            .where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state == states.AUDITED,
                operations.c.planned_at >= stamp(since),
            )
            .order_by(operations.c.planned_at)
        )

    def first_acknowledged(self, sync: str, destination: str) -> str | None:
        """When the first operation of a sync took effect; None if none ever did."""
        rows = self._store.rows(
            select(func.min(operations.c.updated_at).label("at")).where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state == states.ACKNOWLEDGED,
            )
        )
        return rows[0]["at"] if rows else None

    def acknowledged_since(
        self, sync: str, destination: str, since: datetime
    ) -> list[dict[str, Any]]:
        """What took effect since then: key, action, reason."""
        return self._store.rows(
            select(operations.c.key, operations.c.action, operations.c.reason).where(
                operations.c.sync == sync,
                operations.c.destination == destination,
                operations.c.state == states.ACKNOWLEDGED,
                operations.c.updated_at >= stamp(since),
            )
        )

    def write_plan(
        self, run_id: str, planned: Sequence[Planned], superseded: Sequence[str]
    ) -> None:
        """Write a plan in one transaction: new intents, old ones taken up again, old ones ended."""
        known = self.get([p.operation.op_key for p in planned])
        with self._store.write() as db:
            self._log.apply(
                db,
                run_id,
                [
                    Change(key, states.SUPERSEDED, "a later plan decides otherwise")
                    for key in superseded
                ],
            )
            fresh = [p for p in planned if p.operation.op_key not in known]
            if fresh:
                db.execute(insert(operations), [to_row(run_id, p) for p in fresh])
                log = [(p.operation.op_key, None, states.PLANNED, None) for p in fresh]
                self._log.write(db, run_id, log)
            again = [
                Change(p.operation.op_key, states.PLANNED, "planned again")
                for p in planned
                if known.get(p.operation.op_key, {}).get("state")
                in (states.REJECTED, states.SKIPPED)
            ]
            self._log.apply(db, run_id, again)
            for chunk in chunks(list(known)):
                db.execute(
                    update(operations).where(operations.c.op_key.in_(chunk)).values(run_id=run_id)
                )

    def follow(self, run_id: str | None, sync: str, destination: str, found: Moves) -> None:
        """Let records be known by the keys that they have now, in one transaction."""
        if found:
            with self._store.write() as db:
                moves.apply(db, run_id, sync, destination, found)

    def settle(self, run_id: str | None, changes: Sequence[Change]) -> None:
        """Make outcomes durable; an acknowledged one leaves its state behind."""
        with self._store.write() as db:
            self._log.apply(db, run_id, changes)

    def why(self, run_id: str, sync: str, state: str) -> str:
        """What the journal says of one of a run's operations that are in this state."""
        rows = self._store.rows(
            select(operations.c.error)
            .where(
                operations.c.run_id == run_id,
                operations.c.sync == sync,
                operations.c.state == state,
            )
            .limit(1)
        )
        return str(rows[0]["error"] or "no reason given") if rows else "no reason given"

    def counts(self, run_id: str) -> dict[tuple[str, str], dict[str, int]]:
        """(sync, destination) to state to number of this run's operations."""
        rows = self._store.rows(
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
