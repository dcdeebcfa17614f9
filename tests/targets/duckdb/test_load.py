"""Merging, evolving, marking and logging: what a load leaves in the file."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crossdock.errors import CrossdockError, SettingsError, WarehouseError
from targets.duckdb.messages import InvalidInput
from targets.duckdb.schema import converted
from targets.duckdb.target import TargetDuckDB
from tests.targets.duckdb.support import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    SCHEMA,
    TEXT,
    TIME,
    end,
    lines,
    record,
    schema,
    state,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.targets.duckdb.support import Load

AT = {"_crossdock_read_at": TIME}


def read_at(minute: int) -> str:
    return f"2026-11-23T09:{minute:02}:00.000001Z"


# Keys and merging


def test_every_record_of_a_batch_lands_the_first_included(load: Load) -> None:
    load(schema(), *(record(id=str(n)) for n in range(25)), batch_rows=10)
    assert sorted(int(key) for (key,) in load.rows()) == list(range(25))


def test_composite_keys_are_tuples(load: Load) -> None:
    keyed = schema(keys=["a", "b"], a=TEXT, b=TEXT, v=TEXT)
    load(keyed, record(a="a,b", b="c", v="1"), record(a="a", b="b,c", v="2"))
    load(keyed, record(a="a", b="b,c", v="3"))
    assert load.rows() == [("a", "b,c", "3"), ("a,b", "c", "1")]


@pytest.mark.parametrize("batch_rows", [1, 2, 1000])
def test_the_last_record_of_a_key_wins(load: Load, batch_rows: int) -> None:
    load(
        schema(v=TEXT),
        *(record(id="1", v=v) for v in "abc"),
        record(id="2", v="x"),
        record(id="1", v=None),
        batch_rows=batch_rows,
        piece=50,
    )
    assert load.rows() == [("1", None), ("2", "x")]


def test_streams_without_a_key_are_appended_in_order(load: Load) -> None:
    keyless = schema(keys=[], v=INTEGER)
    load(keyless, record(v=2), record(v=1))
    load(keyless, record(v=2))
    assert load.query(f"select v from {SCHEMA}.orders order by rowid") == [(2,), (1,), (2,)]


def test_a_record_that_was_read_earlier_does_not_replace_a_later_one(load: Load) -> None:
    declared = schema(v=TEXT, **AT)
    load(declared, record(id="1", v="minute job", _crossdock_read_at=read_at(5)))
    load(
        declared,
        record(id="1", v="slow job", _crossdock_read_at=read_at(3)),
        record(id="2", v="new", _crossdock_read_at=read_at(3)),
    )
    assert [row[1] for row in load.rows()] == ["minute job", "new"]
    load(declared, record(id="1", v="same time", _crossdock_read_at=read_at(5)))
    assert [row[1] for row in load.rows()] == ["same time", "new"]


def test_rows_from_before_read_times_were_kept_are_replaced(load: Load) -> None:
    load(schema(v=TEXT), record(id="1", v="old"))
    load(schema(v=TEXT, **AT), record(id="1", v="new", _crossdock_read_at=read_at(1)))
    assert load.rows()[0][1] == "new"


def test_streams_may_be_interleaved(load: Load) -> None:
    load(
        schema(),
        schema("lines", n=INTEGER),
        *(m for n in range(20) for m in (record(id=str(n)), record("lines", id=str(n), n=n))),
        batch_rows=7,
        piece=100,
    )
    assert load.query(f"select count(*) from {SCHEMA}.orders") == [(20,)]
    assert load.query(f"select sum(n) from {SCHEMA}.lines") == [(190,)]


# Schema evolution


def test_a_new_column_is_added_and_a_dropped_one_keeps_its_values(load: Load) -> None:
    load(schema(a=TEXT), record(id="1", a="x"))
    load(schema(b=INTEGER), record(id="1", b=2), record(id="2", b=3))
    assert load.columns() == {"id": "VARCHAR", "a": "VARCHAR", "b": "BIGINT"}
    assert load.rows() == [("1", "x", 2), ("2", None, 3)]


@pytest.mark.parametrize(
    ("before", "old", "after", "new", "kind", "landed"),
    [
        (INTEGER, 7, NUMBER, 0.5, "DECIMAL(38,9)", ["7.000000000", "0.500000000"]),
        (NUMBER, 12.5, TEXT, "a", "VARCHAR", ["12.5", "a"]),
        (NUMBER, 100, TEXT, "a", "VARCHAR", ["100", "a"]),
        (INTEGER, 100, TEXT, "a", "VARCHAR", ["100", "a"]),
        (TEXT, "a", INTEGER, 5, "VARCHAR", ["a", "5"]),
        (BOOLEAN, True, INTEGER, 5, "VARCHAR", ["true", "5"]),
        (TEXT, "a", OBJECT, {"x": 1}, "VARCHAR", ["a", '{"x": 1}']),
        (OBJECT, {"x": 1}, TEXT, 'a"', "JSON", ['{"x": 1}', '"a\\""']),
        (OBJECT, {"x": 1}, NUMBER, 0.1, "JSON", ['{"x": 1}', "0.1"]),
        (OBJECT, {"x": 1}, INTEGER, 3, "JSON", ['{"x": 1}', "3"]),
        (NUMBER, 0.5, INTEGER, 2, "DECIMAL(38,9)", ["0.500000000", "2.000000000"]),
        (
            TIME,
            "2026-11-23T09:00:00+01:00",
            TEXT,
            "soon",
            "VARCHAR",
            ["2026-11-23T08:00:00.000000Z", "soon"],
        ),
        (
            TEXT,
            "soon",
            TIME,
            "2026-11-23T09:00:00+01:00",
            "VARCHAR",
            ["soon", "2026-11-23T08:00:00.000000Z"],
        ),
    ],
)
def test_a_changed_type_loses_nothing(
    load: Load, before: Any, old: Any, after: Any, new: Any, kind: str, landed: list[str]
) -> None:
    load(schema(v=before), record(id="1", v=old), schema(v=after), record(id="2", v=new))
    assert load.columns()["v"] == kind
    found = load.query(f"select v::varchar from {SCHEMA}.orders order by id")
    assert [value for (value,) in found] == landed


def test_keys_stay_the_same_when_their_type_is_widened(load: Load) -> None:
    load(schema(id=INTEGER, v=TEXT), record(id=1, v="a"), record(id=2, v="b"))
    load(schema(id=TEXT, v=TEXT), record(id="1", v="c"), record(id="x", v="d"))
    assert load.rows() == [("1", "c"), ("2", "b"), ("x", "d")]


def test_a_changed_type_in_a_large_table(load: Load) -> None:
    some = [record(id=str(n), v=n) for n in range(5000)]
    load(schema(v=INTEGER), *some, batch_rows=10_000)
    load(schema(v=NUMBER), *(record(id=str(n), v=n + 0.5) for n in range(2500, 7500)))
    assert load.query(f"select count(*), sum(v) from {SCHEMA}.orders")[0] == (
        7500,
        pytest.approx(sum(range(7500)) + 2500),
    )


def test_an_empty_stream_leaves_an_empty_table(load: Load) -> None:
    load(schema(a=INTEGER, j=OBJECT))
    assert load.columns() == {"id": "VARCHAR", "a": "BIGINT", "j": "JSON"}
    assert load.rows() == []


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}, TIME),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, NUMBER),
        ({"type": ["string", "integer"]}, TEXT),
        ({"type": ["string", "object"]}, OBJECT),
        ({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]}, TEXT),
        ({"type": "array", "items": TEXT}, OBJECT),
        ({"type": "string", "format": "date"}, TEXT),
        ({}, OBJECT),
        (True, OBJECT),
        ({"$ref": "#/definitions/x"}, OBJECT),
    ],
)
def test_declared_types(load: Load, declared: Any, kind: Any) -> None:
    load(schema("a", v=declared), schema("b", v=kind))
    assert load.columns("a") == load.columns("b")


def test_conversions_are_named() -> None:
    assert converted("x", "BIGINT", "DECIMAL(38,9)") == "x::DECIMAL(38,9)"


# Deletions


def test_a_complete_listing_marks_what_it_did_not_bring(load: Load) -> None:
    declared = schema(**AT)
    load(declared, *(record(id=k, _crossdock_read_at=read_at(1)) for k in "abc"))
    load(
        declared,
        record(id="a", _crossdock_read_at=read_at(6)),
        end(count=1, at=read_at(5)),
    )
    assert load.deleted() == ["b", "c"]
    marked = load.query(
        f"select distinct _crossdock_read_at::varchar from {SCHEMA}.orders"
        " where _sdc_deleted_at is not null"
    )
    assert marked == [("2026-11-23 09:05:00.000001+00",)]
    load(declared, record(id="b", _crossdock_read_at=read_at(7)))
    assert load.deleted() == ["c"], "a row that returns is no longer deleted"
    load(declared, record(id="c", _crossdock_read_at=read_at(4)))
    assert load.deleted() == ["c"], "it was read before the listing that missed it"


def test_a_row_that_another_job_has_just_read_is_not_marked(load: Load) -> None:
    declared = schema(**AT)
    load(declared, record(id="a", _crossdock_read_at=read_at(6)))
    load(declared, end(count=0, at=read_at(5)))
    assert load.deleted() == []


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_the_mark_does_not_depend_on_the_batches(load: Load, batch_rows: int) -> None:
    declared = schema(**AT)
    load(declared, *(record(id=k, _crossdock_read_at=read_at(1)) for k in "abc"))
    load(
        declared,
        *(record(id=k, _crossdock_read_at=read_at(6)) for k in "ab"),
        end(count=2, at=read_at(5)),
        batch_rows=batch_rows,
        piece=64,
    )
    assert load.deleted() == ["c"]


@pytest.mark.parametrize(
    "why", ["no end", "not complete", "records lost", "a record in quarantine", "no read times"]
)
def test_without_a_complete_listing_nothing_is_marked(load: Load, why: str) -> None:
    declared = schema(v=INTEGER, **({} if why == "no read times" else AT))
    load(declared, *(record(id=k, _crossdock_read_at=read_at(1)) for k in "ab"))
    messages = [record(id="a", _crossdock_read_at=read_at(6))]
    if why == "a record in quarantine":
        messages.append(record(id="b", v=0.5, _crossdock_read_at=read_at(6)))
    if why != "no end":
        count = 2 if why == "records lost" else 1
        messages += end(count=count, full=why != "not complete", at=read_at(5))
    load(declared, *messages)
    assert load.deleted() == []


def test_a_tap_may_say_itself_that_a_record_is_deleted(load: Load) -> None:
    load(schema(), record(id="a"), record(id="b", _sdc_deleted_at=read_at(1)))
    assert load.deleted() == ["b"]


def test_end_records_are_kept(load: Load) -> None:
    load(schema(**AT), end(count=0, at=read_at(5)))
    load(schema(**AT), end(count=0, at=read_at(5)))
    assert load.query(f'select run_id, stream, "full" from {SCHEMA}._crossdock_end') == [
        ("r1", "orders", True)
    ]


# State and log


def test_state_follows_the_commit_and_is_in_the_log(load: Load) -> None:
    load(schema(), record(id="1"), state({"orders": 1}), record(id="2"), state({"orders": 2}))
    assert load.states == [{"bookmarks": {"orders": 2}}]
    logged = load.query(
        "select schema_name, stream, records, quarantined, state from _crossdock.load_log"
    )
    assert [row[:4] for row in logged] == [(SCHEMA, "orders", 2, 0)]
    assert json.loads(logged[0][4]) == load.states[0]


def test_a_batch_acknowledges_only_the_state_that_it_covers(load: Load) -> None:
    load(
        schema(),
        *(m for n in range(4) for m in (record(id=str(n)), state({"orders": n}))),
        batch_rows=2,
        piece=40,
    )
    assert [each["bookmarks"]["orders"] for each in load.states] == [1, 3]


def test_nothing_is_acknowledged_when_the_load_fails(load: Load) -> None:
    load.path.write_text("no database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        load(schema(), record(id="1"), state({"orders": 1}))
    assert load.states == []


def test_a_state_alone_is_logged_once(load: Load) -> None:
    load(schema(), state({"orders": 1}))
    assert load.states == [{"bookmarks": {"orders": 1}}]
    assert load.query("select stream, records from _crossdock.load_log") == [(None, 0)]


def test_the_state_goes_on_beside_a_misfit(load: Load) -> None:
    load(schema(), record(id=None), record(id="1"), state({"orders": 1}))
    assert load.quarantined is not None
    assert load.states == [{"bookmarks": {"orders": 1}}]
    assert load.query("select records, quarantined from _crossdock.load_log") == [(1, 1)]


def test_activate_version_is_tolerated(load: Load) -> None:
    version = {"type": "ACTIVATE_VERSION", "stream": "orders", "version": 1}
    load(schema(), record(id="1"), version)
    assert load.rows() == [("1",)]


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_batch_messages(load: Load, tmp_path: Path, compression: str) -> None:
    text = b'{"id":"1","v":1}\n\n{"id":"2","v":0.5}\n{"id":"3"}'
    file = tmp_path / "a b.jsonl"
    file.write_bytes(gzip.compress(text) if compression == "gzip" else text)
    message = {
        "type": "BATCH",
        "stream": "orders",
        "encoding": {"format": "jsonl", "compression": compression},
        "manifest": [file.as_uri()],
    }
    load(schema(v=INTEGER), message, state({"orders": 1}))
    assert load.rows() == [("1", 1), ("3", None)]
    assert load.reasons() == ["v: a fraction where an integer is declared"]
    file.unlink()
    with pytest.raises(CrossdockError, match="cannot be read"):
        load(schema(v=INTEGER), message)


# Bad input


@pytest.mark.parametrize("garbage", ["<html>", "{", "[]", '{"type":"WHAT"}', '{"type":"RECORD"}'])
def test_a_line_that_is_no_message_is_named(load: Load, garbage: str) -> None:
    with pytest.raises(InvalidInput, match="line 3 of the input"):
        load(schema(), record(id="1"), garbage, record(id="2"))
    assert not load.path.exists()


def test_an_html_page_without_an_end_of_line(load: Load) -> None:
    target = TargetDuckDB(config={"path": str(load.path), "default_target_schema": SCHEMA})

    with pytest.raises(InvalidInput):
        target.listen(io.BytesIO(b"<html>"))  # type: ignore[arg-type]


def test_a_record_before_its_schema_is_refused(load: Load) -> None:
    with pytest.raises(CrossdockError, match="before its schema"):
        load(record(id="1"))


def test_a_key_that_is_not_declared_is_refused(load: Load) -> None:
    with pytest.raises(CrossdockError, match="does not declare its key b"):
        load(schema(keys=["a", "b"], a=TEXT))


def test_a_line_cut_off_by_a_killed_tap_is_left_out(load: Load) -> None:
    load.path.parent.mkdir(exist_ok=True)
    load(schema(), record(id="1"), state({"orders": 1}))

    whole = lines(schema(), record(id="2"), record(id="3"))
    target = TargetDuckDB(config={"path": str(load.path), "default_target_schema": SCHEMA})
    target.listen(io.BytesIO(whole[:-10]))  # type: ignore[arg-type]
    assert load.rows() == [("1",), ("2",)]
    target = TargetDuckDB(config={"path": str(load.path), "default_target_schema": SCHEMA})
    target.listen(io.BytesIO(whole[:-1]))  # type: ignore[arg-type]
    assert load.rows() == [("1",), ("2",), ("3",)]


def test_a_line_too_long_to_be_held_is_quarantined(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("targets.duckdb.messages.LONGEST_LINE", 10_000)
    load(schema(v=TEXT), record(id="1", v="x" * 30_000), record(id="2"), piece=1000)
    assert [row[0] for row in load.rows()] == ["2"]
    assert load.reasons() == ["too long to be held; only its beginning is kept"]


def test_the_schema_name_must_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MELTANO_EXTRACT__LOAD_SCHEMA", raising=False)
    with pytest.raises(SettingsError, match="default_target_schema"):
        TargetDuckDB(config={"path": str(tmp_path / "w.duckdb")})
    monkeypatch.setenv("MELTANO_EXTRACT__LOAD_SCHEMA", "raw_hubspot_main")
    target = TargetDuckDB(config={"path": str(tmp_path / "w.duckdb")})
    assert target.config["default_target_schema"] == "raw_hubspot_main"


# Quarantine


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_a_record_that_fits_at_last_leaves_the_quarantine(load: Load, batch_rows: int) -> None:
    declared = schema(keys=["id", "n"], id=TEXT, n=INTEGER, v=INTEGER)
    wrong = [record(id="é", n=1, v=0.5), record(id="é", n=2, v=0.5), record(id=None, n=1)]
    load(declared, *wrong, batch_rows=batch_rows, piece=60)
    assert len(load.reasons()) == 3
    right = '{"type":"RECORD","stream":"orders","record":{"id":"\\u00e9","n":1.0,"v":5}}'
    load(declared, right, record(id="x", n=1, v=0.5), batch_rows=batch_rows, piece=60)
    assert load.rows() == [("é", 1, 5)]
    kept = load.query(f"select record_key from {SCHEMA}._quarantine order by 1")
    assert len(kept) == 3
    assert [json.loads(key)["n"] for (key,) in kept if key.startswith("{")] == ["2", "1"]


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_of_a_misfit_and_a_fit_the_last_one_counts(load: Load, batch_rows: int) -> None:
    wrong, right = record(id="1", v=0.5), record(id="1", v=5)
    load(schema(v=INTEGER), wrong, right, batch_rows=batch_rows, piece=40)
    assert load.reasons() == []
    load(schema(v=INTEGER), right, wrong, batch_rows=batch_rows, piece=40)
    assert len(load.reasons()) == 1
    assert load.rows() == [("1", 5)]


def test_a_key_that_is_json_is_released_too(load: Load) -> None:
    declared = schema(id=OBJECT, v=INTEGER)
    load(declared, record(id={"a": 1}, v=0.5), record(id=[2], v=0.5))
    load(declared, record(id={"a": 1}, v=5))
    assert load.rows() == [('{"a": 1}', 5)]
    kept = load.query(f"select record_key from {SCHEMA}._quarantine")
    assert [json.loads(key)["id"] for (key,) in kept] == ["[2]"]


def test_each_load_comes_after_the_last_although_the_clock_goes_back(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (3, 1, 2):
        monkeypatch.setattr(
            "crossdock.clock.now", lambda day=day: datetime(2026, 11, day, tzinfo=UTC)
        )
        load(schema(), [record(id=str(day))])
    assert load.query(f"select id from {SCHEMA}.orders order by _sdc_loaded_at") == [
        ("3",), ("1",), ("2",),
    ]  # fmt: skip
    assert load.query("select count(distinct loaded_at) from _crossdock.load_log") == [(3,)]
