"""Tables of CSV and XLSX files, row by row, with the line on which each stands."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from crossdock.files.errors import FileRefused

#: People write a title above their table; the headings stand in one of the first rows.
HEADINGS_WITHIN = 20
MOST_BYTES = 10 << 20
MOST_UNPACKED = 100 << 20
LONGEST_FIELD = 1 << 20
MOST_COLUMNS = 500
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|")
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Cell:
    """What stands in one cell.

    Attributes:
        value: A text; from a spreadsheet also a number, a date or a truth value.
        is_formula: The spreadsheet calculates it; `value` is the last result, if it was kept.
        number_format: How the spreadsheet shows a number.
    """

    value: Any
    is_formula: bool = False
    number_format: str = ""


@dataclass(frozen=True)
class Row:
    """One row: the line that it begins on, and its cells by heading."""

    line: int
    cells: Sequence[Cell]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return all(c.value is None or str(c.value).strip() == "" for c in self.cells)

    @property
    def text(self) -> str:
        """The row for people who look at why it was refused."""
        return ",".join("" if cell.value is None else str(cell.value) for cell in self.cells)


class Dialect(Protocol):
    """What a text cannot say of itself."""

    @property
    def encoding(self) -> str:
        """Its encoding, if it is not UTF-8."""
        ...

    @property
    def delimiter(self) -> str:
        """What separates columns; found out if it is empty."""
        ...

    @property
    def headings(self) -> Container[str]:
        """Headings that are known, folded."""
        ...


def fold(heading: Any) -> str:
    """A heading without case, blanks and punctuation."""
    text = "".join(c if c.isalnum() else " " for c in str(heading or "").casefold())
    return " ".join(text.split())


def rows(content: bytes, name: str, dialect: Dialect) -> Iterator[Row]:
    """The rows of a file with one table, the headings first.

    Raises:
        FileRefused: It is no table, or one that is not to be trusted.
    """
    if not is_workbook(content, name):
        return _of_text(content, dialect)
    return _of_single_sheet(content)


def is_workbook(content: bytes, name: str) -> bool:
    """Whether a file is an XLSX workbook; a text if not.

    Raises:
        FileRefused: It is too large, or neither.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(f"it is larger than {MOST_BYTES >> 20} MiB")
    if content.startswith(_OLD_EXCEL):
        raise FileRefused("it is protected by a password or of an old Excel: save it as XLSX")
    if not content.startswith(_ZIP) and name.lower().endswith(".xlsx"):
        raise FileRefused("it is called XLSX and is none")
    return content.startswith(_ZIP)


def _of_text(content: bytes, dialect: Dialect) -> Iterator[Row]:
    written = _decoded(content, dialect)
    if "\0" in written:
        raise FileRefused("it holds zero bytes, so it is no text")
    head = written.lstrip()[:200].lower()
    if head.startswith(("<!doctype", "<html", "<?xml")):
        raise FileRefused("it is a page of HTML or XML and no table")
    delimiter = dialect.delimiter or _delimiter(written, dialect)
    csv.field_size_limit(LONGEST_FIELD)
    # Quotes must be quotes: a stray one would swallow lines up to the next.
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            if len(record) > MOST_COLUMNS:
                raise FileRefused(f"line {line} has more than {MOST_COLUMNS} columns")
            yield Row(line, [Cell(value) for value in record])
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(f"line {line} is broken: {error}") from error


def _decoded(content: bytes, dialect: Dialect) -> str:
    named = next((encoding for bom, encoding in _BOMS if content.startswith(bom)), "")
    try:
        return content.decode(named or "utf-8")
    except UnicodeDecodeError as error:
        if dialect.encoding and not named:
            return _as_it_is_said(content, dialect.encoding)
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"line {line} is not {named or 'UTF-8'}: save the file as UTF-8, or name its"
            " encoding in the settings"
        ) from error


def _as_it_is_said(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(f"it is neither UTF-8 nor {encoding}") from error


def _delimiter(written: str, dialect: Dialect) -> str:
    """The one that gives the most headings that we know."""
    first = list(islice(io.StringIO(written), HEADINGS_WITHIN))
    known = dialect.headings

    def headings(delimiter: str) -> int:
        found = (sum(fold(part) in known for part in line.split(delimiter)) for line in first)
        return max(found, default=0)

    return max(_DELIMITERS, key=headings)


def _of_single_sheet(content: bytes) -> Iterator[Row]:
    with _workbook(content) as (written, results):
        if len(written.worksheets) != 1:
            names = len(written.worksheets)
            raise FileRefused(f"it has {names} sheets, and which one to read is not said")
        yield from _of_sheet(written.worksheets[0], results.worksheets[0])


def sheets(content: bytes) -> Iterator[tuple[str, Iterator[Row]]]:
    """Name and rows of each sheet of a workbook; the rows are to be read before the next sheet.

    Raises:
        FileRefused: It is no workbook that can be read.
    """
    with _workbook(content) as (written, results):
        for sheet, calculated in zip(written.worksheets, results.worksheets, strict=True):
            yield str(sheet.title), _of_sheet(sheet, calculated)


@contextmanager
def _workbook(content: bytes) -> Iterator[tuple[Any, Any]]:
    """A workbook twice: what is calculated, and the last results of it."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise FileRefused(f"it unpacks to more than {MOST_UNPACKED >> 20} MiB")
        written, results = (
            load_workbook(io.BytesIO(content), read_only=True, data_only=data)
            for data in (False, True)
        )
    except FileRefused:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise FileRefused("it is no XLSX file that can be read") from error
    try:
        yield written, results
    finally:
        written.close()
        results.close()


def _of_sheet(written: Any, results: Any) -> Iterator[Row]:
    # A sheet may claim a million empty rows and columns: what it says of its size is not believed.
    for sheet in (written, results):
        sheet.reset_dimensions()
    pairs = zip(written.iter_rows(), results.iter_rows(), strict=True)
    for line, (formulas, values) in enumerate(pairs, 1):
        if len(values) > MOST_COLUMNS:
            raise FileRefused(f"line {line} has more than {MOST_COLUMNS} columns")
        cells = [
            Cell(value.value, formula.data_type == "f", str(value.number_format or ""))
            for formula, value in zip(formulas, values, strict=True)
        ]
        yield Row(line, cells)
