"""Decisions out of a file: one sheet for each CSV file, and for each sheet of a workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from crossdock.files import cells
from crossdock.files.errors import FileRefused, ValueRefused
from crossdock.files.tables import HEADINGS_WITHIN, Cell, Row, fold, is_workbook, rows, sheets

#: What a row must say, for the sheets that the models are known to ask for. Others are kept as
#: they are.
NEEDED: Mapping[str, Sequence[str]] = {
    "sku_map": ("channel_sku", "sku"),
    "customers": ("action", "left", "right"),
    "shipping_methods": ("channel_method",),
    "locations": ("location",),
    "statuses": ("system", "object", "value", "status"),
    "fulfillment_exceptions": ("exception_type", "source_instance", "source_id", "when"),
}
WHO, WHEN, WHY = "who", "when", "why"
MOST_ROWS = 20_000
_AUTHORS = ("lastModifiedBy", "creator")
_MOST_AUTHOR = 1 << 20


@dataclass(frozen=True)
class Bad:
    """A row that could not be read: its line, why not, and what stands there."""

    line: int
    reason: str
    excerpt: str


@dataclass
class Sheet:
    """What one sheet says.

    Attributes:
        name: Which decisions these are: the name of the CSV file, or of the workbook's sheet.
        columns: Its headings, as the models ask for them.
        rows: Each with its `line`, and its texts by heading; what is empty is left out.
        bad: Rows that could not be read.
    """

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


@dataclass(frozen=True)
class _Plain:
    """Files of decisions are UTF-8, and their delimiter is found by the headings."""

    headings: frozenset[str]
    encoding: str = ""
    delimiter: str = ""


def parse(content: bytes, file: str) -> list[Sheet]:
    """Read a file.

    Raises:
        FileRefused: It is no table, or a sheet of it lacks what it must have.
    """
    if is_workbook(content, file):
        found = [_sheet(column_of(title), table) for title, table in sheets(content)]
        names = [sheet.name for sheet in found]
        if doubled := sorted(name for name in names if names.count(name) > 1):
            raise FileRefused(f"two sheets are called {doubled[0]}")
        return found
    name = column_of(PurePosixPath(file).stem)
    known = frozenset(fold(column) for column in (*NEEDED.get(name, ()), WHO, WHEN, WHY))
    return [_sheet(name, rows(content, file, _Plain(known)))]


def author_of(content: bytes) -> str | None:
    """Who saved a workbook last, as it says itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            told = archive.getinfo("docProps/core.xml")
            if told.file_size > _MOST_AUTHOR:
                return None
            text = archive.read(told)
        # A document type is what bombs are built with; no spreadsheet program writes one.
        root = None if b"<!DOCTYPE" in text else ElementTree.fromstring(text)  # noqa: S314
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        return None
    found = {each.tag.rpartition("}")[2]: each.text for each in (root if root is not None else ())}
    named = (str(found.get(name) or "").strip() for name in _AUTHORS)
    return next((name for name in named if name), None)


def column_of(heading: Any) -> str:
    """A heading as the models ask for it: `Channel SKU` is `channel_sku`."""
    return fold(heading).replace(" ", "_")


def _sheet(name: str, table: Iterator[Row]) -> Sheet:
    needed = NEEDED.get(name, ())
    places = _places(name, table, needed)
    found = Sheet(name, list(places))
    for row in table:
        if row.is_empty:
            continue
        if len(found.rows) >= MOST_ROWS:
            raise FileRefused(f"{name} has more than {MOST_ROWS:,} rows")
        try:
            found.rows.append({"line": row.line, **_values(row, places, needed)})
        except ValueRefused as error:
            found.bad.append(Bad(row.line, str(error), _text(row)))
    return found


def _places(name: str, table: Iterator[Row], needed: Sequence[str]) -> dict[str, int]:
    """Column to its place; the first row that names all that is needed holds the headings."""
    first: list[str] | None = None
    for count, row in enumerate(table, 1):
        named = [column_of(cell.value) for cell in row.cells]
        if not row.is_empty and all(column in named for column in needed):
            doubled = {column for column in named if column and named.count(column) > 1}
            if doubled and needed:
                raise FileRefused(f"two columns of {name} are called {min(doubled)}")
            return {column: named.index(column) for column in named if column}
        first = first or (None if row.is_empty else named)
        if count == HEADINGS_WITHIN:
            break
    if first is None:  # an empty sheet decides nothing
        return {}
    missing = [column for column in needed if column not in first]
    raise FileRefused(
        f"{name} has no column {missing[0]}: one of its first rows must name {', '.join(needed)}"
    )


def _values(row: Row, places: Mapping[str, int], needed: Sequence[str]) -> dict[str, str]:
    width = max(places.values(), default=-1) + 1
    if any(cell.value not in (None, "") for cell in row.cells[width:]):
        raise ValueRefused("it has more cells than there are headings")
    found = {}
    for column, place in places.items():
        cell = row.cells[place] if place < len(row.cells) else Cell(None)
        try:
            value = _day(cell) if column == WHEN else cells.text(cell)
        except ValueRefused as error:
            raise ValueRefused(f"{column}: {error}") from error
        if value is not None:
            found[column] = value
    for column in needed:
        if column not in found:
            raise ValueRefused(f"{column} is empty")
    return found


def _day(cell: Cell) -> str | None:
    """A date is what a spreadsheet makes of the time of a decision, and what it should be."""
    value = cells.calculated(cell)
    return value.isoformat() if hasattr(value, "isoformat") else cells.text(cell)


def _text(row: Row) -> str:
    written = io.StringIO()
    csv.writer(written).writerow("" if c.value is None else c.value for c in row.cells)
    return written.getvalue().strip()
