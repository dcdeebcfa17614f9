"""Reads one file by its layout: header, details, trailer, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from taps.wms_sftp.lines import KEPT, Line, Row, rows
from taps.wms_sftp.values import BadValue, Value, reader

if TYPE_CHECKING:
    from taps.wms_sftp.layout import Field, FileType, Layout

Values = dict[str, Value]


@dataclass(frozen=True)
class Detail:
    """One record of the file.

    Attributes:
        extra: What stands in columns that the layout does not name.
        size: Bytes of its line.
    """

    line: int
    size: int
    values: Values
    extra: Mapping[str, str]


@dataclass(frozen=True)
class Bad:
    """A line that is no record."""

    line: int
    reason: str
    excerpt: str


@dataclass
class Scan:
    """What a whole file says of itself, and whether that is true.

    Attributes:
        problems: Why the file as a whole must not be acted upon.
    """

    header: Values = field(default_factory=dict)
    trailer: Values = field(default_factory=dict)
    lines: int = 0
    good: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    excerpt: str = ""
    first_bad: Bad | None = None

    readable: bool = True
    """Whether its lines are of the layout, whatever they add up to."""

    @property
    def bad(self) -> int:
        """Details that are no records."""
        return self.lines - self.good


class WrongLayout(Exception):  # noqa: N818
    """The file is not of its layout; the message names the line and holds no data."""

    def __init__(self, line: Line, message: str) -> None:
        super().__init__(f"line {line.number}: {message}")
        self.excerpt = excerpt(line)


class FileReader:
    """Reads files of one type."""

    def __init__(self, layout: Layout, kind: FileType) -> None:
        self._layout = layout
        self._kind = kind
        self._typed = layout.record_type
        trailer = kind.trailer
        parts = {
            "header": kind.header,
            "detail": kind.detail,
            "trailer": trailer.fields if trailer else (),
        }
        self._readers = {
            part: [(each, reader(each)) for each in fields] for part, fields in parts.items()
        }

    def scan(self, file: IO[bytes]) -> Scan:
        """Read the whole file once, to see whether it adds up."""
        scan = Scan()
        unread: set[str] = set()
        summed = set((self._kind.trailer.sums if self._kind.trailer else {}).values())
        try:
            for item in _Pass(self, scan).items(file):
                scan.lines += 1
                if isinstance(item, Bad):
                    scan.first_bad = scan.first_bad or item
                    unread |= summed
                    continue
                scan.good += 1
                for name in summed:
                    scan.sums[name] = scan.sums.get(name, Decimal(0)) + Decimal(
                        item.values[name] or 0
                    )
        except WrongLayout as error:
            scan.problems.append(f"wrong layout: {error}")
            scan.excerpt, scan.readable = error.excerpt, False
            return scan
        self._add_up(scan, unread)
        if scan.first_bad and not scan.good:
            first = scan.first_bad
            scan.problems.append(f"wrong layout: no line fits; line {first.line}: {first.reason}")
            scan.excerpt, scan.readable = first.excerpt, False
        return scan

    def records(self, file: IO[bytes]) -> Iterator[Detail | Bad]:
        """The details of a file that was found to be in order."""
        return _Pass(self, Scan()).items(file)

    def _add_up(self, scan: Scan, unread: set[str]) -> None:
        trailer = self._kind.trailer
        if trailer is None:
            return
        if not scan.trailer:
            if trailer.required:
                scan.problems.append("the trailer is missing")
            return
        if trailer.count:
            told = scan.trailer[trailer.count]
            if told is None or Decimal(told) != scan.lines:
                scan.problems.append(f"the trailer counts {told} lines, and there are {scan.lines}")
        for name, of in trailer.sums.items():
            told, found = scan.trailer[name], scan.sums.get(of, Decimal(0))
            # What a line that cannot be read would have added, nobody knows.
            if told is None or (of not in unread and Decimal(told) != found):
                scan.problems.append(f"the trailer says {of} {told}, and it is {found}")

    def values(self, part: str, cells: list[str], columns: Mapping[str, int]) -> Values:
        """The values of one line."""
        return {
            each.name: convert(self._cell(each, cells, columns))
            for each, convert in self._readers[part]
        }

    def _cell(self, each: Field, cells: list[str], columns: Mapping[str, int]) -> str:
        if self._layout.style == "fixed_width":
            start = each.start - 1
            return cells[0][start : start + each.length]
        if isinstance(each.column, str):
            place = columns[each.column.casefold()]
        else:
            place = int(each.column or 1) - 1
        return cells[place] if place < len(cells) else ""

    def part_of(self, cells: list[str]) -> str | None:
        """What a line is: header, detail or trailer; None for none of them."""
        typed = self._typed
        if typed is None:
            return "detail"
        if typed.column:
            code = cells[typed.column - 1] if len(cells) >= typed.column else ""
        else:
            code = cells[0][typed.start - 1 : typed.start - 1 + typed.length]
        code = code.strip()
        parts = {typed.header: "header", typed.detail: "detail", typed.trailer: "trailer"}
        return parts.get(code) if code else None

    @property
    def layout(self) -> Layout:
        """The layout of all files."""
        return self._layout

    @property
    def kind(self) -> FileType:
        """The type of the files that are read."""
        return self._kind


class _Pass:
    """One way through a file."""

    def __init__(self, reading: FileReader, scan: Scan) -> None:
        self._reading = reading
        self._scan = scan
        self._kind = reading.kind
        self._names: list[str] | None = None
        self._columns: dict[str, int] = {}
        self._wants_names = reading.layout.header_row
        self._begun = False
        self._ended = False
        positions = [each.column for each in self._kind.detail if isinstance(each.column, int)]
        self._width = self._kind.columns or max(positions, default=0)
        typed = reading.layout.record_type
        self._mapped = {position - 1 for position in positions}
        if typed and typed.column:
            self._mapped.add(typed.column - 1)

    def items(self, file: IO[bytes]) -> Iterator[Detail | Bad]:
        """The details, good and bad; header and trailer go into the scan."""
        for row in rows(file, self._reading.layout, self._fits):
            if self._ended:
                raise WrongLayout(row.line, "there is more after the trailer")
            part = self._reading.part_of(row.cells)
            if not self._begun and self._kind.header:
                self._begin(row, part)
            elif self._wants_names and part != "header":
                self._name_columns(row)
            elif part == "trailer" and self._kind.trailer:
                self._scan.trailer = self._told("trailer", row)
                self._ended = True
            elif part == "header":
                raise WrongLayout(row.line, "a second header")
            else:
                yield self._detail(row, part)
        if not self._begun and self._kind.header:
            raise WrongLayout(Line(1, b"", ""), "there is no header: the file is empty")

    def _begin(self, row: Row, part: str | None) -> None:
        if part != "header":
            raise WrongLayout(row.line, "the first line is no header")
        self._scan.header = self._told("header", row)
        self._begun = True

    def _told(self, part: str, row: Row) -> Values:
        if row.wrong:
            raise WrongLayout(row.line, f"the {part} cannot be read: {row.wrong}")
        try:
            return self._reading.values(part, row.cells, {})
        except BadValue as error:
            raise WrongLayout(row.line, f"the {part} cannot be read: {error}") from None

    def _name_columns(self, row: Row) -> None:
        names = [name.strip() for name in row.cells]
        self._columns = {name.casefold(): place for place, name in enumerate(names)}
        wanted = [each.column for each in self._kind.detail if isinstance(each.column, str)]
        missing = [name for name in wanted if name.casefold() not in self._columns]
        if row.wrong or missing:
            told = row.wrong or f"the row of names has no column {missing[0]}"
            raise WrongLayout(row.line, told)
        if len(self._columns) < len(names):
            raise WrongLayout(row.line, "the row of names has one name twice")
        self._names, self._wants_names = names, False
        self._width = len(names)
        self._mapped |= {self._columns[name.casefold()] for name in wanted}

    def _fits(self, cells: list[str]) -> bool:
        known = self._reading.part_of(cells) is not None
        exact = self._kind.columns is not None or self._names is not None
        return known and (len(cells) == self._width if exact else len(cells) >= self._width)

    def _detail(self, row: Row, part: str | None) -> Detail | Bad:
        wrong = row.wrong or self._misfit(row, part)
        if not wrong:
            try:
                values = self._reading.values("detail", row.cells, self._columns)
                return Detail(row.line.number, len(row.line.raw), values, self._extra(row.cells))
            except BadValue as error:
                wrong = str(error)
        return Bad(row.line.number, wrong, excerpt(row.line))

    def _misfit(self, row: Row, part: str | None) -> str:
        if part is None:
            return "the line begins with no known record type"
        if self._reading.layout.style == "fixed_width":
            longest = self._kind.line_length
            length = len(row.line.text.rstrip())
            if longest and length > longest:
                return f"the line has {length} characters, and {longest} is the most"
            return ""
        if not self._fits(row.cells):
            return f"the line has {len(row.cells)} columns instead of {self._width}"
        return ""

    def _extra(self, cells: list[str]) -> dict[str, str]:
        """What stands in columns that the layout does not name."""
        if self._reading.layout.style == "fixed_width":
            return {}
        return {
            self._names[place] if self._names else f"column_{place + 1}": cell
            for place, cell in enumerate(cells)
            if cell and place not in self._mapped
        }


def excerpt(line: Line) -> str:
    """The line as a person can read it, cut where it is too long."""
    return line.raw[:KEPT].decode("utf-8", "backslashreplace")


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values without those that say nothing."""
    return {name: value for name, value in values.items() if value is not None}
