"""Limit buckets that all processes share: a vendor counts per account, not per process."""

from __future__ import annotations

from sqlalchemy import Connection, select

from crossdock.journal.schema import buckets
from crossdock.journal.store import Store


class Buckets:
    """Token buckets in the journal's store; a level below zero is a queue."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, name: str, cost: float, capacity: float, rate: float, now: float) -> float:
        """Take `cost` from a bucket that fills at `rate` per second.

        Args:
            name: Name of the account's bucket.
            cost: Units to take; a negative cost gives back.
            capacity: Units that a full bucket holds.
            rate: Units per second.
            now: Seconds since 1970, real time.

        Returns:
            Seconds to wait before the request may leave.
        """
        with self._store.write() as db:
            level, at = self._level(db, name, capacity, rate, now)
            level = min(capacity, level - cost)
            self._set(db, name, level, at)
        return max(0.0, -level / rate)

    def correct(self, name: str, level: float, capacity: float, rate: float, now: float) -> None:
        """Lower a bucket to what the vendor says is left."""
        with self._store.write() as db:
            current, at = self._level(db, name, capacity, rate, now)
            self._set(db, name, min(current, level), at)

    @staticmethod
    def _level(
        db: Connection, name: str, capacity: float, rate: float, now: float
    ) -> tuple[float, float]:
        row = db.execute(select(buckets).where(buckets.c.name == name)).mappings().first()
        level, at = (row["level"], row["at"]) if row else (capacity, now)
        return min(capacity, level + max(0.0, now - at) * rate), max(now, at)

    def _set(self, db: Connection, name: str, level: float, at: float) -> None:
        self._store.put(db, buckets, ("name",), [{"name": name, "level": level, "at": at}])
