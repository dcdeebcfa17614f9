"""The warehouse's own files: `;` between columns, a header, details, a trailer with totals."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

CLIENT = "CROSSDOCK"
ZONE = ZoneInfo("Europe/Berlin")
ENCODING = "utf-8"
STAMP = "%Y%m%d%H%M%S"

ORDER, ACK, SHIPPED, STOCK, RETURNED = "ORD", "ACK", "SHP", "STK", "RET"


class FormError(Exception):
    """An order file that the warehouse cannot read; `code` goes into the acknowledgement."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class OrderLine:
    """One line of an order file."""

    order_number: str
    line: str
    sku: str
    quantity: str
    shop: str
    shop_order: str
    carrier: str
    method: str
    address: tuple[str, ...]


@dataclass(frozen=True)
class OrderFile:
    """An order file: its sequence, its lines, and why it is refused as a whole, if it is."""

    sequence: str
    lines: list[OrderLine]
    refused: FormError | None = None


def local(moment: datetime) -> str:
    """A time as the warehouse writes it: its own clock, without a zone."""
    return moment.astimezone(ZONE).strftime(STAMP)


def file_name(kind: str, moment: datetime, sequence: int) -> str:
    return f"{kind}_{CLIENT}_{local(moment)}_{sequence:06d}.csv"


def write(
    kind: str,
    sequence: int,
    moment: datetime,
    details: Sequence[Sequence[object]],
    total: int,
    header: Iterable[object] = (),
) -> str:
    """The text of one file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["H", kind, CLIENT, f"{sequence:06d}", local(moment), *header])
    writer.writerows(["D", *cells] for cells in details)
    writer.writerow(["T", len(details), total])
    return out.getvalue()


def read_orders(content: bytes) -> OrderFile:
    """Read an order file as far as it can be read."""
    text = content.decode(ENCODING, errors="replace")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") if row]
    sequence = rows[0][3] if rows and rows[0][0] == "H" and len(rows[0]) > 3 else ""
    details = [row for row in rows if row[0] == "D"]
    lines = [_line(row) for row in details if len(row) >= 9]
    return OrderFile(sequence, lines, _wrong(rows, details, lines))


def _wrong(
    rows: list[list[str]], details: list[list[str]], lines: list[OrderLine]
) -> FormError | None:
    if not rows or rows[0][0] != "H" or rows[0][1:3] != [ORDER, CLIENT]:
        return FormError("HEADER", "the first line is no order header")
    if rows[-1][0] != "T" or len(rows[-1]) < 3:
        return FormError("TRAILER", "the last line is no trailer")
    if len(lines) != len(details) or len(rows) != len(details) + 2:
        return FormError("LAYOUT", "a line has too few columns")
    total = sum(int(line.quantity) for line in lines if line.quantity.isdigit())
    if rows[-1][1:3] != [str(len(lines)), str(total)]:
        return FormError("TOTALS", "the trailer does not add up")
    return None


def _line(row: list[str]) -> OrderLine:
    number, line, sku, quantity, shop, shop_order, carrier, method = row[1:9]
    address = tuple(row[9:])
    return OrderLine(number, line, sku, quantity, shop, shop_order, carrier, method, address)
