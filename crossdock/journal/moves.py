"""Keys that became others: what was acknowledged for them is found under the new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from crossdock.journal import states
from crossdock.journal.intents import row_hash
from crossdock.journal.log import chunks
from crossdock.journal.schema import acknowledged, key_moves, operations
from crossdock.journal.store import Store, stamp

MOVED = "moved"
RETIRED = "retired"


@dataclass(frozen=True)
class Move:
    """What becomes of one acknowledged record.

    Attributes:
        retired: Another record of the destination stands for `to_key`: this one is left alone.
    """

    key: str
    to_key: str
    destination_id: str
    to_destination_id: str
    retired: bool = False


@dataclass(frozen=True)
class Moves:
    """What moves in one sync.

    Attributes:
        acknowledged: Records that get another key or id, or are left alone from now on.
        open: Keys of operations without an outcome, to the keys that they get.
    """

    acknowledged: Sequence[Move] = ()
    open: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.acknowledged or self.open)

    def of_acknowledged(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Acknowledged rows as they are after the move."""
        by_key = {move.key: move for move in self.acknowledged}
        found = []
        for row in rows:
            move = by_key.get(row["key"])
            if move is None:
                found.append(row)
            elif not move.retired:
                found.append({**row, **_values(move, row)})
        return found

    def of_open(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Open operations as they are after the move; what can be superseded stays."""
        return [
            {**row, "key": self.open[row["key"]]}
            if row["key"] in self.open and row["state"] not in states.RETRIABLE
            else row
            for row in rows
        ]


def _values(move: Move, row: Any) -> dict[str, Any]:
    same = move.destination_id == move.to_destination_id
    # Of another record the destination has confirmed nothing yet.
    fields = row["fields"] if same else {}
    return {
        "key": move.to_key,
        "destination_id": move.to_destination_id,
        "fields": fields,
        "row_hash": row_hash(fields),
    }


def apply(db: Connection, run_id: str | None, sync: str, destination: str, moves: Moves) -> None:
    """Give records and open operations their new keys, within the caller's transaction."""
    here = and_(acknowledged.c.sync == sync, acknowledged.c.destination == destination)
    by_key = {move.key: move for move in moves.acknowledged}
    at, log, arriving = stamp(), [], []
    for chunk in chunks(list(by_key)):
        mine = and_(here, acknowledged.c.key.in_(chunk))
        for row in db.execute(select(acknowledged).where(mine).with_for_update()).mappings():
            move = by_key[row["key"]]
            if not move.retired:
                arriving.append({**row, **_values(move, row), "changed_at": at})
            log.append(
                {
                    "from_key": move.key,
                    "to_key": move.to_key,
                    "destination_id": row["destination_id"],
                    "to_destination_id": move.to_destination_id,
                    "op_key": None,
                    "outcome": RETIRED if move.retired else MOVED,
                    "fields": row["fields"],
                }
            )
        db.execute(delete(acknowledged).where(mine))
    if arriving:
        db.execute(insert(acknowledged), arriving)
    log += _operations(db, sync, destination, moves.open)
    same = {"run_id": run_id, "sync": sync, "destination": destination, "at": at}
    if log:
        db.execute(insert(key_moves), [entry | same for entry in log])


def _operations(
    db: Connection, sync: str, destination: str, keys: Mapping[str, str]
) -> list[dict[str, Any]]:
    log = []
    for key, to_key in keys.items():
        mine = and_(
            operations.c.sync == sync,
            operations.c.destination == destination,
            operations.c.key == key,
            operations.c.state.not_in((*states.ENDED, *states.RETRIABLE)),
        )
        for row in db.execute(select(operations).where(mine).with_for_update()).mappings():
            log.append(
                {
                    "from_key": key,
                    "to_key": to_key,
                    "destination_id": row["destination_id"],
                    "to_destination_id": row["destination_id"],
                    "op_key": row["op_key"],
                    "outcome": MOVED,
                    "fields": {},
                }
            )
        db.execute(update(operations).where(mine).values(key=to_key, updated_at=stamp()))
    return log


def counts(store: Store, sync: str, destination: str, keys: Sequence[str]) -> dict[str, int]:
    """Key to how often something came to it or left it: that is part of its version."""
    found: dict[str, int] = {}
    wanted = set(keys)
    for column in (key_moves.c.from_key, key_moves.c.to_key):
        rows = store.rows(
            select(column.label("key"), func.count().label("n"))
            .where(key_moves.c.sync == sync, key_moves.c.destination == destination)
            .group_by(column)
        )
        for row in rows:
            if row["key"] in wanted:
                found[row["key"]] = found.get(row["key"], 0) + row["n"]
    return found


def former_keys(store: Store, sync: str, keys: Sequence[str]) -> list[str]:
    """The keys under which these records were known before, as far back as the log goes."""
    known, asked = set(keys), set(keys)
    while asked:
        rows = store.rows(
            select(key_moves.c.from_key).where(
                key_moves.c.sync == sync,
                key_moves.c.outcome == MOVED,
                or_(*(key_moves.c.to_key.in_(chunk) for chunk in chunks(sorted(asked)))),
            )
        )
        asked = {row["from_key"] for row in rows} - known
        known |= asked
    return sorted(known - set(keys))
