"""The log of transitions: the one place where an operation changes its state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from crossdock.errors import JournalError
from crossdock.journal import states
from crossdock.journal.intents import Change, row_hash
from crossdock.journal.schema import acknowledged, operations, transitions
from crossdock.journal.store import Store, stamp

_CHUNK = 500  # SQLite takes some 32,000 variables in a statement; this stays well below


def chunks(items: list[str]) -> Iterable[list[str]]:
    """The items in pieces that a statement can carry."""
    return (items[i : i + _CHUNK] for i in range(0, len(items), _CHUNK))


class Log:
    """Transitions of operations, and the acknowledged state that the last one leaves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, db: Connection, run_id: str | None, changes: Sequence[Change]) -> None:
        """Take each step, if the life of an operation allows it.

        Raises:
            JournalError: It does not; nothing is changed.
        """
        rows = self.locked(db, [change.op_key for change in changes])
        updates, steps, known = [], [], []
        for change in changes:
            row = rows[change.op_key]
            before = row["state"]
            updates.append(_step(row, change))
            steps.append((change.op_key, before, row["state"], change.detail))
            if row["state"] == states.ACKNOWLEDGED:
                known.append(_acknowledged(row, change))
        if not changes:
            return
        # All at once: a hundred records of one request are a hundred times less talk.
        db.execute(_UPDATE, updates)
        self.write(db, run_id, steps)
        if known:
            self._store.put(db, acknowledged, ("sync", "destination", "key"), known)

    @staticmethod
    def locked(db: Connection, op_keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Op key to row, locked for this transaction where the database locks rows."""
        found: dict[str, dict[str, Any]] = {}
        for chunk in chunks(list(op_keys)):
            statement = select(operations).where(operations.c.op_key.in_(chunk)).with_for_update()
            for row in db.execute(statement).mappings():
                found[row["op_key"]] = dict(row)
        return found

    @staticmethod
    def write(
        db: Connection,
        run_id: str | None,
        steps: Sequence[tuple[str, str | None, str, str | None]],
    ) -> None:
        """Write steps (op key, from, to, why) down; what is written is never changed."""
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


_UPDATE = (
    update(operations)
    .where(operations.c.op_key == bindparam("of_key"))
    .values(
        state=bindparam("to_state"),
        attempts=bindparam("now_attempts"),
        error=bindparam("why"),
        updated_at=bindparam("at"),
        destination_id=bindparam("found_id"),
    )
)


def _step(row: dict[str, Any], change: Change) -> dict[str, Any]:
    """Take one step in memory; answers what is to be written.

    Raises:
        JournalError: The life of an operation does not allow it.
    """
    earlier = 0 if change.forgives else row["attempts"]
    state, attempts = change.state, earlier + (1 if change.counts else 0)
    if state == states.REJECTED and attempts >= states.REFUSAL_CAP:
        state = states.DEAD_LETTER
    if not states.allowed(row["state"], state):
        raise JournalError(
            f"operation {change.op_key[:12]} cannot go from {row['state']} to {state}"
        )
    destination_id = change.destination_id or row["destination_id"]
    row.update(state=state, attempts=attempts, destination_id=destination_id)
    return {
        "of_key": change.op_key,
        "to_state": state,
        "now_attempts": attempts,
        "why": change.detail,
        "at": stamp(),
        "found_id": destination_id,
    }


def _acknowledged(row: dict[str, Any], change: Change) -> dict[str, Any]:
    """What is known of a record once its operation has taken effect."""
    if not row["destination_id"]:
        raise JournalError(f"operation {change.op_key[:12]} is acknowledged without an id")
    at = stamp()
    owned = {**row["owned"], **change.differs}
    return {
        **{name: row[name] for name in ("sync", "destination", "key", "destination_id")},
        "version": row["version"] + 1,
        "acknowledged_at": at,
        "changed_at": at,
        "row_hash": row_hash(owned),
        "fields": owned,
        "op_key": change.op_key,
    }
