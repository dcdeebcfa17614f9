"""What a cell says: texts that were numbers, numbers that were texts, dates in many forms."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from taps.mailbox.errors import ValueRefused
from taps.mailbox.layout import Layout
from taps.mailbox.tables import Cell

# What spreadsheets make of a long number in a narrow column, and of an error.
_SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?[eE]\+\d{2,}$")
_ERROR = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)$")
_MOST_DIGITS = 15
_THOUSANDS = {".": re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"),
              ",": re.compile(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")}  # fmt: skip
#: Countries whose postal codes are so many digits, always: a lost zero can be put back.
_POSTAL_DIGITS = {"US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "FI": 5, "MX": 5, "SE": 5}
_CURRENCY = re.compile(r"^[€$£]\s*|\s*[€$£]$")


def text(cell: Cell) -> str | None:
    """A text, also where a spreadsheet took it for a number.

    Raises:
        ValueRefused: What stood there before is not to be told any more.
    """
    value = _calculated(cell)
    if value is None:
        return None
    if isinstance(value, bool | date):
        raise ValueRefused("the spreadsheet has made a date or a truth value of it")
    if isinstance(value, int | float):
        return _digits(value, cell.number_format)
    found = " ".join(str(value).split()) if "\n" not in str(value) else str(value).strip()
    if _SCIENTIFIC.match(found):
        raise ValueRefused("the spreadsheet has shortened a long number to 1E+05 or the like")
    return found.removeprefix("'") or None


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
    value = _calculated(cell)
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
    value = _calculated(cell)
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
    value = _calculated(cell)
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


def _calculated(cell: Cell) -> Any:
    value = cell.value
    if cell.is_formula and value is None:
        raise ValueRefused("it is a formula without a result: open the file, and save it again")
    if isinstance(value, str):
        if _ERROR.match(value.strip()):
            raise ValueRefused(f"the spreadsheet could not calculate it ({value.strip()})")
        if value.startswith("=") and len(value) > 1:
            raise ValueRefused("it is a formula and no value")
        return value if value.strip() else None
    return value


def _digits(value: float, number_format: str) -> str:
    if value != int(value):
        return str(value)
    if abs(value) >= 10**_MOST_DIGITS:
        raise ValueRefused(f"it has more than {_MOST_DIGITS} digits, which a spreadsheet rounds")
    zeros = len(number_format) if re.fullmatch("0+", number_format) else 0
    return str(int(value)).zfill(zeros)
