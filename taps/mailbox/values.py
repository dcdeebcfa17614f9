"""What a cell of an order says: dates, amounts and postal codes in many forms."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from crossdock.files.cells import calculated, text
from crossdock.files.errors import ValueRefused
from crossdock.files.tables import Cell
from taps.mailbox.layout import Layout

_THOUSANDS = {".": re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"),
              ",": re.compile(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")}  # fmt: skip
#: Countries whose postal codes are so many digits, always: a lost zero can be put back.
_POSTAL_DIGITS = {"US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "FI": 5, "MX": 5, "SE": 5}
_CURRENCY = re.compile(r"^[€$£]\s*|\s*[€$£]$")


def postal_code(cell: Cell, country: str | None) -> str | None:
    """A postal code, with the zeros in front that a spreadsheet took away."""
    found = text(cell)
    wanted = _POSTAL_DIGITS.get((country or "").upper(), 0)
    return found.zfill(wanted) if found and found.isdigit() and wanted else found


def quantity(cell: Cell) -> int:
    """A whole number of units, one at least.

    Raises:
        ValueRefused: It is none.
    """
    value = calculated(cell)
    if isinstance(value, str):
        value = Decimal(value.strip()) if re.match(r"^\s*\d{1,9}([.]0+)?\s*$", value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueRefused("it is no whole number of units")
    if value != int(value) or not 0 < value < 1_000_000:
        raise ValueRefused("it is no whole number of units")
    return int(value)


def money(cell: Cell, decimal: str) -> str | None:
    """An amount as a text with a point before the cents.

    Raises:
        ValueRefused: It is no amount, or may mean two.
    """
    value = calculated(cell)
    if value is None:
        return None
    if isinstance(value, bool | date):
        raise ValueRefused("it is no amount")
    written = str(value) if not isinstance(value, str) else _CURRENCY.sub("", value.strip())
    if isinstance(value, str):
        other = "," if decimal == "." else "."
        if _THOUSANDS[decimal].match(written):
            written = written.replace(other, "")
        if other in written:
            raise ValueRefused(f"{other!r} stands where the layout expects {decimal!r}")
        written = written.replace(decimal, ".")
    try:
        amount = Decimal(written)
    except InvalidOperation:
        raise ValueRefused("it is no amount") from None
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
        raise ValueRefused("it is no amount")
    return format(round(amount, 4).normalize(), "f")


def moment(cell: Cell, layout: Layout) -> str | None:
    """A time as ISO 8601 in UTC.

    Raises:
        ValueRefused: It is no date in a form that the layout names.
    """
    value = calculated(cell)
    zone = ZoneInfo(layout.time_zone)
    found = _parsed(value.strip(), layout) if isinstance(value, str) else value
    if value is None or value == "":
        return None
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day)
    if not isinstance(found, datetime):
        raise ValueRefused("it is no date: write it as 2026-11-30, or name its form in the layout")
    return found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC).isoformat()


def _parsed(written: str, layout: Layout) -> datetime | None:
    for form in layout.dates:
        try:
            return datetime.strptime(written, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
