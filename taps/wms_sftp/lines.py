"""The lines of a file, one at a time: long ones are cut, quoted ones may go on."""

from __future__ import annotations

import csv
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from taps.wms_sftp.layout import Layout

LONGEST = 16 << 20
"""Bytes of the longest line that is read."""

KEPT = 64 << 10
"""Bytes that are kept of a longer one, for a person to see."""

_MOST_JOINED = 200
_LONGEST_JOINED = 256 << 10
_PIECE = 1 << 20
_ENDING = "unexpected end of data"

csv.field_size_limit(LONGEST)


@dataclass(frozen=True)
class Line:
    """One line of a file as it stands there.

    Attributes:
        number: From 1.
        raw: Its bytes without the line ending.
        text: The same decoded; where that is impossible, with marks instead of bytes.
        wrong: Why it cannot be read, if it cannot.
    """

    number: int
    raw: bytes
    text: str
    wrong: str = ""


@dataclass(frozen=True)
class Row:
    """The cells of one record; of fixed width there is one cell, the line."""

    line: Line
    cells: list[str]
    wrong: str = ""


def lines(file: IO[bytes], encoding: str) -> Iterator[Line]:
    """All lines that are not empty, in order."""
    number = 0
    for raw, cut in _raw_lines(file):
        number += 1
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        if not raw.strip(b" \t\x1a"):  # 0x1A ends a file of DOS
            continue
        if cut:
            text = raw.decode(encoding, "replace")
            yield Line(number, raw, text, f"the line is longer than {LONGEST >> 20} MiB")
            continue
        try:
            yield Line(number, raw, raw.decode(encoding))
        except UnicodeDecodeError:
            text = raw.decode(encoding, "replace")
            yield Line(number, raw, text, f"the line is no valid {encoding}")


def _raw_lines(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line without its ending, and whether it was cut."""
    while piece := file.readline(_PIECE):
        pieces, size = [piece], len(piece)
        while not piece.endswith(b"\n") and (piece := file.readline(_PIECE)):
            size += len(piece)
            if size <= LONGEST:
                pieces.append(piece)
            elif len(pieces) > 1:
                pieces = [pieces[0][:KEPT]]
        line = b"".join(pieces)
        yield line.removesuffix(b"\n").removesuffix(b"\r"), size > LONGEST


def rows(file: IO[bytes], layout: Layout, fits: Callable[[list[str]], bool]) -> Iterator[Row]:
    """The records of a file, cell by cell.

    Args:
        file: The file, from its beginning.
        layout: Its layout.
        fits: Whether cells could be a record. A quote that is never closed would otherwise
            swallow the records after it.
    """
    source = lines(file, layout.encoding)
    if layout.style == "fixed_width":
        for line in source:
            yield Row(line, [line.text], line.wrong)
    else:
        yield from _Delimited(source, layout, fits).rows()


class _Delimited:
    def __init__(
        self, source: Iterator[Line], layout: Layout, fits: Callable[[list[str]], bool]
    ) -> None:
        self._source = source
        self._layout = layout
        self._fits = fits
        self._back: deque[Line] = deque()

    def rows(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            if line.wrong:
                yield Row(line, self._loose(line.text), line.wrong)
                continue
            try:
                yield Row(line, self._cells(line.text))
            except csv.Error as error:
                if str(error) == _ENDING and (joined := self._joined(line)):
                    yield joined
                else:
                    yield Row(line, self._loose(line.text), "a quote is out of place")

    def _next(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._source, None)

    def _cells(self, text: str) -> list[str]:
        delimiter, quote = self._layout.delimiter, self._layout.quote
        if quote is None:
            return text.split(delimiter)
        return next(csv.reader([text], delimiter=delimiter, quotechar=quote, strict=True), [])

    def _loose(self, text: str) -> list[str]:
        """The cells of a line that is wrong, to see what kind of record it was meant to be."""
        return text[:KEPT].split(self._layout.delimiter)

    def _joined(self, first: Line) -> Row | None:
        """The record that begins in this line and ends in a later one."""
        quote = self._layout.quote or ""
        texts, size, taken = [first.text], len(first.text), list[Line]()
        while len(taken) < _MOST_JOINED and size < _LONGEST_JOINED:
            line = self._next()
            if line is None:
                break
            taken.append(line)
            if line.wrong:
                break
            texts.append(line.text)
            size += len(line.text)
            if line.text.count(quote) % 2 == 0:
                continue
            text = "\n".join(texts)
            try:
                cells = self._cells(text)
            except csv.Error:
                continue
            if self._fits(cells):
                raw = b"\n".join([first.raw, *(each.raw for each in taken)])
                return Row(Line(first.number, raw, text), cells)
        self._back.extendleft(reversed(taken))
        return None
