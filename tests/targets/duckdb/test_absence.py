"""Sweeps of ids: what a sweep lacks is marked as deleted, and only if all of it arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.targets.duckdb.support import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    SCHEMA,
    TEXT,
    TIME,
    record,
    schema,
)

if TYPE_CHECKING:
    from tests.targets.duckdb.support import Load

AT = {"_crossdock_read_at": TIME}
IDS = schema("_crossdock_ids", keys=["run_id", "stream", "key"], run_id=TEXT, stream=TEXT, key=TEXT)


def read_at(minute: int) -> str:
    return f"2026-11-23T09:{minute:02}:00.000001Z"


def sweep(
    *keys: str, minute: int = 5, run: str = "r1", stream: str = "orders", **fields: Any
) -> list[Any]:
    """The ids of a sweep, and the end record that says so."""
    end = {"count": 0, "full": False, "swept": True, "swept_count": len(keys), **fields}
    declared = schema(
        "_crossdock_end",
        keys=["run_id", "stream"],
        run_id=TEXT,
        stream=TEXT,
        count=INTEGER,
        full=BOOLEAN,
        swept=BOOLEAN,
        swept_count=INTEGER,
        started_at=TIME,
    )
    ids = [record("_crossdock_ids", run_id=run, stream=stream, key=key) for key in keys]
    said = record("_crossdock_end", run_id=run, stream=stream, started_at=read_at(minute), **end)
    return [IDS, declared, *ids, said]


def rows(keys: str, minute: int = 1) -> list[dict[str, Any]]:
    return [record(id=key, _crossdock_read_at=read_at(minute)) for key in keys]


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_what_a_sweep_lacks_is_marked(load: Load, batch_rows: int) -> None:
    load(schema(**AT), rows("abcd"))
    load(schema(**AT), rows("d", 6), sweep("a", "c", count=1), batch_rows=batch_rows, piece=70)
    assert load.deleted() == ["b"]
    marked = load.query(
        f"select _crossdock_read_at::varchar from {SCHEMA}.orders where _sdc_deleted_at is not null"
    )
    assert marked == [("2026-11-23 09:05:00.000001+00",)]


def test_a_row_read_since_the_sweep_began_is_not_marked(load: Load) -> None:
    load(schema(**AT), rows("a"), rows("b", 6))
    load(schema(**AT), sweep("a"))
    assert load.deleted() == []


def test_a_marked_row_that_is_read_again_is_there_again(load: Load) -> None:
    load(schema(**AT), rows("abc"))
    load(schema(**AT), sweep("a"))
    assert load.deleted() == ["b", "c"]
    load(schema(**AT), rows("b", 7))
    assert load.deleted() == ["c"]
    load(schema(**AT), rows("c", 4))
    assert load.deleted() == ["c"], "it was read before the sweep that missed it"


def test_a_marked_row_that_a_later_sweep_finds_is_there_again(load: Load) -> None:
    load(schema(**AT), rows("ab"))
    load(schema(**AT), sweep("a"))
    assert load.deleted() == ["b"]
    load(schema(**AT), sweep("a", "b", minute=9, run="r2"))
    assert load.deleted() == []


def changed_last(load: Load) -> set[str]:
    found = load.query(
        f"select id from {SCHEMA}.orders"
        " where _sdc_loaded_at = (select max(loaded_at) from _crossdock.load_log)"
    )
    return {key for (key,) in found}


def test_a_mark_changes_its_row_and_no_other(load: Load) -> None:
    load(schema(**AT), rows("abc"))
    load(schema(**AT), sweep("a", "c"))
    assert changed_last(load) == {"b"}
    load(schema(**AT), sweep("a", "b", "c", minute=9, run="r2"))
    assert changed_last(load) == {"b"}


@pytest.mark.parametrize(
    "why",
    ["ids lost", "records lost", "a record in quarantine", "an id in quarantine", "reported"],
)
def test_without_a_complete_sweep_nothing_is_marked(load: Load, why: str) -> None:
    declared = schema(v=INTEGER, **AT)
    load(declared, rows("ab"))
    messages: list[Any] = []
    fields: dict[str, Any] = {}
    if why == "ids lost":
        fields = {"swept_count": 2}
    elif why == "records lost":
        fields = {"count": 1}
    elif why == "a record in quarantine":
        messages = [record(id="b", v=0.5, _crossdock_read_at=read_at(6))]
    elif why == "an id in quarantine":
        messages = [IDS, record("_crossdock_ids", run_id="r1", stream="orders", key=None)]
    else:
        messages = [
            schema("_crossdock_quarantine", keys=[], stream=TEXT, reason=TEXT),
            record("_crossdock_quarantine", stream="orders", reason="too long"),
        ]
    load(declared, messages, sweep("a", **fields))
    assert load.deleted() == []
    load(declared, sweep("a", minute=8, run="r2"))
    assert load.deleted() == ["b"]


def test_a_sweep_of_another_stream_or_run_does_not_count(load: Load) -> None:
    load(schema(**AT), schema("lines", **AT), rows("ab"))
    other = record("_crossdock_ids", run_id="r1", stream="lines", key="b")
    old = record("_crossdock_ids", run_id="r0", stream="orders", key="b")
    load(schema(**AT), schema("lines", **AT), IDS, other, old, sweep("a"))
    assert load.deleted() == ["b"]


def test_keys_that_are_no_text(load: Load) -> None:
    for kind, keys in ((INTEGER, [1, 20]), (NUMBER, [1, 20]), (OBJECT, ["1", "20"])):
        stream = f"s{kind['type'][0]}"
        declared = schema(stream, keys=["id"], id=kind, **AT)
        kept = [record(stream, id=key, _crossdock_read_at=read_at(1)) for key in keys]
        load(declared, kept)
        load(declared, sweep("20", stream=stream))
        gone = load.query(
            f"select id::varchar from {SCHEMA}.{stream} where _sdc_deleted_at is not null"
        )
        assert len(gone) == 1
        assert gone[0][0].strip('"').startswith("1")


def test_ids_of_another_kind_delete_nothing(load: Load) -> None:
    load(schema(**AT), rows("ab"))
    load(schema(**AT), sweep("gid://a", "gid://b"))
    assert load.deleted() == []


def test_an_empty_sweep_says_that_all_are_gone(load: Load) -> None:
    load(schema(**AT), rows("ab"))
    load(schema(**AT), sweep())
    assert load.deleted() == ["a", "b"]


def test_a_key_of_several_columns_is_not_swept(load: Load) -> None:
    declared = schema(keys=["id", "n"], id=TEXT, n=TEXT, **AT)
    load(declared, record(id="a", n="1", _crossdock_read_at=read_at(1)))
    load(declared, sweep("a"))
    assert load.deleted() == []


def test_only_the_newest_sweep_of_a_stream_is_kept(load: Load) -> None:
    load(schema(**AT), schema("lines", **AT), rows("ab"))
    load(schema("lines", **AT), sweep("x", stream="lines", run="r0"))
    for run in ("r1", "r2"):
        load(schema(**AT), sweep("a", "b", run=run))
    kept = load.query(f"select stream, run_id, key from {SCHEMA}._crossdock_ids order by all")
    assert kept == [("lines", "r0", "x"), ("orders", "r2", "a"), ("orders", "r2", "b")]
