"""Files of records that go round the pipe: read within bounds, deleted once committed."""

from __future__ import annotations

import gzip
import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from crossdock.errors import CrossdockError
from targets.duckdb import housekeeping
from tests.targets.duckdb.support import INTEGER, SCHEMA, TEXT, TIME, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

    from tests.targets.duckdb.support import Load


@pytest.fixture
def folder(project: Path) -> Path:
    made = project / ".crossdock" / "batches"
    made.mkdir(parents=True)
    return made


def batch(*files: Path, stream: str = "orders") -> dict[str, Any]:
    compression = "gzip" if files[0].suffix == ".gz" else "none"
    return {
        "type": "BATCH",
        "stream": stream,
        "encoding": {"format": "jsonl", "compression": compression},
        "manifest": [file.as_uri() for file in files],
    }


def write(file: Path, *records: Any) -> Path:
    text = b"".join(json.dumps(each).encode() + b"\n" for each in records)
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_file_of_ours_is_deleted_after_the_commit(load: Load, folder: Path, suffix: str) -> None:
    files = [
        write(folder / f"orders-{n}.jsonl{suffix}", {"id": str(n)}, {"id": f"{n}x"})
        for n in range(2)
    ]
    load(schema(), batch(*files), state({"orders": 1}), batch_rows=1)
    assert [row[0] for row in load.rows()] == ["0", "0x", "1", "1x"]
    assert list(folder.iterdir()) == []


def test_another_file_stays(load: Load, folder: Path, project: Path) -> None:
    outside = write(project / "orders.jsonl", {"id": "1"})
    linked = folder / ".." / ".." / "orders.jsonl"
    load(schema(), batch(outside), batch(linked))
    assert outside.exists()


def test_no_file_is_deleted_before_its_records_are_committed(
    load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(folder / "1.jsonl", {"id": "1"})
    second = write(folder / "2.jsonl", {"id": "2"}, {"id": "3"})
    load.path.write_text("no database" * 1000)
    with pytest.raises(CrossdockError):
        load(schema(), batch(first), batch(second), batch_rows=2)
    assert sorted(folder.iterdir()) == [first, second]


def test_a_file_that_breaks_off_stays(load: Load, folder: Path) -> None:
    whole = write(folder / "1.jsonl.gz", *({"id": str(n)} for n in range(1000)))
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(CrossdockError, match="cannot be read"):
        load(schema(), batch(whole), state({"orders": 1}))
    assert whole.exists()
    assert load.states == []


def test_what_a_killed_run_left_is_cleared_by_age(load: Load, folder: Path, project: Path) -> None:
    old, new = write(folder / "old.jsonl", {"id": "1"}), write(folder / "new.jsonl", {"id": "2"})
    elsewhere = write(project / "old.jsonl", {"id": "1"})
    (folder / "link").symlink_to(elsewhere)
    (folder / "more").mkdir()
    long_ago = time.time() - housekeeping.LEFT_BEHIND - 60
    for file in (old, elsewhere):
        os.utime(file, (long_ago, long_ago))
    load(schema(), record(id="3"))
    assert not old.exists()
    assert new.exists()
    assert elsewhere.exists()
    assert (folder / "more").exists()


def test_misfits_of_a_file_go_to_quarantine_and_the_file_goes(load: Load, folder: Path) -> None:
    file = folder / "1.jsonl"
    file.write_bytes(b'{"id":"1","v":1}\n{"id":"2","v":0.5}\n{"id":"3","v":\xff}\n<html>\n')
    load(schema(v=INTEGER), batch(file))
    assert load.rows() == [("1", 1)]
    assert len(load.reasons()) == 3
    assert not file.exists()


def test_a_line_of_a_file_that_is_too_long_is_kept_by_its_beginning(
    load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("targets.duckdb.messages.LONGEST_LINE", 2 << 20)
    file = write(folder / "1.jsonl", {"id": "1"}, {"id": "2", "v": "x" * (5 << 20)}, {"id": "3"})
    load(schema(v=TEXT), batch(file))
    assert [row[0] for row in load.rows()] == ["1", "3"]
    (kept,) = load.query(f"select length(record) from {SCHEMA}._quarantine")
    assert kept[0] <= 64 << 10


def test_records_by_pipe_and_by_file_follow_one_order(load: Load, folder: Path) -> None:
    first = write(folder / "1.jsonl", {"id": "1", "v": "file"}, {"id": "2", "v": "file"})
    load(schema(v=TEXT), record(id="1", v="pipe"), batch(first), record(id="2", v="pipe"))
    assert load.rows() == [("1", "file"), ("2", "pipe")]


def test_a_stream_that_comes_by_files_only_is_listed_whole(load: Load, folder: Path) -> None:
    at = {"_crossdock_read_at": TIME}
    times = ["2026-11-23T09:01:00Z", "2026-11-23T09:06:00Z"]
    load(schema(**at), record(id="gone", _crossdock_read_at=times[0]))
    file = write(folder / "1.jsonl", {"id": "1", "_crossdock_read_at": times[1]})
    ended = {"run_id": "r", "stream": "orders", "count": 1, "full": True}
    declared = schema(
        "_crossdock_end",
        keys=["run_id", "stream"],
        run_id=TEXT,
        stream=TEXT,
        count=INTEGER,
        full={"type": "boolean"},
        started_at=TIME,
    )
    end = record("_crossdock_end", **ended, started_at="2026-11-23T09:05:00Z")
    load(schema(**at), batch(file), declared, end)
    assert load.deleted() == ["gone"]
