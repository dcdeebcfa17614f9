"""Leases: who may send an operation now, with a fencing number against a late second sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from crossdock.errors import LeaseLost, UnknownOperation
from crossdock.journal import process, states
from crossdock.journal.intents import Change
from crossdock.journal.log import Log, chunks
from crossdock.journal.schema import operations
from crossdock.journal.store import Store


class Leases:
    """The part of the journal that hands operations to one process at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._log = Log(store)

    def take(self, op_keys: Sequence[str], run_id: str | None) -> dict[str, int]:
        """Take operations for this process; planned ones are in flight from here on.

        Returns:
            Op key to the fencing number under which it may be sent.

        Raises:
            UnknownOperation: The journal does not know a key.
            LeaseLost: A living process holds one, or it is in no state to be sent.
        """
        holder = process.me()
        with self._store.write() as db:
            rows = self._log.locked(db, op_keys)
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
            for chunk in chunks(list(op_keys)):
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
            self._log.apply(db, run_id, flying)
        return fences

    def check(self, fences: Mapping[str, int]) -> None:
        """See that the leases are still ours, right before a request leaves.

        Raises:
            LeaseLost: Another process took one over.
        """
        rows = self._rows(list(fences))
        for key, fence in fences.items():
            if rows[key]["fence"] != fence:
                raise LeaseLost(
                    f"operation {key[:12]} was taken over by {rows[key]['lease_holder']}"
                )

    def end_dead(self, run_id: str | None) -> int:
        """What a process that is gone had in flight is unknown from now on.

        Returns:
            How many operations that concerns.
        """
        rows = self._store.rows(
            select(operations.c.op_key, operations.c.lease_holder).where(
                operations.c.state == states.IN_FLIGHT
            )
        )
        alive = {h: process.is_alive(h) for h in {r["lease_holder"] for r in rows} if h}
        dead = [r["op_key"] for r in rows if not alive.get(r["lease_holder"], False)]
        with self._store.write() as db:
            changes = [Change(k, states.UNKNOWN, "its process ended") for k in dead]
            self._log.apply(db, run_id, changes)
        return len(dead)

    def _rows(self, op_keys: list[str]) -> dict[str, dict[str, object]]:
        found = {}
        for chunk in chunks(op_keys):
            rows = self._store.rows(select(operations).where(operations.c.op_key.in_(chunk)))
            found.update({row["op_key"]: row for row in rows})
        return found
