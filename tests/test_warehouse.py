"""The warehouse file: locks waited for with a bound, errors in one line, atomic copies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from crossdock.errors import WarehouseError, WarehouseLocked
from crossdock.warehouse import connect, ident, literal, memory, publish_copy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import sys
from crossdock.warehouse import connect
with connect(sys.argv[1], read_only=sys.argv[2] == "read"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held(path: Path, mode: str = "write") -> Iterator[subprocess.Popen[str]]:
    """Another process holds the file until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.communicate("\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "warehouse.duckdb"
    with connect(path, read_only=False) as warehouse:
        warehouse.execute("create schema raw; create table raw.t as select 1 as a, 'x' as b")
    return path


def test_it_reads_back_what_it_wrote(file: Path) -> None:
    with connect(file, read_only=True) as warehouse:
        assert warehouse.fetchall("select * from raw.t where a = $a", {"a": 1}) == [(1, "x")]
        assert warehouse.fetchall("select * from raw.t where a = ?", [2]) == []
        assert warehouse.fetch_arrow("select * from raw.t").to_pylist() == [{"a": 1, "b": "x"}]
        assert warehouse.columns("RAW", "T") == {"a": "INTEGER", "b": "VARCHAR"}
        assert warehouse.table_exists("raw", "t")
        assert not warehouse.table_exists("raw", "u")


def test_a_query_may_be_left_half_read(file: Path) -> None:
    with connect(file, read_only=True) as warehouse:
        assert warehouse.fetchone("select * from range(100000)") == (0,)
        assert warehouse.fetchone("select 1 where false") is None
        assert warehouse.fetch_arrow("select 1 as a").to_pylist() == [{"a": 1}]


def test_execute_counts_changed_rows() -> None:
    with memory() as warehouse:
        warehouse.execute("create table t as select range as i from range(10)")
        assert warehouse.execute("update t set i = 0 where i < 4") == 4


def test_times_are_utc() -> None:
    with memory() as warehouse:
        row = warehouse.fetchone("select timestamptz '2026-01-01 00:00:00+02'::varchar")
        assert row == ("2025-12-31 22:00:00+00",)


def test_an_arrow_table_can_be_queried_by_name() -> None:
    with memory() as warehouse:
        warehouse.register("rows", pa.table({"a": [1, 2]}))
        assert warehouse.fetchone("select sum(a) from rows") == (3,)
        warehouse.unregister("rows")
        with pytest.raises(WarehouseError):
            warehouse.fetchall("select * from rows")


def test_a_transaction_is_all_or_nothing(file: Path) -> None:
    with connect(file, read_only=False) as warehouse:
        with pytest.raises(ZeroDivisionError), warehouse.transaction():
            warehouse.execute("delete from raw.t")
            raise ZeroDivisionError
        with pytest.raises(WarehouseError), warehouse.transaction():
            warehouse.execute("delete from raw.t")
            warehouse.execute("select * from nowhere")
        assert warehouse.fetchone("select count(*) from raw.t") == (1,)
        with warehouse.transaction():
            warehouse.execute("delete from raw.t")
        assert warehouse.fetchone("select count(*) from raw.t") == (0,)


def test_a_transaction_inside_another_is_refused() -> None:
    with memory() as warehouse, warehouse.transaction():
        with pytest.raises(WarehouseError), warehouse.transaction():
            pass
        assert warehouse.fetchone("select 1") == (1,)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match="meltano run sync"),
        connect(tmp_path / "no.duckdb", read_only=True),
    ):
        pass
    assert not (tmp_path / "no.duckdb").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("not a database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"), connect(path, read_only=True):
        pass


def test_a_lock_that_stays_names_its_holder(file: Path) -> None:
    with held(file) as process:
        with (
            pytest.raises(WarehouseLocked) as raised,
            connect(file, read_only=True, wait=0.1),
        ):
            pass
        assert f"process {process.pid} " in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_lock_that_goes_away_is_waited_for(file: Path) -> None:
    with held(file) as process:
        assert process.stdin is not None
        threading.Timer(0.4, process.stdin.write, ["\n"]).start()
        threading.Timer(0.5, process.stdin.flush).start()
        started = time.monotonic()
        with connect(file, read_only=False, wait=20) as warehouse:
            assert warehouse.fetchone("select 1") == (1,)
        assert 0.3 < time.monotonic() - started < 15


def test_readers_do_not_shut_each_other_out(file: Path) -> None:
    with held(file, "read"), connect(file, read_only=True, wait=0) as warehouse:
        assert warehouse.fetchone("select a from raw.t") == (1,)


def test_errors_repeat_no_data() -> None:
    with memory() as warehouse:
        for sql in (
            "select 'jane@example.org'::integer",
            "select json_extract('{jane@example.org', '$.a')",
            "create table t (a varchar primary key);"
            " insert into t values ('jane@example.org'), ('jane@example.org')",
        ):
            with pytest.raises(WarehouseError) as raised:
                warehouse.fetchall(sql)
            assert "jane" not in str(raised.value)
            assert raised.value.__cause__ is None


def test_a_copy_takes_the_place_of_the_old_one(file: Path) -> None:
    copy = file.with_suffix(".read.duckdb")
    publish_copy(file, copy)
    with connect(copy, read_only=True) as old:
        with connect(file, read_only=False) as warehouse:
            warehouse.execute("insert into raw.t values (2, 'y')")
        publish_copy(file, copy)
        assert old.fetchone("select count(*) from raw.t") == (1,)
    with connect(copy, read_only=True) as new:
        assert new.fetchone("select count(*) from raw.t") == (2,)
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "warehouse.duckdb",
        "warehouse.read.duckdb",
    ]


def test_a_copy_waits_for_the_writer(file: Path) -> None:
    with held(file), pytest.raises(WarehouseLocked):
        publish_copy(file, file.with_suffix(".read.duckdb"), wait=0.1)
    assert not file.with_suffix(".read.duckdb").exists()


def test_a_copy_that_cannot_be_written_leaves_nothing_behind(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    with pytest.raises(WarehouseError, match="could not be written"):
        publish_copy(file, copy)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "deep"]


def test_quoting() -> None:
    nasty = """a"b'c"""
    with memory() as warehouse:
        assert warehouse.fetchone(f"select {literal(nasty)} as {ident(nasty)}") == (nasty,)
        assert warehouse.fetchone(f"select {literal(None)}, {literal(True)}, {literal(2)}") == (
            None,
            True,
            2,
        )
    assert ident("raw", 'o"x') == '"raw"."o""x"'
