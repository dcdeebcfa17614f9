"""What must hold for any input: nothing is lost, and chunks and batches make no difference."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
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
    Load,
    examples,
    record,
    schema,
    state,
)

MIXED = {"type": ["string", "number", "boolean", "null"]}
KINDS = [TEXT, INTEGER, NUMBER, BOOLEAN, TIME, OBJECT, MIXED]

any_text = st.text(st.characters(codec="utf-8"), max_size=8)
surrogates = st.text(st.characters(categories=["Cs", "Lu"]), max_size=3)
digits = st.text("0123456789", min_size=1, max_size=40)
numbers = st.builds(
    lambda sign, whole, rest: sign + (whole.lstrip("0") or "0") + rest,
    st.sampled_from(["", "-"]),
    digits,
    st.one_of(
        st.just(""),
        st.builds(".{}".format, digits),
        st.builds("e{}".format, st.integers(-50, 50)),
        st.builds(".{}E{}".format, digits, st.integers(-50, 50)),
    ),
)
times = st.one_of(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)).map(
        lambda moment: moment.isoformat() + "Z"
    ),
    st.from_regex(
        r"\A[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9]"
        r"([Tt ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?"
        r"(Z|z|[+-][01][0-9](:?[0-9]{2})?)?)?\Z",
    ),
)
nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), any_text),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(any_text, inner, max_size=3)
    ),
    max_leaves=6,
)
written = st.one_of(
    numbers,
    st.one_of(any_text, surrogates, times).map(json.dumps),
    any_text.map(lambda text: json.dumps(text, ensure_ascii=False)),
    nested.map(json.dumps),
    st.sampled_from(["null", "true", "false", "NaN", "-Infinity", "01", '"\\q"', "[1,]", "{", ""]),
)


def read(kinds: list[Any], chunks: list[list[bytes]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """The rows and misfits of lines that come in these chunks."""
    declared = {"properties": {"id": TEXT, **{f"v{n}": kind for n, kind in enumerate(kinds)}}}
    reader = LineReader("orders", columns_of(declared), ["id"])
    rows: list[dict[str, Any]] = []
    misfits: list[Any] = []
    position = 0
    for chunk in chunks:
        table, found = reader.read(b"".join(chunk), position)
        position += len(chunk)
        # not to Python's datetime, which knows neither the year 0 nor what is near its ends
        names = [name for name in table.column_names if name.startswith("v") or name == POSITION]
        table = table.select(names)
        for number, name in enumerate(table.column_names):
            if str(table.schema.field(name).type).startswith("timestamp"):
                table = table.set_column(number, name, table.column(name).cast("int64"))
        rows += table.to_pylist()
        misfits += found
    return rows, misfits


@examples(200)
@given(
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=3).flatmap(
        lambda kinds: st.tuples(
            st.just(kinds),
            st.lists(st.lists(written, min_size=len(kinds), max_size=len(kinds)), max_size=6),
        )
    )
)
def test_it_makes_no_difference_which_records_share_a_chunk(
    drawn: tuple[list[Any], list[list[str]]],
) -> None:
    kinds, records = drawn
    all_lines = [
        f'{{"type":"RECORD","stream":"orders","record":{{"id":"{number}",'.encode()
        + ",".join(f'"v{n}":{value}' for n, value in enumerate(values)).encode()
        + b"}}\n"
        for number, values in enumerate(records)
    ]
    together = read(kinds, [all_lines])
    alone = read(kinds, [[line] for line in all_lines])
    assert together == alone
    rows, misfits = together
    assert len(rows) + len(misfits) == len(all_lines), "each is either there or in quarantine"


def one(kind: Any, value: str) -> tuple[list[Any], list[Any]]:
    line = f'{{"type":"RECORD","stream":"orders","record":{{"id":"1","v0":{value}}}}}\n'
    rows, misfits = read([kind], [[line.encode("utf-8", "surrogatepass")]])
    return [row["v0"] for row in rows], misfits


@given(numbers)
@examples(200)
def test_numbers_are_exact_or_in_quarantine(value: str) -> None:
    with localcontext() as context:
        context.prec = 200
        exact = Decimal(value)
        fits_number = exact == round(exact, 9) and abs(exact) < 10**29
    assert (one(NUMBER, value)[0] == [exact]) == fits_number
    fits_integer = exact == exact.to_integral_value() and -(2**63) <= exact < 2**63
    assert (one(INTEGER, value)[0] == [exact]) == fits_integer
    assert one(MIXED, value)[0] == [value]
    assert one(OBJECT, value)[0] == [value]


@given(st.one_of(any_text, surrogates))
@examples(200)
def test_text_is_exact_or_in_quarantine(value: str) -> None:
    try:
        exact = value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        assert one(TEXT, json.dumps(value))[0] == []
        assert one(OBJECT, json.dumps([value]))[0] == []
    else:
        assert one(TEXT, json.dumps(value))[0] == [exact]
        assert json.loads(one(OBJECT, json.dumps([value]))[0][0]) == [exact]


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)),
    st.integers(-23 * 60, 23 * 60),
)
@examples(100)
def test_times_are_the_same_instant(moment: datetime, offset: int) -> None:
    from datetime import timezone

    there = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    micros = (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert one(TIME, json.dumps(there.isoformat()))[0] == [micros]


keys = st.sampled_from(["", "a", "b", "a,b", ",", "é", "e\u0301", "\0", "A", "null"])
read_times = st.one_of(
    st.none(),
    st.integers(0, 3).map(lambda minute: f"2026-11-23T09:0{minute}:00Z"),
)
rows_of_keys = st.lists(
    st.tuples(keys, keys, st.one_of(st.none(), any_text, st.just("")), read_times), max_size=14
)


def folded(rows: list[tuple[Any, ...]], timed: bool) -> set[tuple[Any, ...]]:
    """What one record after the other would leave."""
    table: dict[tuple[str, str], tuple[Any, ...]] = {}
    for a, b, value, read_at in rows:
        there = table.get((a, b))
        if not timed or there is None or (read_at or "") >= (there[3] or ""):
            table[(a, b)] = (a, b, value, read_at)
    return set(table.values())


@examples(20)
@given(
    rows=rows_of_keys,
    timed=st.booleans(),
    batch_rows=st.integers(1, 6),
    piece=st.sampled_from([40, 300, 1 << 20]),
    loads=st.integers(1, 2),
)
def test_the_table_is_what_one_record_after_the_other_would_leave(
    rows: list[tuple[Any, ...]], timed: bool, batch_rows: int, piece: int, loads: int
) -> None:
    times = {"_crossdock_read_at": TIME} if timed else {"_crossdock_read_at": TEXT}
    declared = schema(keys=["a", "b"], a=TEXT, b=TEXT, v=TEXT, **times)
    messages = [record(a=a, b=b, v=v, _crossdock_read_at=at) for a, b, v, at in rows]
    half = len(rows) // loads
    with tempfile.TemporaryDirectory() as folder:
        load = Load(Path(folder) / "w.duckdb")
        for part in (messages[:half], messages[half:]) if loads == 2 else (messages,):
            load(declared, *part, state(len(part)), batch_rows=batch_rows, piece=piece)
        form = (
            "strftime(_crossdock_read_at, '%Y-%m-%dT%H:%M:%SZ')"
            if timed
            else times and ("_crossdock_read_at")
        )
        landed = load.query(f"select a, b, v, {form} from {SCHEMA}.orders")
    assert len(landed) == len(set(landed))
    assert set(landed) == folded(rows, timed)


changes = st.lists(
    st.one_of(
        st.tuples(st.just("INTEGER"), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just("NUMBER"), st.integers(-(10**6), 10**6).map(lambda n: n / 64)),
        st.tuples(st.just("TEXT"), any_text),
        st.tuples(st.just("BOOLEAN"), st.booleans()),
        st.tuples(st.just("OBJECT"), nested),
        st.tuples(st.just("TIME"), st.just("2026-11-23T09:00:00.000000Z")),
    ),
    min_size=1,
    max_size=7,
)
DECLARED = {
    "INTEGER": INTEGER,
    "NUMBER": NUMBER,
    "TEXT": TEXT,
    "BOOLEAN": BOOLEAN,
    "OBJECT": OBJECT,
    "TIME": TIME,
}


@examples(12)
@given(changes=changes, batch_rows=st.integers(1, 4))
def test_values_survive_every_change_of_schema(changes: list[Any], batch_rows: int) -> None:
    messages = []
    for number, (kind, value) in enumerate(changes):
        messages += [schema(v=DECLARED[kind]), record(id=str(number), v=value)]
    with tempfile.TemporaryDirectory() as folder:
        load = Load(Path(folder) / "w.duckdb")
        load(*messages, batch_rows=batch_rows, piece=100)
        type_of_column = load.columns()["v"]
        landed = load.query(f"select id::int, v::varchar from {SCHEMA}.orders order by 1")
        other = Load(Path(folder) / "other.duckdb")
        other(*messages)
        assert other.query(f"select id::int, v::varchar from {SCHEMA}.orders order by 1") == landed
    assert [number for number, _ in landed] == list(range(len(changes)))
    for (_, text), (kind, value) in zip(landed, changes, strict=True):
        assert same(text, type_of_column, kind, value), (text, type_of_column, kind, value)


def same(text: str | None, column: str, kind: str, value: Any) -> bool:
    """Whether the text of a value is that value."""
    if value is None:
        return text is None
    if text is None:
        return False
    if column == "JSON":
        found = json.loads(text, parse_float=Decimal)
        return bool(found == (Decimal(str(value)) if kind == "NUMBER" else value))
    if kind in ("INTEGER", "NUMBER"):
        return Decimal(text) == Decimal(str(value))
    if kind == "BOOLEAN":
        return text == str(value).lower()
    if kind == "OBJECT":
        return bool(json.loads(text) == value)
    return kind == "TIME" or text == value
