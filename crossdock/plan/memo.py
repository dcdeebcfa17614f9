"""What an earlier plan found settled, so that a plan looks closely at the rest alone.

A row that needed nothing needs nothing again, as long as neither it, nor the destination's record,
nor what the journal says of it is another. A memo holds a fingerprint of the first two for each
such row, and the place in the journal's log up to which it knows the third. It is a file that may
be lost at any time: without it every row is compared.

Fingerprints are DuckDB's `hash()`, which another version may reckon otherwise: a memo is of one
version, one definition of its sync, one journal, and one day.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crossdock import clock
from crossdock.errors import WarehouseError
from crossdock.journal.operations import Mark
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident, literal

LIFE = timedelta(days=1)
"""A memo is thrown away after that, whatever it says."""
FEW = 10_000
"""So many rows are compared in no time."""
WORN = 0.02
"""A memo is written anew when it no longer speaks for this share of the rows."""
_NOTE = "crossdock"


@dataclass(frozen=True)
class Memo:
    """A memo that speaks for the present."""

    path: Path
    mark: Mark

    def settled(self, touched: str) -> str:
        """SQL of the rows (key, dh) that are still as the memo has them.

        It reads `seen` (id, read_at, gone, oh), and a relation `touched` (key) of what the journal
        has heard of since.
        """
        return f"""
        select memo.key, memo.dh
        from read_parquet({literal(str(self.path))}) memo
        left join seen on memo.id = seen.id
        where memo.oh is not distinct from seen.oh
            and memo.fresh = coalesce(seen.read_at > memo.ack_at, false)
            and not coalesce(seen.gone, false)
            and memo.key not in (select key from {touched})
        """

    def holders(self, warehouse: Warehouse, ids: str) -> list[str]:
        """The keys that hold one of these ids (SQL) of the destination."""
        sql = f"select key from read_parquet({literal(str(self.path))}) where id in ({ids})"
        return [row[0] for row in warehouse.fetchall(sql)]


def place(folder: Path, sync: Sync, destination: str) -> Path:
    """Where the memo of a sync at a destination lies."""
    return folder / f"{sync.name}@{destination.replace(':', '_')}.parquet"


def load(path: Path, sync: Sync, warehouse: Warehouse) -> Memo | None:
    """The memo that lies there, if it is of this sync and of today."""
    if not path.exists():
        return None
    try:
        found = warehouse.fetchone(
            f"select decode(value) from parquet_kv_metadata({literal(str(path))})"
            f" where decode(key) = {literal(_NOTE)}"
        )
    except WarehouseError:
        return None  # torn or of another format: it is written anew
    note: dict[str, Any] = json.loads(found[0]) if found else {}
    if note.get("definition") != _definition(sync, warehouse):
        return None
    age = clock.real_now() - datetime.fromisoformat(note["written_at"])
    if not timedelta() <= age <= LIFE:
        return None
    return Memo(path, Mark(**note["mark"]))


def save(
    path: Path, sync: Sync, warehouse: Warehouse, mark: Mark, kept: Memo | None, touched: str
) -> None:
    """Write down what is settled: rows of `settled`, and those that an older memo still has."""
    note = json.dumps(
        {
            "definition": _definition(sync, warehouse),
            "mark": asdict(mark),
            "written_at": clock.real_now().isoformat(),
        }
    )
    rows = "select key, id, ack_at, fresh, dh, oh from settled"
    if kept is not None:
        rows += f"""
        union all
        select key, id, ack_at, fresh, dh, oh from read_parquet({literal(str(kept.path))})
        where key not in (select key from {touched}) and key not in (select "$key" from desired)
        """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        warehouse.execute(
            f"copy ({rows}) to {literal(str(beside))}"
            f" (format parquet, kv_metadata {{{_NOTE}: {literal(note)}}})"
        )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def is_worn(rows: int, compared: int) -> bool:
    """Whether a new memo is worth its writing, after so many of the rows were compared."""
    return rows > FEW and compared > max(FEW / 10, rows * WORN)


def fingerprint(columns: Sequence[str]) -> str:
    """SQL of the fingerprint of these columns, as text."""
    values = ", ".join(f"cast({ident(name)} as varchar)" for name in columns)
    return f"hash({values})"


def _definition(sync: Sync, warehouse: Warehouse) -> str:
    version = warehouse.fetchone("select version()")
    shape = [warehouse.columns(*sync.relation), warehouse.columns(*sync.observed)]
    text = repr((version, sync, shape))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
