"""Orders out of the rows of a table: one row for each line, an order's rows by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.files import cells
from crossdock.files.errors import FileRefused, ValueRefused
from crossdock.files.tables import HEADINGS_WITHIN, Cell, Row, fold
from taps.mailbox import values
from taps.mailbox.layout import NEEDED, OF_LINES, Layout

MOST_ROWS = 100_000
_YES = {"yes", "y", "true", "1", "x", "paid"}
_NO = {"no", "n", "false", "0", "open"}
_EMPTY = Cell(None)


@dataclass(frozen=True)
class Bad:
    """A row that could not be read: its line, why not, and what stands there."""

    line: int
    reason: str
    excerpt: str
    order: str | None = None


@dataclass
class Parsed:
    """What a table holds.

    Attributes:
        orders: Orders by their number, in the order in which they came.
        bad: Rows that could not be read.
        rows: How many rows there were below the headings.
    """

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    rows: int = 0

    def hold(self, number: str, reason: str) -> None:
        """An order that may lack something waits for a person: half of it is never shipped."""
        order = self.orders[number]
        order["status"] = "on_hold"
        order["hold_reason"] = order["hold_reason"] or reason


def parse(table: Iterator[Row], layout: Layout) -> Parsed:
    """Read a table.

    Raises:
        FileRefused: No row names the columns.
    """
    places, width = _places(table, layout)
    found = Parsed()
    last: str | None = None
    for row in table:
        if row.is_empty:
            continue
        found.rows += 1
        if found.rows > MOST_ROWS:
            raise FileRefused(f"it has more than {MOST_ROWS:,} rows: send it in parts")
        reader = _RowReader(row, places, width, layout)
        try:
            number = reader.number()
        except ValueRefused as error:
            found.bad.append(Bad(row.line, str(error), row.text))
            if last and reader.lacks_number:
                found.hold(
                    last, f"the row below one of its own has no order number (line {row.line})"
                )
            continue
        last = number
        _take(found, number, row, reader)
    # Of an order without a line that can be read, quarantine tells.
    found.orders = {number: order for number, order in found.orders.items() if order["lines"]}
    return found


def _take(found: Parsed, number: str, row: Row, reader: _RowReader) -> None:
    order = found.orders.setdefault(number, _new(number))
    try:
        head, line = reader.head(), reader.line()
    except ValueRefused as error:
        found.bad.append(Bad(row.line, str(error), row.text, number))
        found.hold(number, f"a row of it could not be read: {error} (line {row.line})")
        return
    for name, value in head.items():
        if value is not None and order.get(name) not in (None, value):
            found.hold(number, f"its rows disagree on {name} (line {row.line})")
        elif value is not None:
            order[name] = value
    lines = order["lines"]
    lines.append({"id": f"{number}-{len(lines) + 1}".replace(":", "_"), "row": row.line, **line})


def _new(number: str) -> dict[str, Any]:
    return {"id": number, "number": number, "status": None, "hold_reason": None, "lines": []}


def _places(table: Iterator[Row], layout: Layout) -> tuple[Mapping[str, int], int]:
    """Field to the number of its column, and how many columns there are."""
    headings = layout.headings
    for count, row in enumerate(table, 1):
        named = [headings.get(fold(cell.value)) for cell in row.cells]
        if all(name in named for name in NEEDED):
            doubled = {name for name in named if name and named.count(name) > 1}
            if doubled:
                raise FileRefused(f"two columns say {sorted(doubled)[0]}: which one counts?")
            return {name: place for place, name in enumerate(named) if name}, len(named)
        if count == HEADINGS_WITHIN:
            break
    raise FileRefused(
        "no row names its columns: order number, SKU and quantity must be among the headings;"
        " other words for them go into the layout"
    )


class _RowReader:
    """One row, field by field; each error names its column."""

    def __init__(self, row: Row, places: Mapping[str, int], width: int, layout: Layout) -> None:
        self._row = row
        self._places = places
        self._width = width
        self._layout = layout

    @property
    def lacks_number(self) -> bool:
        value = self._cell("number").value
        return value is None or not str(value).strip()

    def number(self) -> str:
        if any(cell.value not in (None, "") for cell in self._row.cells[self._width :]):
            raise ValueRefused("it has more cells than there are headings")
        found = self._read("number", cells.text)
        if found is None:
            raise ValueRefused("it has no order number")
        return str(found)

    def head(self) -> dict[str, Any]:
        found = {
            name: self._read(name, cells.text)
            for name in (*self._places, *self._layout.constants)
            if name not in (*OF_LINES, "number", "placed_at", "shipping_price", "payment_status")
        }
        found["placed_at"] = self._read("placed_at", lambda c: values.moment(c, self._layout))
        found["shipping_price"] = self._read("shipping_price", self._money)
        found["payment_status"] = self._read("payment_status", _payment)
        if found.get("ship_postal_code"):
            country = found.get("ship_country")
            found["ship_postal_code"] = self._read(
                "ship_postal_code", lambda cell: values.postal_code(cell, country)
            )
        for name in ("status", "currency"):
            if found.get(name):
                found[name] = found[name].upper() if name == "currency" else found[name].lower()
        return found

    def line(self) -> dict[str, Any]:
        sku = self._read("sku", cells.text)
        if sku is None:
            raise ValueRefused("sku: it is missing")
        return {
            "sku": sku,
            "title": self._read("title", cells.text),
            "quantity": self._read("quantity", values.quantity),
            "unit_price": self._read("unit_price", self._money),
        }

    def _money(self, cell: Cell) -> str | None:
        return values.money(cell, self._layout.decimal)

    def _read(self, name: str, of: Callable[[Cell], Any]) -> Any:
        try:
            found = of(self._cell(name))
        except ValueRefused as error:
            raise ValueRefused(f"{name}: {error}") from error
        return self._layout.constants.get(name) if found is None else found

    def _cell(self, name: str) -> Cell:
        place = self._places.get(name)
        cells = self._row.cells
        return _EMPTY if place is None or place >= len(cells) else cells[place]


def _payment(cell: Cell) -> str | None:
    """`paid` in our words, also from a yes or a tick; anything else as it is written."""
    if isinstance(cell.value, bool):
        return "paid" if cell.value else "pending"
    found = cells.text(cell)
    if found is None:
        return None
    word = found.lower()
    return "paid" if word in _YES else "pending" if word in _NO else word.replace(" ", "_")
