"""What a cell says as a text, also where a spreadsheet took it for a number."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from crossdock.files.errors import ValueRefused
from crossdock.files.tables import Cell

# What spreadsheets make of a long number in a narrow column, and of an error.
_SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?[eE]\+\d{2,}$")
_ERROR = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)$")
_MOST_DIGITS = 15


def text(cell: Cell) -> str | None:
    """A text, also where a spreadsheet took it for a number.

    Raises:
        ValueRefused: What stood there before is not to be told any more.
    """
    value = calculated(cell)
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


def calculated(cell: Cell) -> Any:
    """The value of a cell; of a formula its last result.

    Raises:
        ValueRefused: There is none.
    """
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
