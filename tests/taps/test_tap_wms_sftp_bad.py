"""Bad files: a clear reason with file and line, nothing lost, nothing held in memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wms_files import (
    LAYOUTS,
    Box,
    confirmations,
    detail,
    layout_with,
    name_of,
    own_server,
)

from taps.wms_sftp import layout as layouts
from taps.wms_sftp import lines
from taps.wms_sftp.scan import Bad, Detail, FileReader

HEADER = "H;SHP;CROSSDOCK;000001;20261102100000\r\n"
NAME = name_of("SHP", 1)


@pytest.fixture
def box(tmp_path):
    root = tmp_path / "server"
    root.mkdir()
    with own_server(root) as login:
        yield Box(root, login)


def with_lines(*details: bytes | str, total: int) -> bytes:
    raw = b"".join(d if isinstance(d, bytes) else d.encode() for d in details)
    return HEADER.encode() + raw + f"T;{len(details)};{total}\r\n".encode()


BAD_LINES = {
    "invalid UTF-8": (detail("x").encode().replace(b"Paket", b"Gr\xf6\xdfe"), "no valid utf-8"),
    "lone surrogate": (detail("x").encode().replace(b"Paket", b"\xed\xa0\x80"), "no valid utf-8"),
    "too few columns": ("D;x;1;A-1;2\r\n", "the line has 5 columns instead of 13"),
    "no such type": (detail("x").replace("D;", "Q;", 1), "no known record type"),
    "part of a number": (detail("x", quantity="2.5"), "quantity is no whole number"),
    "words": (detail("x", quantity="two"), "quantity is no whole number"),
    "too many digits": (detail("x", quantity="9" * 19), "more digits than a number can keep"),
    "other digits": (detail("x", quantity="٣"), "quantity is no whole number"),
    "nothing": (detail("x", sku=""), "sku is empty"),
    "unknown code": (detail("x").replace(";S;DHL", ";Z;DHL"), "status holds a code"),
    "no time": (detail("x").replace("20261102100000", "20261302100000"), "shipped_at is no date"),
    "quote inside": (detail("x").replace("Paket", '"Paket"!'), "a quote is out of place"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_kept_aside_and_the_others_are_read(box, case):
    bad, reason = BAD_LINES[case]
    box.put(NAME, with_lines(detail("a"), bad, detail("b"), total=99))
    read = box.read()
    assert read.orders == ["a", "b"]
    ((kept),) = read.quarantine
    assert reason in kept["reason"]
    assert kept["place"] == f"{NAME} line 3"
    assert kept["stream"] == "shipment_confirmations"
    assert kept["excerpt"].startswith(("D;x", "Q;x"))
    assert kept["key"].endswith("-3")
    row = read.files[NAME]
    assert (row["status"], row["lines"], row["good"], row["bad"]) == ("loaded", 3, 2, 1)
    assert row["issues"] == ["1 of 3 lines are in quarantine"]


def test_reasons_hold_no_data(box):
    box.put(NAME, with_lines(detail("a"), detail("secret@person", quantity="oops"), total=2))
    read = box.read()
    assert "oops" not in read.quarantine[0]["reason"]
    assert "secret" not in read.quarantine[0]["reason"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n\x1a", "\r\n  \r\n"])
def test_all_kinds_of_line_ends_are_read(box, ending, mark, last):
    text = confirmations(1, ["a", "b"]).replace("\r\n", ending).removesuffix(ending) + last
    box.put(NAME, mark + text.encode())
    read = box.read()
    assert (read.orders, read.quarantine) == (["a", "b"], [])
    assert [record["line"] for record in read.shipments] == [2, 3]


def test_quoted_delimiters_and_newlines_are_data(box):
    first = detail("a").replace("Paket", '"Paket; ""gross""\r\nzwei"')
    box.put(NAME, with_lines(first, detail("b"), total=4))
    read = box.read()
    assert [(r["order_number"], r["line"]) for r in read.shipments] == [("a", 2), ("b", 4)]
    assert read.shipments[0]["service"] == 'Paket; "gross"\nzwei'


@pytest.mark.parametrize("orders", [2, 400])
def test_a_quote_that_is_never_closed_takes_no_other_line_with_it(box, orders):
    names = [f"o{n}" for n in range(orders)]
    broken = detail("x").replace("Paket", '"Paket')
    box.put(NAME, with_lines(broken, *map(detail, names), total=99))
    read = box.read()
    assert read.orders == names
    assert [q["place"] for q in read.quarantine] == [f"{NAME} line 2"]


def test_two_lone_quotes_far_apart_are_two_bad_lines(box):
    broken = detail("x").replace("Paket", '"Paket')
    box.put(NAME, with_lines(broken, detail("a"), broken, detail("b"), total=99))
    read = box.read()
    assert read.orders == ["a", "b"]
    assert [q["place"] for q in read.quarantine] == [f"{NAME} line 2", f"{NAME} line 4"]


def test_columns_that_the_layout_does_not_name_survive(box):
    box.put(NAME, with_lines(detail("a").replace("\r\n", ";new;;more\r\n"), total=2))
    assert box.read().shipments[0]["extra"] == {"column_14": "new", "column_16": "more"}


def test_utf_16_is_held_with_a_reason(box):
    box.put(NAME, confirmations(1, ["a"]).encode("utf-16"))
    read = box.read()
    assert read.files[NAME]["status"] == "held"
    assert "wrong layout: line 1:" in read.quarantine[0]["reason"]


# --- lines without an end


def test_an_endless_line_is_kept_aside(box, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 64 << 10)
    monkeypatch.setattr(lines, "_PIECE", 4 << 10)
    monkeypatch.setattr(lines, "KEPT", 1 << 10)
    endless = detail("x").replace("Paket", "y" * (200 << 10))
    box.put(NAME, with_lines(detail("a"), endless, detail("b"), total=99))
    read = box.read()
    assert read.orders == ["a", "b"]
    assert "longer than" in read.quarantine[0]["reason"]
    assert len(read.quarantine[0]["excerpt"]) <= 4 << 10


def reader(layout: str = "delimited.yml", kind: str = "SHP") -> FileReader:
    read = layouts.load(LAYOUTS / layout)
    return FileReader(read, read.files[kind])


def test_an_endless_line_is_never_held_in_memory(tmp_path):
    path = tmp_path / "endless"
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for _ in range(96):
            file.write(b"D" * (1 << 20))
    tracemalloc.start()
    with path.open("rb") as file:
        scan = reader().scan(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert scan.problems[0] == "the trailer is missing"
    assert scan.first_bad is not None
    assert len(scan.first_bad.excerpt) <= lines.KEPT
    assert peak < 40 << 20, f"{peak >> 20} MiB"


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "long"
    peaks = []
    for count in (1_000, 8_000):
        path.write_text(confirmations(1, [f"o{n}" for n in range(count)]))
        tracemalloc.start()
        with path.open("rb") as file:
            assert sum(isinstance(item, Detail) for item in reader().records(file)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + (1 << 20)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_content_whatever_breaks_the_reader(noise):
    scan = reader().scan(io.BytesIO(HEADER.encode() + detail("a").encode() + noise))
    assert scan.lines >= 0
    assert scan.good <= scan.lines


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters="\x1a\x00", exclude_categories=["Cc"]),
            min_size=1,
            max_size=30,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_text_comes_back_as_it_was_written(texts):
    import csv

    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for text in texts:
        writer.writerow(["D", "o", 1, "A", 1, 1, "S", "c", text, "", "", "", ""])
    content = HEADER + out.getvalue() + f"T;{len(texts)};{len(texts)}\r\n"
    found = list(reader().records(io.BytesIO(content.encode())))
    assert not any(isinstance(item, Bad) for item in found)
    assert [item.values["service"] for item in found] == [t.strip() or None for t in texts]


# --- columns by name


def by_name(body):
    body.update(header_row=True, delimiter=",", quote='"')
    del body["record_type"]
    body["files"] = {
        "STK": {
            "stream": "stock_snapshots",
            "detail": {
                "sku": {"column": "SKU", "required": True},
                "on_hand": {"column": "On Hand", "type": "integer", "required": True},
            },
        }
    }


@pytest.fixture
def named(box, tmp_path):
    box.layout = layout_with(tmp_path / "l.yml", by_name, "delimited.yml")
    return box


def test_columns_are_found_by_name_wherever_they_stand(named):
    named.put(name_of("STK", 1), "Colour, on hand ,sku\nred,5,A-1\n,7,B-2\n")
    records = named.read().records("stock_snapshots")
    found = [(r["sku"], r["on_hand"], r["extra"]) for r in records]
    assert found == [("A-1", 5, {"Colour": "red"}), ("B-2", 7, None)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sku,count\nA-1,5\n", "line 1: the row of names has no column On Hand"),
        ("sku,on hand,sku\nA-1,5,B\n", "line 1: the row of names has one name twice"),
        ("<html>\n<body>502</body>\n</html>\n", "line 1: the row of names has no column SKU"),
        ("sku,on hand\nA-1\n", "line 2: the line has 1 columns instead of 2"),
    ],
)
def test_a_wrong_row_of_names_is_a_wrong_layout(named, text, reason):
    name = named.put(name_of("STK", 1), text).name
    read = named.read()
    assert reason in read.files[name]["reason"]
    assert read.quarantine[0]["place"] == name


# --- fixed width


def fixed(
    order: str, quantity: str = "0000002", weight: str = "000001500", sku: str = "A-1"
) -> str:
    return f"D{order:<20}0001{sku:<20}{quantity}{weight}{'DHL':<10}{'TRK1':<30}20261102\r\n"


def fixed_file(*details: str, count: int | None = None, total: int = 2) -> bytes:
    head = "H000120261102100000\r\n"
    count = len(details) if count is None else count
    return (head + "".join(details) + f"T{count:07}{total:011}\r\n").encode("cp1252")


@pytest.fixture
def wide(box):
    box.layout = LAYOUTS / "fixed_width.yml"
    return box


FIXED = "SHP_CROSSDOCK_20261102100000_0001.txt"


def test_values_stand_at_their_places(wide):
    wide.put(FIXED, fixed_file(fixed("Bestellung ß")))
    (record,) = wide.read().shipments
    assert record["order_number"] == "Bestellung ß"
    assert (record["quantity"], record["weight"]) == (2, "1.500")
    assert record["shipped_at"] == "2026-11-01T23:00:00Z"
    assert (record["carrier"], record["tracking_number"]) == ("DHL", "TRK1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (fixed("x").replace("\r\n", "    surplus\r\n"), "characters, and 110 is the most"),
        (fixed("x", weight="    1.500"), "weight has a decimal point where the layout implies one"),
        (fixed("x", quantity="00000x2"), "quantity is no whole number"),
        (fixed("x", sku=""), "sku is empty"),
        ("D\r\n", "order_number is empty"),
    ],
)
def test_what_stands_elsewhere_is_kept_aside(wide, line, reason):
    wide.put(FIXED, fixed_file(fixed("a"), line, total=99))
    read = wide.read()
    assert read.orders == ["a"]
    assert [reason in q["reason"] for q in read.quarantine] == [True]
    assert read.quarantine[0]["place"] == f"{FIXED} line 3"


def test_blanks_at_the_end_of_a_line_may_be_missing(wide):
    line = fixed("a", weight="000000000").rstrip().removesuffix("20261102").rstrip() + "\r\n"
    wide.put(FIXED, fixed_file(line))
    (record,) = wide.read().shipments
    assert (record["weight"], record["shipped_at"]) == (None, None)


def test_a_delimited_file_is_no_file_of_fixed_width(wide):
    wide.put(FIXED, confirmations(1, ["a"]))
    row = wide.read().files[FIXED]
    assert row["status"] == "held"
    assert row["reason"].startswith("wrong layout: line 1: the header cannot be read: sequence")


def test_numbers_that_wrap_are_no_gap(wide):
    for number in (9998, 9999, 1, 3):
        stamp = f"202611021000{(number + 2) % 10000:02}"[:14]
        wide.put(f"SHP_CROSSDOCK_{stamp}_{number:04}.txt", fixed_file(fixed(f"o{number}")))
    rows = wide.read().files.values()
    assert [row["sequence"] for row in rows if row["status"] == "missing"] == [2]
