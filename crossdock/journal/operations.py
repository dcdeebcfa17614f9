"""Operations: what is planned, open, acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, insert, select, update

from crossdock.journal import moves, states
from crossdock.journal.intents import Change, Planned, to_row
from crossdock.journal.log import Log, chunks
from crossdock.journal.moves import Moves
from crossdock.journal.schema import acknowledged, key_moves, operations, transitions
from crossdock.journal.store import Store, stamp


@dataclass(frozen=True)
class Mark:
    """A place in the log of transitions, and in that of moves.

    Attributes:
        seq: Number of the newest transition; 0 if there is none.
        op_key: Operation that it is about, and its time: they tell one journal from another.
        moved: Number of the newest move.
    """

    seq: int
    op_key: str
    at: str
    moved: int


def _of(sync: str, destination: str, table: Any = acknowledged) -> tuple[Any, Any]:
    return table.c.sync == sync, table.c.destination == destination


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
        # By state alone: few are open, and a sync may have had millions.
        rows = self._store.rows(select(operations).where(operations.c.state.in_(states.OPEN)))
        return [row for row in rows if (row["sync"], row["destination"]) == (sync, destination)]

    def versions(self, sync: str, destination: str, keys: Sequence[str]) -> dict[str, int]:
        """Key to the number of its operations that have ended, and of its moves."""
        found = moves.counts(self._store, sync, destination, keys)
        for chunk in chunks(list(keys)):
            rows = self._store.rows(
                select(operations.c.key, func.count().label("n"))
                .where(
                    operations.c.sync == sync,
                    operations.c.destination == destination,
                    operations.c.key.in_(chunk),
                    operations.c.state.in_(states.ENDED),
                )
                .group_by(operations.c.key)
            )
            for row in rows:
                found[row["key"]] = found.get(row["key"], 0) + row["n"]
        return found

    def acknowledged(self, sync: str, destination: str) -> list[dict[str, Any]]:
        """The acknowledged state of every record of a sync."""
        return self._store.rows(select(acknowledged).where(*_of(sync, destination)))

    def acknowledged_of(
        self, sync: str, destination: str, keys: Sequence[str]
    ) -> list[dict[str, Any]]:
        """The acknowledged state of these records."""
        return [
            row
            for chunk in chunks(list(keys))
            for row in self._store.rows(
                select(acknowledged).where(*_of(sync, destination), acknowledged.c.key.in_(chunk))
            )
        ]

    def acknowledged_text(
        self, sync: str, destination: str, size: int = 50_000
    ) -> Iterator[Sequence[tuple[str, str, str, str]]]:
        """(key, destination id, time, fields as JSON text) of every record, in portions."""
        statement = select(
            acknowledged.c.key,
            acknowledged.c.destination_id,
            acknowledged.c.acknowledged_at,
            cast(acknowledged.c.fields, Text),
        ).where(*_of(sync, destination))
        with self._store.read() as db:
            result = db.execution_options(yield_per=size).execute(statement)
            for portion in result.partitions():
                yield [tuple(row) for row in portion]

    def mark(self) -> Mark:
        """The place that the log has reached, to be asked later what has changed since."""
        newest = self._store.rows(select(transitions).order_by(transitions.c.seq.desc()).limit(1))
        moved = self._store.rows(select(func.max(key_moves.c.seq).label("seq")))[0]["seq"]
        last = newest[0] if newest else {"seq": 0, "op_key": "", "at": ""}
        return Mark(last["seq"], last["op_key"], last["at"], moved or 0)

    def touched_since(self, mark: Mark, sync: str, destination: str) -> list[str] | None:
        """The keys about which the log has said anything since a mark.

        Returns:
            None if the mark is of another journal, or of a later state of this one.
        """
        if mark.seq:
            at = self._store.rows(select(transitions).where(transitions.c.seq == mark.seq))
            if [(row["op_key"], row["at"]) for row in at] != [(mark.op_key, mark.at)]:
                return None
        stepped = (
            select(operations.c.key)
            .join(transitions, transitions.c.op_key == operations.c.op_key)
            .where(transitions.c.seq > mark.seq, *_of(sync, destination, operations))
        )
        found = {row["key"] for row in self._store.rows(stepped)}
        here = _of(sync, destination, key_moves)
        moved = select(key_moves).where(key_moves.c.seq > mark.moved, *here)
        for row in self._store.rows(moved):
            found |= {row["from_key"], row["to_key"]}
        return sorted(found)

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

    def newest(
        self,
        sync: str,
        destination: str,
        keys: Sequence[str],
        among: Sequence[str] = (*states.ENDED, *states.OPEN),
    ) -> dict[str, dict[str, Any]]:
        """Key to its newest operation among those in these states."""
        found: dict[str, dict[str, Any]] = {}
        for chunk in chunks(list(keys)):
            rows = self._store.rows(
                select(operations)
                .where(
                    *_of(sync, destination, operations),
                    operations.c.key.in_(chunk),
                    operations.c.state.in_(among),
                )
                .order_by(operations.c.version, operations.c.planned_at)
            )
            found.update({row["key"]: row for row in rows})
        return found

    def effects_of(self, run_id: str) -> list[dict[str, Any]]:
        """What took effect in a run, parents before children."""
        return self._store.rows(
            select(operations)
            .where(operations.c.run_id == run_id, operations.c.state == states.ACKNOWLEDGED)
            .order_by(operations.c.planned_at, operations.c.key)
        )

    def stuck(self) -> list[dict[str, Any]]:
        """Operations that wait for a person, the oldest first."""
        return self._store.rows(
            select(operations)
            .where(operations.c.state.in_(states.STUCK))
            .order_by(operations.c.updated_at)
        )

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
