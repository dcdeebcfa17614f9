"""An edited sheet against the models."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from crossdock.errors import CrossdockError
from crossdock.mapping.sheet import COLUMNS, Row, Sheet


class UnreadableSheet(CrossdockError):  # noqa: N818
    """The file is no sheet of ours."""


def differences(file: Path, sheet: Sheet) -> list[str]:
    """What a sheet says otherwise than the models, one line each.

    Raises:
        UnreadableSheet: The file is not there, or lacks columns.
    """
    stated = {row.key(): row for row in read_rows(file)}
    modelled = {row.key(): row for row in sheet.rows}
    only_stated = [stated[key] for key in stated.keys() - modelled]
    only_modelled = [modelled[key] for key in modelled.keys() - stated]
    return [
        *(f"in the sheet, not in the models: {_name(row)}" for row in only_stated),
        *(f"in the models, not in the sheet: {_name(row)}" for row in only_modelled),
        *(line for k in stated.keys() & modelled for line in _cells(stated[k], modelled[k])),
    ]


def read_rows(file: Path) -> Iterator[Row]:
    """The rows of a CSV file, however a spreadsheet program wrote it.

    Raises:
        UnreadableSheet: The file is not there, or lacks columns.
    """
    lines = list(csv.reader(io.StringIO(_text(file), newline=""), delimiter=_delimiter(file)))
    filled = [line for line in lines if any(cell.strip() for cell in line)]
    head = [_plain(cell) for cell in filled[0]] if filled else []
    missing = [name for name in COLUMNS if _plain(name) not in head]
    if missing:
        raise UnreadableSheet(
            f"{file} has no column {', '.join(missing)}",
            hint=f"its first line must name {', '.join(COLUMNS)}, in any order",
        )
    places = [head.index(_plain(name)) for name in COLUMNS]
    for line in filled[1:]:
        yield Row(*(_tidy(line[place]) if place < len(line) else "" for place in places))


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableSheet(f"{file}: {error.strerror}", hint="name the exported CSV") from error
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(file: Path) -> str:
    first = next((line for line in _text(file).splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _tidy(cell: str) -> str:
    return " ".join(cell.replace("\u00a0", " ").split())


def _name(row: Row) -> str:
    source = " ".join(filter(None, [row.source_system, row.source_field])) or row.rule
    return " → ".join(filter(None, [source, row.canonical_field, row.destination_field]))


def _cells(stated: Row, modelled: Row) -> Iterator[str]:
    for column, ours, theirs in zip(COLUMNS, modelled.cells(), stated.cells(), strict=True):
        if _tidy(ours) != theirs:
            yield (
                f"differs: {_name(modelled)}: {column}: "
                f"the sheet says {theirs or 'nothing'!r}, the models say {ours!r}"
            )
