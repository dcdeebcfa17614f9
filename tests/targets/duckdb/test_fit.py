"""What fits a declared type, and what goes to quarantine with which reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
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

MIXED = {"type": ["string", "integer", "boolean", "null"]}


def raw(value: str, stream: str = "orders") -> str:
    """A record whose `v` is written exactly so."""
    return f'{{"type":"RECORD","stream":"{stream}","record":{{"id":"1","v":{value}}}}}'


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


LONG = "12345678901234567890123456789.123456789"
FITS = [
    (TEXT, '""', ""),
    (TEXT, '"12.50"', "12.50"),
    (TEXT, r'"a\u0000b\ud83d\ude00"', "a\0b😀"),
    (TEXT, '"null"', "null"),
    (TEXT, "null", None),
    (INTEGER, "9223372036854775807", 2**63 - 1),
    (INTEGER, "-9223372036854775808", -(2**63)),
    (INTEGER, "12.0", 12),
    (INTEGER, "1.2e1", 12),
    (NUMBER, "0.1", Decimal("0.1")),
    (NUMBER, "123456789012345.67", Decimal("123456789012345.67")),
    (NUMBER, LONG, Decimal(LONG)),
    (NUMBER, "1e-9", Decimal("1e-9")),
    (NUMBER, "7", Decimal(7)),
    (NUMBER, "0e400", Decimal(0)),
    (NUMBER, "1." + "0" * 60, Decimal(1)),
    (BOOLEAN, "false", False),
    (TIME, '"2026-11-23T09:00:00Z"', at(2026, 11, 23, 9)),
    (TIME, '"2026-11-23T09:00:00.123456+02:00"', at(2026, 11, 23, 7, 0, 0, 123456)),
    (TIME, '"2026-11-23T09:00:00.1234560000Z"', at(2026, 11, 23, 9, 0, 0, 123456)),
    (TIME, '"2026-11-23 09:00:00"', at(2026, 11, 23, 9)),
    (TIME, '"2026-11-23t09:00:00z"', at(2026, 11, 23, 9)),
    (TIME, '"2026-11-23"', at(2026, 11, 23)),
    (OBJECT, '{"a": 123456789012345678901234567890.5}', '{"a": 123456789012345678901234567890.5}'),
    (OBJECT, "[]", "[]"),
    (OBJECT, '"text"', '"text"'),
    (MIXED, '"12"', "12"),
    (MIXED, "12", "12"),
    (MIXED, "true", "true"),
    (MIXED, '""', ""),
]

MISFITS = [
    (TEXT, "12", "v: a number where text is declared"),
    (TEXT, '{"a":1}', "v: an object where text is declared"),
    (TEXT, r'"\ud800"', "a lone surrogate, which is no character"),
    (OBJECT, r'{"a":"\udfff"}', "a lone surrogate, which is no character"),
    (INTEGER, "12.7", "v: a fraction where an integer is declared"),
    (INTEGER, "9223372036854775808", "v: an integer of more than 64 bits"),
    (INTEGER, "1e400", "v: an integer of more than 64 bits"),
    (INTEGER, '"12"', "v: text where an integer is declared"),
    (INTEGER, "true", "v: a boolean where an integer is declared"),
    (NUMBER, "0.0000000001", "v: more digits than DECIMAL(38,9) holds"),
    (NUMBER, "123456789012345678901234567890", "v: more digits than DECIMAL(38,9) holds"),
    (NUMBER, "1e99999999999999999999", "v: a number beyond all bounds"),
    (INTEGER, "1e99999999999999999999", "v: a number beyond all bounds"),
    (NUMBER, '"1.5"', "v: text where a number is declared"),
    (NUMBER, "NaN", "NaN or Infinity, which are no JSON"),
    (BOOLEAN, "1", "v: a number where a boolean is declared"),
    (TIME, '""', "v: no date-time, or one finer than microseconds"),
    (TIME, '"2026-02-30T00:00:00Z"', "v: no date-time, or one finer than microseconds"),
    (TIME, '"2026-11-23T09:00:00.1234567Z"', "v: no date-time, or one finer than microseconds"),
    (TIME, "1700000000", "v: a number where a date-time is declared"),
    (MIXED, "[1]", "v: a list where a scalar is declared"),
    (TEXT, "[" * 5000 + "]" * 5000, "nested too deeply"),
    (TEXT, "01", "no JSON"),
]


@pytest.mark.parametrize("company", ["alone", "beside a misfit"])
def test_a_value_that_fits_lands_as_it_is(load: Load, company: str) -> None:
    """Also when its chunk is read line by line because of another record."""
    messages: list[Any] = []
    for number, (declared, written, _) in enumerate(FITS):
        stream = f"s{number}"
        messages += [schema(stream, v=declared), raw(written, stream)]
        if company == "beside a misfit":
            messages.append(record(stream, id=None))
    load(*messages)
    for number, (declared, written, landed) in enumerate(FITS):
        rows = load.rows(f"s{number}")
        assert rows == [("1", landed)], (declared, written)
        assert type(rows[0][1]) is type(landed), (declared, written)
    assert len(load.reasons()) == (0 if company == "alone" else len(FITS))


def test_a_value_that_would_lose_something_goes_to_quarantine(load: Load) -> None:
    messages: list[Any] = []
    for number, (declared, written, _) in enumerate(MISFITS):
        stream = f"s{number}"
        messages += [schema(stream, v=declared), record(stream, id="0"), raw(written, stream)]
        messages.append(record(stream, id="2"))
    load(*messages)
    reasons = dict(load.query(f"select stream, reason from {SCHEMA}._quarantine"))
    for number, (declared, written, reason) in enumerate(MISFITS):
        assert reasons[f"s{number}"] == reason, (declared, written)
        assert load.rows(f"s{number}") == [("0", None), ("2", None)]
    assert load.quarantined is not None


@pytest.mark.parametrize("declared", [INTEGER, NUMBER, BOOLEAN, TIME])
def test_reasons_hold_no_data(load: Load, declared: Any) -> None:
    load(schema(v=declared), record(id="jane", v="jane@example.org"))
    assert "jane" not in str(load.quarantined)
    assert "jane" not in load.reasons()[0]


def test_bytes_that_are_no_utf8_are_kept_escaped(load: Load) -> None:
    line = raw('"x"').encode().replace(b"x", b"\xff")
    load(schema(v=TEXT), line)
    assert load.reasons() == ["v: bytes that are no UTF-8"]
    kept = load.query("select record from raw_shop_main._quarantine")[0][0]
    assert '"\\xff"' in kept
    load(schema(v=OBJECT), raw('{"a":"x"}').encode().replace(b"x", b"\xff"))
    assert load.rows() == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": "1"}, "b: the key is missing"),
        ({"a": None, "b": "1"}, "a: the key is null"),
    ],
)
def test_a_record_without_its_key_goes_to_quarantine(
    load: Load, fields: dict[str, Any], reason: str
) -> None:
    load(schema(keys=["a", "b"], a=TEXT, b=TEXT), record(**fields), record(a="", b=""))
    assert load.reasons() == [reason]
    assert load.rows() == [("", "")]


def test_the_quarantine_keeps_the_record_and_its_key(load: Load) -> None:
    bad = record(id="7", v="no number")
    load(schema(v=INTEGER), bad)
    load(schema(v=INTEGER), bad)
    rows = load.query("select stream, record, record_key from raw_shop_main._quarantine")
    assert len(rows) == 1, "one that comes again takes the place of what is there"
    assert rows[0][0] == "orders"
    assert json.loads(rows[0][1]) == bad
    assert load.quarantined is not None
    assert load.quarantined.startswith("1 record of raw_shop_main.orders is in quarantine: v: text")
    assert load.quarantined.endswith("see raw_shop_main._quarantine")


def test_records_that_are_no_objects(load: Load) -> None:
    load(
        schema(),
        '{"type":"RECORD","stream":"orders","record":[1]}',
        '{"type":"RECORD","stream":"orders"}',
        '{"type":"RECORD","stream":"orders","record":{"id":"1"}',
    )
    assert load.reasons() == ["no JSON", "the record is no object", "the record is no object"]


def test_undeclared_fields_get_a_column_of_their_own(load: Load) -> None:
    load(schema(v=TEXT), record(id="1", v="a"), record(id="2", new={"x": 1}, ID="other case"))
    assert load.columns() == {"id": "VARCHAR", "v": "VARCHAR", "new": "JSON", "ID_2": "JSON"}
    assert load.rows() == [("1", "a", None, None), ("2", None, '{"x": 1}', '"other case"')]
    load(schema(v=TEXT), record(id="3", new=5))
    assert load.rows()[2] == ("3", None, "5", None)


def test_fields_without_bound_are_refused(load: Load) -> None:
    many = {f"f{number}": 1 for number in range(1000)}
    load(schema(), record(id="1"), record(id="2", **many))
    assert load.rows() == [("1",)]
    assert load.reasons() == ["more than 1000 different fields"]


def test_names_that_sql_and_json_would_quote(load: Load) -> None:
    names = ['a"b', "a b", "a.b", "é", "select", "", "a\nb", "F0", "_position"]
    load(schema(**dict.fromkeys(names, TEXT)), record(id="1", **{n: n for n in names}))
    assert load.rows() == [("1", *names)]
