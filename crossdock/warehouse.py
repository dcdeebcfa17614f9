"""The DuckDB file, and the only module that imports duckdb.

A read-write open shuts out every other process, so the file is open only while there is
something to read or to commit, and whoever finds it locked waits with a bound.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from crossdock.errors import WarehouseError, WarehouseLocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    Params = Sequence[Any] | Mapping[str, Any] | None

WAIT = 60.0
_POLL = (0.02, 0.25)  # seconds between tries: at first, at most
_HOLDER = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_COPY = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


def ident(*parts: str) -> str:
    """Quote a name: `ident("raw_shopify_main", "orders")` is `"raw_shopify_main"."orders"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(value: str | float | bool | None) -> str:
    """Quote a value for SQL where no parameter can stand (file names, options)."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


class Warehouse:
    """An open connection; errors of DuckDB come out as `WarehouseError`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._in_transaction = False

    def execute(self, sql: str, params: Params = None) -> int:
        """Run one statement or several to their end.

        Returns:
            The number of rows that the last statement changed; -1 where that means nothing.
        """
        with _translated():
            self._connection.execute(sql, params)
            self._connection.complete()
            return int(self._connection.rowcount)

    def fetchall(self, sql: str, params: Params = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with _translated():
            return list(self._connection.execute(sql, params).fetchall())

    def fetchone(self, sql: str, params: Params = None) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        with _translated():
            row: tuple[Any, ...] | None = self._connection.execute(sql, params).fetchone()
            self._connection.complete()
            return row

    def fetch_arrow(self, sql: str, params: Params = None) -> pa.Table:
        """All rows of a query as an Arrow table."""
        with _translated():
            return self._connection.sql(sql, params=params).to_arrow_table()

    def register(self, name: str, table: pa.Table) -> None:
        """Let queries of this connection read an Arrow table by name, without a copy."""
        with _translated():
            self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        """Forget a registered table."""
        with _translated():
            self._connection.unregister(name)

    def table_exists(self, schema: str, table: str) -> bool:
        """Whether there is such a table or view; DuckDB's names know no case."""
        return bool(self.columns(schema, table))

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """Column to type, in the table's order; empty if there is no such table."""
        rows = self.fetchall(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = current_database()"
            " and lower(schema_name) = lower($schema) and lower(table_name) = lower($table)"
            " order by column_index",
            {"schema": schema, "table": table},
        )
        return {str(name): str(data_type) for name, data_type in rows}

    def describe(self, schema: str, table: str) -> dict[str, str]:
        """Column to type of a table that is there; quicker than `columns`.

        Raises:
            WarehouseError: There is no such table; an open transaction is then lost.
        """
        sql = "select name, type from pragma_table_info($table) order by cid"
        return dict(self.fetchall(sql, {"table": ident(schema, table)}))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end of the block, roll back if it raises."""
        if self._in_transaction:
            raise WarehouseError("a transaction is already open")
        with _translated():
            self._connection.begin()
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        else:
            with _translated():
                self._connection.commit()
        finally:
            self._in_transaction = False

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.TransactionException:
            return  # DuckDB has already rolled it back by itself: there is nothing left to undo

    def close(self) -> None:
        """Close the connection, and with it the file."""
        with _translated():
            self._connection.close()


@contextmanager
def connect(path: Path | str, *, read_only: bool, wait: float = WAIT) -> Iterator[Warehouse]:
    """Open the warehouse file for the length of a block.

    Args:
        path: The file; a read-write open creates it, and its folder, where it is missing.
        read_only: Several processes may read at once; one that writes is alone.
        wait: Seconds to wait while another process holds the file.

    Raises:
        WarehouseLocked: Another process holds the file for longer than that.
        WarehouseError: The file is missing (read-only) or no DuckDB file.
    """
    file = Path(path)
    if read_only and not file.exists():
        raise WarehouseError(
            f"there is no warehouse at {file}", hint="run `meltano run sync` first"
        )
    warehouse = Warehouse(_open(file, read_only=read_only, wait=wait))
    try:
        yield warehouse
    finally:
        warehouse.close()


@contextmanager
def memory() -> Iterator[Warehouse]:
    """A warehouse in memory, gone at the end of the block."""
    warehouse = Warehouse(_configured(duckdb.connect(":memory:")))
    try:
        yield warehouse
    finally:
        warehouse.close()


def publish_copy(source: Path | str, target: Path | str, *, wait: float = WAIT) -> None:
    """Copy the warehouse for people and BI tools, by atomic rename.

    Who has the old copy open keeps reading it. Nobody writes to the source meanwhile.

    Raises:
        WarehouseLocked: Another process holds the source for longer than `wait` seconds.
        WarehouseError: The source is missing, or the copy cannot be written.
    """
    origin, copy = Path(source), Path(target)
    if not origin.exists():
        raise WarehouseError(f"there is no warehouse at {origin}", hint="run `meltano run sync`")
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        with connect(origin, read_only=False, wait=wait) as warehouse:
            warehouse.execute("checkpoint")
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(origin, temporary)
        # A log that somebody's writing left beside the old copy does not belong to the new one.
        copy.with_name(f"{copy.name}.wal").unlink(missing_ok=True)
        temporary.replace(copy)
    except OSError as error:
        raise WarehouseError(
            f"the copy {copy} could not be written: {error.strerror or error}",
            hint="free some disk space, or name another place",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    """Copy in another process: closing a handle of the file here would drop DuckDB's lock."""
    command = [sys.executable, "-I", "-S", "-c", _COPY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise OSError((done.stderr.strip().splitlines() or ["the copying was killed"])[-1])


def _open(file: Path, *, read_only: bool, wait: float) -> duckdb.DuckDBPyConnection:
    """Try to open the file until the time is up."""
    if not read_only:
        file.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    pause, most = _POLL
    while True:
        try:
            return _configured(duckdb.connect(str(file), read_only=read_only))
        except duckdb.Error as error:
            if "Could not set lock" not in str(error):
                raise _unusable(file, error) from error
            left = deadline - time.monotonic()
            if left <= 0:
                raise _locked(file, wait, str(error)) from None
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, most)


def _configured(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The settings that make results the same on every machine."""
    connection.execute("set TimeZone = 'UTC'").complete()
    return connection


def _locked(file: Path, wait: float, message: str) -> WarehouseLocked:
    match = _HOLDER.search(message)
    if match is None:
        who, what = "another process", "wait for it to end, or stop it"
    else:
        who = f"process {match['pid']} ({Path(match['program']).name})"
        what = f"wait for it to end, or stop it (kill {match['pid']})"
    return WarehouseLocked(
        f"the warehouse {file} is held by {who}; gave up after {wait:g} s",
        hint=f"{what}; people and BI tools read {file.with_suffix('.read.duckdb').name} instead",
    )


def _unusable(file: Path, error: duckdb.Error) -> WarehouseError:
    reason = str(error).splitlines()[0]
    if "different configuration" in reason:
        return WarehouseError(
            f"{file} is already open in this process in another mode",
            hint="close the first connection before opening a second one",
        )
    return WarehouseError(
        f"the warehouse {file} cannot be opened: {reason}",
        hint="put the file back from a backup, or move it away and load everything anew",
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Raise errors of DuckDB as WarehouseError, in one line that repeats no data."""
    try:
        yield
    except (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException) as error:
        # What could not be converted is quoted there, and may be a person's: also not as cause.
        raise WarehouseError(_QUOTED.sub("'…'", str(error).splitlines()[0])) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise WarehouseError(
            str(error).splitlines()[0], hint="free some disk space or memory and run again"
        ) from error
    except duckdb.Error as error:
        raise WarehouseError(" ".join(str(error).split())) from error
