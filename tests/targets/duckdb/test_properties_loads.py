"""What must hold for any load, whatever the keys, values, names and schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from targets.duckdb.lines import LineReader
from targets.duckdb.schema import POSITION, columns_of
from tests.targets.duckdb.support import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    SCHEMA,
    TEXT,
    TIME,
    examples,
    fresh,
    record,
    schema,
)

any_text = st.text(st.characters(codec="utf-8"), max_size=6)
batch_sizes = st.integers(1, 7)
pieces = st.sampled_from([30, 111, 1 << 20])


def raw(stream: str, fields: dict[str, str]) -> str:
    """A record whose values are written exactly so."""
    inner = ",".join(f"{json.dumps(name)}:{value}" for name, value in fields.items())
    return f'{{"type":"RECORD","stream":"{stream}","record":{{{inner}}}}}'


# Keys


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# How a key is written, and what it is: two spellings of one value are one key.
WRITTEN: dict[str, tuple[Any, list[tuple[str, Any]]]] = {
    "integer": (
        INTEGER,
        [(each, int(Decimal(each))) for each in ("0", "-0", "12", "12.0", "1.2e1")]
        + [(str(each), each) for each in (2**63 - 1, -(2**63))],
    ),
    "number": (
        NUMBER,
        [(each, Decimal(each)) for each in ("0", "-0.0", "0.1", "0.10", "1e-1", "1e-9", "12")]
        + [(each, Decimal(each)) for each in ("9" * 29, "9" * 29 + "." + "9" * 9, "-1.5")],
    ),
    "text": (
        TEXT,
        [(json.dumps(each), each) for each in ("", "a", "A", "a,b", "b,c", "c", ",", " a", "a ")]
        + [(json.dumps(each), each) for each in ("\0", "é", "e\u0301", "null", "ﬁ", "😀")]
        + [('"\\u0061"', "a"), ('"é"', "é")],
    ),
    "time": (
        TIME,
        [
            ('"2026-11-23T09:00:00Z"', at(2026, 11, 23, 9)),
            ('"2026-11-23T10:00:00+01:00"', at(2026, 11, 23, 9)),
            ('"2026-11-23 09:00:00.000"', at(2026, 11, 23, 9)),
            ('"2026-11-23T09:00:00.000001Z"', at(2026, 11, 23, 9, 0, 0, 1)),
            ('"2026-11-23"', at(2026, 11, 23)),
        ],
    ),
    "boolean": (BOOLEAN, [("true", True), ("false", False)]),
}


@st.composite
def keyed(draw: Any) -> tuple[list[str], list[tuple[list[tuple[str, Any]], int]]]:
    """Kinds of a key's columns, and records with such keys; a part may be null."""
    kinds = draw(st.lists(st.sampled_from(sorted(WRITTEN)), min_size=1, max_size=3))
    parts = [st.sampled_from([*WRITTEN[kind][1], ("null", None)]) for kind in kinds]
    rows = draw(st.lists(st.tuples(*parts), max_size=12))
    return kinds, [(list(row), number) for number, row in enumerate(rows)]


@examples(20)
@given(drawn=keyed(), batch_rows=batch_sizes, piece=pieces)
def test_a_key_is_its_values_however_they_are_written(
    drawn: Any, batch_rows: int, piece: int
) -> None:
    kinds, rows = drawn
    names = [f"k{number}" for number in range(len(kinds))]
    declared = {name: WRITTEN[kind][0] for name, kind in zip(names, kinds, strict=True)}
    left: dict[tuple[Any, ...], int] = {}
    without_key = set()
    messages: list[Any] = [schema(keys=names, **declared, v=INTEGER)]
    for parts, number in rows:
        written = {name: text for name, (text, _) in zip(names, parts, strict=True)}
        messages.append(raw("orders", {**written, "v": str(number)}))
        key = tuple(value for _, value in parts)
        if None in key:
            without_key.add(number)
        else:
            left[key] = number
    with fresh() as load:
        load(*messages, batch_rows=batch_rows, piece=piece)
        landed = [(tuple(row[:-1]), row[-1]) for row in load.rows()]
        assert len(load.reasons()) == len(without_key)
    assert len(landed) == len(left)
    assert dict(landed) == left


# Values


def written_as(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**28), max_value=10),
    st.sampled_from([Decimal("0.10"), Decimal("19.99"), Decimal(10**29 - 1), Decimal("1e-9")]),
)
VALUES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (TEXT, st.one_of(st.just(""), any_text)),
    "integer": (INTEGER, st.integers(-(2**63), 2**63 - 1)),
    "number": (NUMBER, numbers),
    "boolean": (BOOLEAN, st.booleans()),
    "time": (
        TIME,
        st.datetimes(
            min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
        ),
    ),
    "object": (OBJECT, st.dictionaries(any_text, st.one_of(any_text, st.integers()), max_size=2)),
}
whole_rows = st.fixed_dictionaries(
    {}, optional={name: st.one_of(st.none(), values) for name, (_, values) in VALUES.items()}
)


@examples(20)
@given(
    rows=st.lists(whole_rows, min_size=1, max_size=9),
    keyless=st.booleans(),
    batch_rows=batch_sizes,
    piece=pieces,
)
def test_every_value_of_every_record_lands_as_it_is(
    rows: list[dict[str, Any]], keyless: bool, batch_rows: int, piece: int
) -> None:
    """The first record as well, `''` as `''`, money to the cent, times with their zone."""
    declared = {name: kind for name, (kind, _) in VALUES.items()}
    messages = [schema(keys=[] if keyless else ["n"], n=INTEGER, **declared)]
    for number, row in enumerate(rows):
        fields = {
            name: json.dumps(value.isoformat())
            if isinstance(value, datetime)
            else written_as(value)
            for name, value in row.items()
        }
        messages.append(raw("orders", {"n": str(number), **fields}))  # type: ignore[arg-type]
    with fresh() as load:
        load(*messages, batch_rows=batch_rows, piece=piece)
        assert load.quarantined is None
        landed = load.query(f"select n, {', '.join(VALUES)} from {SCHEMA}.orders order by n")
    assert [row[0] for row in landed] == list(range(len(rows)))
    for found, row in zip(landed, rows, strict=True):
        for value, name in zip(found[1:], VALUES, strict=True):
            sent = row.get(name)
            if name == "object" and value is not None:
                value = json.loads(value)
            assert value == sent, name
            assert type(value) is type(sent), name


@examples(60)
@given(st.lists(st.dictionaries(any_text, st.integers(), max_size=4), min_size=1, max_size=5))
def test_fields_of_any_name_are_kept_apart(rows: list[dict[str, int]]) -> None:
    reader = LineReader("orders", columns_of({"properties": {"id": TEXT}}), [])
    lines = [raw("orders", {n: str(v) for n, v in row.items()}).encode() + b"\n" for row in rows]
    tables = [reader.read(line, number)[0] for number, line in enumerate(lines)]
    names = {column.property: column.name for column in reader.columns}
    taken = [column.name.lower() for column in reader.columns] + [POSITION]
    assert len(taken) == len(set(taken))
    for table, row in zip(tables, rows, strict=True):
        (landed,) = table.to_pylist()
        for name, value in row.items():
            if name not in ("_sdc_loaded_at", "_sdc_deleted_at", "id"):
                assert landed[names[name]] == str(value)


# Schemas that change from load to load


COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    **{name: VALUES[name] for name in ("text", "integer", "object")},
    "boolean": VALUES["boolean"],
}


@examples(15)
@given(st.data(), batch_sizes)
def test_columns_come_and_go_and_no_value_is_lost(data: Any, batch_rows: int) -> None:
    """A column that is gone keeps its values; one that is back goes on; a type is widened."""
    left: dict[int, dict[str, Any]] = {}
    declared_as = st.dictionaries(st.sampled_from("abc"), st.sampled_from(sorted(COLUMNS)))
    with fresh() as load:
        for _ in range(data.draw(st.integers(1, 4))):
            kinds = data.draw(declared_as)
            messages = [
                schema(keys=["n"], n=INTEGER, **{c: COLUMNS[k][0] for c, k in kinds.items()})
            ]
            for key in data.draw(st.lists(st.integers(0, 3), max_size=4)):
                row = {c: data.draw(st.one_of(st.none(), COLUMNS[k][1])) for c, k in kinds.items()}
                left.setdefault(key, {}).update(row)
                messages.append(record(n=key, **row))
            load(*messages, batch_rows=batch_rows)
            assert load.quarantined is None
        columns = load.columns()
        landed = {row[0]: dict(zip(columns, row, strict=True)) for row in load.rows()}
    assert landed.keys() == left.keys()
    for key, row in left.items():
        for name, value in row.items():
            assert same(landed[key][name], columns[name], value), (name, columns[name])


def same(found: Any, column: str, sent: Any) -> bool:
    """Whether a value is what was sent, in a column that may have been widened since."""
    if sent is None or found is None:
        return sent is found is None
    if column == "JSON":
        return bool(json.loads(found) == sent)
    if column == "VARCHAR" and isinstance(sent, dict):
        return bool(json.loads(found) == sent)
    if column == "VARCHAR" and isinstance(sent, bool):
        return bool(found == str(sent).lower())
    return bool(found == (str(sent) if column == "VARCHAR" else sent))
