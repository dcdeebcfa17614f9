"""Which order files were written: our own account, which tells what a cut-off run left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from targets.wms_sftp.layout import Order

State = Literal["writing", "naming", "sent"]
"""`writing`: at most a temporary file is there. `naming`: it may have its final name. `sent`."""

_TABLES = """
create table if not exists files (
    id integer primary key autoincrement,
    sequence integer not null,
    name text not null,
    state text not null,
    written_at text not null
);
create table if not exists orders (
    op_key text not null,
    order_number text not null,
    file_id integer not null references files (id),
    primary key (op_key, file_id)
);
create index if not exists orders_by_number on orders (order_number);
"""


@dataclass(frozen=True)
class File:
    """One order file."""

    id: int
    sequence: int
    name: str
    state: State


class Ledger:
    """The account of one warehouse, in a file beside the journal.

    Each change is on the disk before the next step is taken at the server.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as db:
            db.executescript(_TABLES)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=30)
        try:
            db.execute("pragma synchronous = full")
            with db:
                yield db
        finally:
            db.close()

    def next_sequence(self, first: int, last: int | None) -> int:
        """The number after that of the newest file which may have got its name."""
        with self._open() as db:
            row = db.execute(
                "select sequence from files where state != 'writing' order by id desc limit 1"
            ).fetchone()
        if row is None:
            return first
        return first if last is not None and row[0] >= last else int(row[0]) + 1

    def begin(self, sequence: int, name: str, orders: Sequence[Order], at: str) -> File:
        """A file is about to be written."""
        with self._open() as db:
            file_id = db.execute(
                "insert into files (sequence, name, state, written_at)"
                " values (?, ?, 'writing', ?) returning id",
                (sequence, name, at),
            ).fetchone()[0]
            db.executemany(
                "insert into orders values (?, ?, ?)",
                [(order.op_key, order.number, file_id) for order in orders],
            )
        return File(file_id, sequence, name, "writing")

    def move(self, file: File, state: State) -> None:
        """Say how far a file is."""
        with self._open() as db:
            db.execute("update files set state = ? where id = ?", (state, file.id))

    def forget(self, file: File) -> None:
        """A file never got its name: its number is free again."""
        with self._open() as db:
            db.execute("delete from orders where file_id = ?", (file.id,))
            db.execute("delete from files where id = ?", (file.id,))

    def unfinished(self) -> list[File]:
        """Files that a run which was cut off has left behind."""
        with self._open() as db:
            rows = db.execute(
                "select id, sequence, name, state from files where state != 'sent' order by id"
            ).fetchall()
        return [File(*row) for row in rows]

    def was_sent(self, op_key: str, order_number: str) -> bool:
        """Whether a file with this order was sent, by this operation or an earlier one."""
        with self._open() as db:
            row = db.execute(
                "select 1 from orders inner join files on files.id = orders.file_id"
                " where files.state = 'sent' and (op_key = ? or order_number = ?) limit 1",
                (op_key, order_number),
            ).fetchone()
        return row is not None
