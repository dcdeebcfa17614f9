"""From the text in a file to a value, without loss; what does not fit is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from crossdock.tap import format_time

if TYPE_CHECKING:
    from taps.wms_sftp.layout import Field

Value = str | int | None
Reader = Callable[[str], Value]

_INTEGER = re.compile(r"([+-]?)(\d+)(?:\.0*)?(-?)")
_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(-?)")
_MOST = 2**63 - 1


class BadValue(Exception):  # noqa: N818
    """A text that is no value of its field; the message never holds the text."""


def reader(field: Field) -> Reader:
    """What turns the texts of a field into its values."""
    convert = _CONVERTERS[field.type]

    def read(text: str) -> Value:
        text = text.strip()
        if not text or text in field.blank:
            if field.required:
                raise BadValue(f"{field.name} is empty")
            return None
        if field.codes:
            if text not in field.codes:
                raise BadValue(f"{field.name} holds a code that the layout does not know")
            text = field.codes[text]
        return convert(field, text)

    return read


def _text(_: Field, text: str) -> Value:
    return text


def _integer(field: Field, text: str) -> Value:
    found = _INTEGER.fullmatch(text.replace(field.decimal_separator, "."))
    if not found or (found[1] and found[3]) or not text.isascii():
        raise BadValue(f"{field.name} is no whole number")
    value = int(found[2])
    if value > _MOST:
        raise BadValue(f"{field.name} has more digits than a number can keep")
    return -value if "-" in (found[1], found[3]) else value


def _decimal(field: Field, text: str) -> Value:
    found = _DECIMAL.fullmatch(text.replace(field.decimal_separator, "."))
    if not found or not (found[2] or found[3]) or (found[1] and found[4]) or not text.isascii():
        raise BadValue(f"{field.name} is no decimal number")
    whole, part = found[2], found[3] or ""
    if field.implied_decimals:
        if found[3] is not None:
            raise BadValue(f"{field.name} has a decimal point where the layout implies one")
        whole = whole.zfill(field.implied_decimals + 1)
        whole, part = whole[: -field.implied_decimals], whole[-field.implied_decimals :]
    number = (whole.lstrip("0") or "0") + (f".{part}" if part else "")
    return f"-{number}" if "-" in (found[1], found[4]) else number


def _date(field: Field, text: str) -> Value:
    return _moment(field, text).date().isoformat()


def _datetime(field: Field, text: str) -> Value:
    moment = _moment(field, text)
    if moment.tzinfo is None:
        # An hour that comes twice in autumn is taken as the first of the two.
        moment = moment.replace(tzinfo=field.zone)
    return format_time(moment)


def _moment(field: Field, text: str) -> datetime:
    try:
        moment = _parsed(text, field.format)
    except ValueError:
        raise BadValue(f"{field.name} is no {field.type} of the form {field.format}") from None
    return moment


@lru_cache(maxsize=1024)  # the lines of a file share a few times
def _parsed(text: str, form: str) -> datetime:
    moment = datetime.strptime(text, form)
    if not 1900 <= moment.year <= 9000:
        raise ValueError
    return moment


_CONVERTERS: dict[str, Callable[[Field, str], Value]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
}
