"""The sheet as CSV, Markdown or a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, select_autoescape

from crossdock.mapping.sheet import COLUMNS, Row, Sheet

_PAGE = Path(__file__).with_name("page.html")


def as_csv(sheet: Sheet) -> str:
    """For spreadsheets and for `--check`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells() for row in sheet.rows)
    return text.getvalue()


def as_markdown(sheet: Sheet) -> str:
    """For a pull request: one table for each destination object and canonical table."""
    return "\n".join(_markdown(sheet))


def _markdown(sheet: Sheet) -> Iterator[str]:
    yield "# Field map"
    for title, rows in groupby(sheet.rows, section):
        yield f"\n## {title}\n"
        yield f"| {' | '.join(COLUMNS)} |"
        yield "|" + "---|" * len(COLUMNS)
        for row in rows:
            cells = (cell.replace("|", "\\|").replace("`", "'") for cell in row.cells())
            yield f"| {' | '.join(cells)} |"
    yield ""


def as_html(sheet: Sheet) -> str:
    """One page that needs no network: readable, and filtered as one types."""
    environment = Environment(autoescape=select_autoescape(default=True))
    sections = [(title, [r.cells() for r in rows]) for title, rows in groupby(sheet.rows, section)]
    systems = sorted({row.source_system for row in sheet.rows if row.source_system})
    return environment.from_string(_PAGE.read_text()).render(
        columns=COLUMNS,
        sections=sections,
        systems=systems,
        problems=sheet.problems,
        count=len(sheet.rows),
    )


def section(row: Row) -> str:
    """Under which title a row stands: `hubspot orders`, or `canonical customers`."""
    if row.destination_field:
        return row.destination_field.partition(".")[0]
    return f"canonical {row.canonical_field.partition('.')[0]} (no destination)"


FORMATS: dict[str, Callable[[Sheet], str]] = {
    "csv": as_csv,
    "md": as_markdown,
    "html": as_html,
}
