"""The layout's settings file: mistakes are named by their path, before anything is read."""

from __future__ import annotations

import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from wms_files import LAYOUTS

from crossdock.errors import SettingsError
from crossdock.files.sftp import Entry
from taps.wms_sftp import layout as layouts
from taps.wms_sftp.layout import Field
from taps.wms_sftp.names import read as read_name
from taps.wms_sftp.values import BadValue, reader


def body(name: str = "delimited.yml"):
    return yaml.safe_load((LAYOUTS / name).read_text())


def changed(path: str, value, base: str = "delimited.yml"):
    made = json.loads(json.dumps(body(base)))  # without YAML's shared parts
    *steps, last = path.split("/")
    place = made
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


SHP = "files/SHP"
WRONG = [
    ("style", "xml", "style: 'xml' is not one of"),
    ("version", 2, "version: 1 was expected"),
    ("names", None, "'names' is a required property"),
    ("surprise", 1, "'surprise' was unexpected"),
    ("encoding", "utf-16", "encoding: lines cannot be told apart"),
    ("encoding", "klingon", "encoding: 'klingon' is no known encoding"),
    ("time_zone", "Mars/Base", "time_zone: 'Mars/Base' is no known time zone"),
    ("delimiter", ";;", "delimiter: ';;' is too long"),
    ("names/pattern", "(", "names.pattern: no regular expression"),
    ("names/pattern", "(?P<seq>x)", "names.pattern: there is no group (?P<type>...)"),
    ("names/pattern", "(?P<type>x)(?P<day>y)", "names.pattern: unknown group 'day'"),
    ("record_type/column", None, "record_type.column: it is missing"),
    ("record_type/trailer", None, "record_type.trailer does not say how it is known"),
    (f"{SHP}/stream", "invoices", "files.SHP.stream: 'invoices' is not one of"),
    (f"{SHP}/detail/sku", None, "files.SHP.detail: the stream shipment_confirmations needs sku"),
    (f"{SHP}/detail/key", {"column": 2}, "files.SHP.detail.key: the tap itself fills"),
    (f"{SHP}/detail/Sku", {"column": 2}, "'Sku' does not match"),
    (f"{SHP}/detail/sku/column", "SKU", "files.SHP.detail.sku.column: it must be a number"),
    (f"{SHP}/detail/sku/column", 0, "files.SHP.detail.sku.column: 0 is less than"),
    (f"{SHP}/detail/sku/start", 1, "files.SHP.detail.sku.start: it does not belong"),
    (f"{SHP}/detail/sku/format", "%Y", "files.SHP.detail.sku.format: only dates have one"),
    (f"{SHP}/detail/shipped_at/format", None, "shipped_at.format: a date needs one"),
    (f"{SHP}/detail/shipped_at/time_zone", "Nowhere", "shipped_at.time_zone: 'Nowhere' is no"),
    (f"{SHP}/detail/quantity/type", "float", "quantity.type: 'float' is not one of"),
    (f"{SHP}/trailer/count", "rows", "files.SHP.trailer.count: it names no number"),
    (f"{SHP}/trailer/sums", {"lines": "sku"}, "trailer.sums.lines: sku is no number"),
    (f"{SHP}/trailer/sums", {"x": "quantity"}, "trailer.sums.x: it names no number"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_a_mistake_is_named_by_its_path(path, value, message):
    with pytest.raises(SettingsError) as caught:
        layouts.parse(changed(path, value), "ours.yml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("layout ours.yml: ")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("header_row", True, "header_row: a file of fixed width has none"),
        ("record_type/length", None, "record_type.length: it is missing"),
        (f"{SHP}/detail/sku/length", None, "files.SHP.detail.sku.length: it is missing"),
        (f"{SHP}/detail/sku/column", 3, "files.SHP.detail.sku.column: it does not belong"),
    ],
)
def test_mistakes_of_fixed_width(path, value, message):
    with pytest.raises(SettingsError) as caught:
        layouts.parse(changed(path, value, "fixed_width.yml"), "ours.yml")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["- a list", "a: [", "just text", ""])
def test_what_is_no_layout_is_said_to_be_none(tmp_path, text):
    path = tmp_path / "l.yml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"layout l\.yml"):
        layouts.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nothing\.yml cannot be read"):
        layouts.load(tmp_path / "nothing.yml")


@pytest.mark.parametrize("name", ["delimited.yml", "fixed_width.yml"])
def test_the_examples_are_right(name):
    assert layouts.load(LAYOUTS / name).files["STK"].repeats == "load"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("SHP_CROSSDOCK_20261102100000_000007.csv", ("SHP", "CROSSDOCK", 7, 9)),
        ("SHP_CROSSDOCK_20260702100000_000007.csv", ("SHP", "CROSSDOCK", 7, 8)),  # summer time
        ("SHP_CROSSDOCK_20261399100000_000007.csv", ("SHP", "CROSSDOCK", None, None)),
        ("XYZ_CROSSDOCK_20261102100000_000007.csv", ("XYZ", "CROSSDOCK", 7, 9)),
        ("prefix_SHP_CROSSDOCK_20261102100000_000007.csv", (None, None, None, None)),
    ],
)
def test_names_say_what_a_file_is(name, parts):
    found = read_name(Entry(name, 1, 0), layouts.load(LAYOUTS / "delimited.yml"))
    kind, client, sequence, hour = parts
    assert (found.type, found.client, found.sequence) == (kind, client, sequence)
    assert found.time.hour == (0 if hour is None else hour)
    assert (found.kind is None) is (kind != "SHP" or sequence is None)


def value(text, **spec):
    return reader(Field("it", **spec))(text)


@pytest.mark.parametrize(
    ("spec", "text", "expected"),
    [
        ({}, "  text ", "text"),
        ({}, "   ", None),
        ({"blank": ("N/A",)}, "N/A", None),
        ({"codes": {"A": "accepted"}}, "A", "accepted"),
        ({"type": "integer"}, "007", 7),
        ({"type": "integer"}, "-3", -3),
        ({"type": "integer"}, "3-", -3),
        ({"type": "integer"}, "12.000", 12),
        ({"type": "integer"}, str(2**63 - 1), 2**63 - 1),
        ({"type": "decimal"}, "0012.50", "12.50"),
        ({"type": "decimal"}, ".5", "0.5"),
        ({"type": "decimal"}, "-0.00000000000000000001", "-0.00000000000000000001"),
        ({"type": "decimal", "decimal_separator": ","}, "1,5", "1.5"),
        ({"type": "decimal", "implied_decimals": 2}, "7", "0.07"),
        ({"type": "decimal", "implied_decimals": 2}, "-1234", "-12.34"),
        ({"type": "date", "format": "%d.%m.%Y"}, "02.11.2026", "2026-11-02"),
        ({"type": "datetime", "format": "%Y%m%d"}, "20261102", "2026-11-02T00:00:00Z"),
        (
            {"type": "datetime", "format": "%Y%m%d%H%M", "zone": ZoneInfo("Europe/Berlin")},
            "202610250230",  # an hour that comes twice: the first of the two
            "2026-10-25T00:30:00Z",
        ),
        ({"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"}, "2026-11-02T10:00:00+0200",
         "2026-11-02T08:00:00Z"),
    ],
)  # fmt: skip
def test_texts_become_values_without_loss(spec, text, expected):
    assert value(text, **spec) == expected


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"required": True}, " "),
        ({"codes": {"A": "accepted"}}, "B"),
        ({"type": "integer"}, "12.7"),
        ({"type": "integer"}, "1e3"),
        ({"type": "integer"}, "+-1"),
        ({"type": "integer"}, "-1-"),
        ({"type": "integer"}, "1_000"),
        ({"type": "integer"}, str(2**63)),
        ({"type": "decimal"}, "."),
        ({"type": "decimal"}, "1,5"),
        ({"type": "decimal"}, "NaN"),
        ({"type": "decimal", "implied_decimals": 2}, "1.5"),
        ({"type": "date", "format": "%Y%m%d"}, "20260230"),
        ({"type": "date", "format": "%Y%m%d"}, "00000000"),
    ],
)
def test_what_would_lose_something_is_refused_without_showing_it(spec, text):
    with pytest.raises(BadValue) as caught:
        value(text, **spec)
    assert "it " in str(caught.value)
    assert text.strip() == "" or text not in str(caught.value).replace("of the form %Y%m%d", "")


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_every_whole_number_comes_back(number):
    assert value(str(number), type="integer") == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_decimal_keeps_its_digits(number):
    assert Decimal(str(value(f"{number:f}", type="decimal"))) == number
