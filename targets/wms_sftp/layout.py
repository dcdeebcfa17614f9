"""What an order file looks like: the part `orders` of the layout that tap-wms-sftp reads with."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from crossdock.errors import CrossdockError, SettingsError
from taps.wms_sftp import layout as layouts
from taps.wms_sftp.layout import Layout

OF_FILE = frozenset({"sequence", "stamp", "lines", "total", "orders"})
OF_LINE = frozenset({
    *("order_number", "shop_order_number", "shop_name", "carrier", "method", "name", "company"),
    *("line1", "line2", "city", "region", "postal_code", "country", "phone", "email"),
    *("line_number", "sku", "quantity", "ordered_on"),
})  # fmt: skip
_CONTROL = str.maketrans(dict.fromkeys(range(32), " "))


class DoesNotFit(CrossdockError):  # noqa: N818
    """A value that the file cannot hold; names the field and never the value."""


@dataclass(frozen=True)
class Cell:
    """One value of a line: a text with `{names}`, and its place in a file of fixed width."""

    value: str
    length: int = 0
    align: str = "left"
    fill: str = " "


@dataclass(frozen=True)
class OrderFiles:
    """How order files are named and written."""

    layout: Layout
    name: str
    stamp: str
    first: int
    last: int | None
    header: tuple[Cell, ...]
    detail: tuple[Cell, ...]
    trailer: tuple[Cell, ...]

    def file_name(self, sequence: int, moment: datetime) -> str:
        """The name of the file with this number."""
        return self.name.format(sequence=sequence, stamp=self._stamp(moment))

    def details(self, values: Sequence[Mapping[str, str]]) -> list[str]:
        """The lines of one order.

        Raises:
            DoesNotFit: A value is too long, or has a character that the encoding has not.
        """
        lines = [self._line(self.detail, line) for line in values]
        for line in lines:
            try:
                line.encode(self.layout.encoding)
            except UnicodeEncodeError as error:
                told = f"a character of the order does not exist in {self.layout.encoding}"
                raise DoesNotFit(told, hint="change it in the shop") from error
        return lines

    def content(self, sequence: int, moment: datetime, orders: Sequence[Order]) -> bytes:
        """A whole file."""
        details = [line for order in orders for line in order.lines]
        told = {
            "sequence": sequence,
            "stamp": self._stamp(moment),
            "lines": len(details),
            "orders": len(orders),
            "total": sum(order.units for order in orders),
        }
        ends = [self._line(cells, told) if cells else "" for cells in (self.header, self.trailer)]
        text = "".join([ends[0], *details, ends[1]])
        return text.encode(self.layout.encoding)

    def _stamp(self, moment: datetime) -> str:
        return moment.astimezone(self.layout.zone).strftime(self.stamp)

    def _line(self, cells: Sequence[Cell], values: Mapping[str, Any]) -> str:
        found = [_written(cell, values) for cell in cells]
        if self.layout.style == "fixed_width":
            return "".join(found) + "\r\n"
        out = io.StringIO(newline="")
        quote = self.layout.quote
        writer = csv.writer(
            out,
            delimiter=self.layout.delimiter,
            quotechar=quote,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            lineterminator="\r\n",
        )
        try:
            writer.writerow(found)
        except csv.Error as error:
            told = "a value of the order holds what separates values in the file"
            raise DoesNotFit(told, hint="change it in the shop, or let the layout quote") from error
        return out.getvalue()


@dataclass(frozen=True)
class Order:
    """One order as it stands in a file."""

    op_key: str
    number: str
    lines: Sequence[str]
    units: int


def load(path: Path) -> OrderFiles:
    """Read the layout's part about orders.

    Raises:
        SettingsError: It is missing or wrong; the message holds the path of the key.
    """
    layout = layouts.load(path)
    spec = yaml.safe_load(path.read_text("utf-8")).get("orders")
    if spec is None:
        raise SettingsError(
            f"layout {path.name}: orders: it does not say what order files look like",
            hint="add it there; targets/wms_sftp/README.md shows how",
        )
    parts = {
        part: tuple(_cell(path.name, part, number, cell, known, layout) for number, cell in
                    enumerate(spec.get(part, ())))
        for part, known in (("header", OF_FILE), ("detail", OF_LINE), ("trailer", OF_FILE))
    }  # fmt: skip
    _see_names(path.name, "name", spec["name"], frozenset({"sequence", "stamp"}))
    if "sequence" not in _names(spec["name"]):
        raise SettingsError(
            f"layout {path.name}: orders.name: without {{sequence}} two files have one name",
            hint="add it",
        )
    return OrderFiles(
        layout=layout,
        name=spec["name"],
        stamp=spec.get("stamp", "%Y%m%d%H%M%S"),
        first=spec.get("first", 1),
        last=spec.get("last"),
        **parts,
    )


def _cell(
    file: str, part: str, number: int, spec: Any, known: frozenset[str], layout: Layout
) -> Cell:
    cell = Cell(**spec) if isinstance(spec, dict) else Cell(spec)
    _see_names(file, f"{part}.{number}", cell.value, known)
    if cell.length and layout.style != "fixed_width":
        raise SettingsError(
            f"layout {file}: orders.{part}.{number}.length: only files of fixed width have one",
            hint="leave it out",
        )
    return cell


def _see_names(file: str, where: str, text: str, known: frozenset[str]) -> None:
    try:
        unknown = _names(text) - known
    except ValueError as error:
        raise SettingsError(
            f"layout {file}: orders.{where}: {error}", hint="double a brace that is to stay one"
        ) from error
    if unknown:
        raise SettingsError(
            f"layout {file}: orders.{where}: there is no value {sorted(unknown)[0]!r}",
            hint="there are: " + ", ".join(sorted(known)),
        )


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _written(cell: Cell, values: Mapping[str, Any]) -> str:
    text = cell.value.format_map(values).translate(_CONTROL).strip()
    if not cell.length:
        return text
    if len(text) > cell.length:
        told = f"a value is longer than the {cell.length} characters of {cell.value}"
        raise DoesNotFit(told, hint="shorten it in the shop")
    pad = text.rjust if cell.align == "right" else text.ljust
    return pad(cell.length, cell.fill)
