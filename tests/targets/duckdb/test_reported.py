"""What a tap could not make a record of: in quarantine with its place, and an alarm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crossdock.warehouse import connect
from tests.targets.duckdb.support import INTEGER, SCHEMA, TEXT, record, schema

if TYPE_CHECKING:
    from tests.targets.duckdb.support import Load

DECLARED = schema(
    "_crossdock_quarantine",
    keys=[],
    stream=TEXT,
    key=TEXT,
    reason=TEXT,
    excerpt=TEXT,
    place=TEXT,
)


def report(**fields: Any) -> dict[str, Any]:
    told = {"stream": "orders", "key": None, "reason": "three fields, not five", "place": None}
    return record("_crossdock_quarantine", **{**told, **fields})


def kept(load: Load) -> list[tuple[Any, ...]]:
    return load.query(
        f"select stream, record, reason, place from {SCHEMA}._quarantine order by all"
    )


def test_a_bad_line_is_kept_once_with_its_place(load: Load) -> None:
    line = report(excerpt="a;b", place="CONF_0001.csv line 17")
    row = ("orders", "a;b", "three fields, not five", "CONF_0001.csv line 17")
    for _ in range(2):
        load(schema(), DECLARED, line, line, record(id="1"))
        assert kept(load) == [row]
        assert load.quarantined is not None
        assert "raw_shop_main.orders" in load.quarantined
        assert "three fields, not five" in load.quarantined
    load(schema(), DECLARED, report(excerpt="a;b", place="CONF_0001.csv line 18"))
    load(schema(), DECLARED, report(excerpt="a;c", place="CONF_0001.csv line 17"))
    assert len(kept(load)) == 3
    assert load.rows() == [("1",)]
    assert load.columns("_crossdock_quarantine") == {}, "it is no table of its own"


def test_the_log_counts_it_under_its_stream(load: Load) -> None:
    load(schema(), DECLARED, record(id="1"), report(excerpt="x"), report(excerpt="y"))
    logged = load.query("select stream, records, quarantined from _crossdock.load_log")
    assert logged == [("orders", 1, 2)]


def test_a_record_that_fits_later_takes_it_out(load: Load) -> None:
    load(schema(), DECLARED, report(key="é", excerpt=""))
    load(schema(), DECLARED, record(id="x"))
    assert len(kept(load)) == 1
    load(schema(), DECLARED, record(id="é"))
    assert kept(load) == []
    number = schema("lines", keys=["n"], n=INTEGER)
    load(number, DECLARED, report(stream="lines", key="12", excerpt=""))
    load(number, record("lines", n=12))
    assert kept(load) == []


def test_an_unknown_stream_and_a_key_of_several_columns(load: Load) -> None:
    pair = schema("lines", keys=["a", "b"], a=TEXT, b=TEXT)
    load(
        pair,
        DECLARED,
        report(stream="lines", key="1/2", excerpt=""),
        report(stream="lines", key="1/3", excerpt=""),
        report(stream="nobody", excerpt="z"),
        report(stream=None, reason=None, excerpt=None),
    )
    assert [row[0] for row in kept(load)] == ["_crossdock_quarantine", "lines", "lines", "nobody"]


def test_a_report_that_cannot_be_read_itself_is_kept_too(load: Load) -> None:
    broken = r'{"type":"RECORD","stream":"_crossdock_quarantine","record":{"excerpt":"\ud800"}}'
    load(schema(), DECLARED, broken)
    assert [row[2] for row in kept(load)] == ["a lone surrogate, which is no character"]


def test_a_quarantine_from_before_places_were_kept_gets_its_column(load: Load) -> None:
    load(schema(v=INTEGER), record(id="1", v=0.5))
    with connect(load.path, read_only=False) as warehouse:
        warehouse.execute(f"alter table {SCHEMA}._quarantine drop column place")
    load(schema(v=INTEGER), DECLARED, record(id="2", v=0.5), report(excerpt="x", place="p"))
    assert [row[3] for row in kept(load)] == ["p", None, None]


def test_reports_stay_what_they_are(load: Load) -> None:
    excerpt = json.dumps({"a": 'b"\\', "c": [1]})
    load(schema(), DECLARED, report(excerpt=excerpt))
    assert kept(load)[0][1] == excerpt
