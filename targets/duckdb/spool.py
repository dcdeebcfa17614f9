"""What one stream has brought since the last commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from targets.duckdb.quarantine import Misfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from targets.duckdb.lines import LineReader
    from targets.duckdb.schema import Column

CHUNK = 1 << 20


@dataclass(frozen=True)
class Spooled:
    """Records that fit, as one table, and those that do not.

    Attributes:
        keys: Names of the key columns; none: records are appended.
        reader: What has read them, for more of the same kind.
    """

    table: pa.Table
    columns: Sequence[Column]
    misfits: Sequence[Misfit]
    keys: Sequence[str]
    reader: LineReader


class Spool:
    """Collects lines in memory and turns them into columns, chunk by chunk.

    Columns are smaller than the lines, and nothing personal is left on a disk when the
    process is killed. The target bounds the size by committing.
    """

    def __init__(self, reader: LineReader, keys: Sequence[str]) -> None:
        self._reader = reader
        self._keys = keys
        self._tables: list[pa.Table] = []
        self._misfits: list[Misfit] = []
        self._lines: list[bytes] = []
        self._waiting = self._waiting_count = 0
        self._position = 0
        self.records = 0
        """Records since the last `take`, misfits among them."""
        self.size = 0
        """Bytes that they take."""

    def add(self, lines: bytes, count: int) -> None:
        """Take lines in."""
        self._lines.append(lines)
        self._waiting += len(lines)
        self._waiting_count += count
        self.size += len(lines)
        self.records += count
        if self._waiting >= CHUNK:
            self._read()

    def add_misfit(self, line: bytes, reason: str) -> None:
        """Take in a record that is known not to fit."""
        self._read()
        self._misfits.append(Misfit.of(line, reason, self._position))
        self._position += 1
        self.size += len(line)
        self.records += 1

    def take(self) -> Spooled:
        """Everything since the last time; the spool is empty afterwards."""
        self._read()
        columns = list(self._reader.columns)
        empty = pa.table({})
        table = pa.concat_tables(self._tables or [empty], promote_options="default")
        spooled = Spooled(table, columns, tuple(self._misfits), self._keys, self._reader)
        self._tables, self._misfits = [], []
        self.records = self.size = 0
        return spooled

    def _read(self) -> None:
        if not self._lines:
            return
        table, misfits = self._reader.read(b"".join(self._lines), self._position)
        self._position += self._waiting_count
        self._lines, self._waiting, self._waiting_count = [], 0, 0
        self._tables.append(table)
        self._misfits += misfits
