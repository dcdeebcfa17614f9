"""The tables that grow with every load are pruned; what others go by stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crossdock import clock
from targets.duckdb.housekeeping import KEPT
from tests.targets.duckdb.support import SCHEMA, end, record, schema, state

if TYPE_CHECKING:
    import pytest

    from tests.targets.duckdb.support import Load

AT = "2026-11-23T09:00:00Z"


def test_old_loads_and_ends_go_and_the_newest_of_each_stream_stay(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    for number, days in enumerate((90, 80, 70, 0)):
        monkeypatch.setattr("crossdock.clock.now", lambda days=days: now - timedelta(days=days))
        streams = ["orders", "old"] if days else ["orders"]
        messages = [
            message
            for stream in streams
            for message in (schema(stream), record(stream, id="1"), *end(stream, count=1, at=AT))
        ]
        for message in messages:
            if message["type"] == "RECORD" and "run_id" in message["record"]:
                message["record"]["run_id"] = f"r{number}"
        load(*messages, *([state(number)] if days else []))
    logged = load.query(
        "select stream, state is not null as with_state, count(*), max(loaded_at) > $$2000-01-01$$"
        " from _crossdock.load_log group by all order by all"
    )
    assert [row[:3] for row in logged] == [
        ("_crossdock_end", False, 1),
        ("_crossdock_end", True, 1),
        ("old", True, 1),
        ("orders", False, 1),
        ("orders", True, 1),
    ]
    newest = load.query("select max(state->>'$.bookmarks') from _crossdock.load_log")
    assert newest == [("2",)], "the last state stays, whatever came without one since"
    ends = load.query(f"select stream, run_id from {SCHEMA}._crossdock_end order by all")
    assert ends == [("old", "r2"), ("orders", "r3")]


def test_young_loads_stay(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    for days in (KEPT.days - 1, 1, 0):
        monkeypatch.setattr("crossdock.clock.now", lambda days=days: now - timedelta(days=days))
        load(schema(), record(id="1"))
    assert load.query("select count(*) from _crossdock.load_log") == [(3,)]
