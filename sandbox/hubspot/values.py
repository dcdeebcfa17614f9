"""Property values: what HubSpot takes, how it writes them back, and how it compares them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.hubspot.errors import Wrong

if TYPE_CHECKING:
    from sandbox.hubspot.properties import Property

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def text_of(value: Any) -> str:
    """Write a JSON value as HubSpot keeps it: every value is a string, null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def stamp(moment: datetime) -> str:
    """Write a time as HubSpot does in its own properties."""
    return iso(moment, milliseconds=True)


def accept(prop: Property, text: str) -> str | Wrong:
    """Check one value and write it the vendor's way; the empty value clears."""
    if text == "":
        return text
    if prop.name == "email":
        return _email(prop, text)
    reader = _READERS.get(prop.type)
    return reader(prop, text) if reader else text


def _email(prop: Property, text: str) -> str | Wrong:
    text = text.strip().lower()
    if _EMAIL.fullmatch(text):
        return text
    return Wrong(prop.name, "INVALID_EMAIL", f"Email address {text} is invalid")


def _number(prop: Property, text: str) -> str | Wrong:
    try:
        if Decimal(text).is_finite():
            return text
    except InvalidOperation:
        pass
    return Wrong(prop.name, "INVALID_NUMBER", f"{text} was not a valid number.")


def _datetime(prop: Property, text: str) -> str | Wrong:
    moment = parse_time(text)
    if moment is None:
        message = f"{text} was not a valid long."
        return Wrong(prop.name, "INVALID_LONG", message)
    return iso(moment, milliseconds=moment.microsecond >= 1000)


def _date(prop: Property, text: str) -> str | Wrong:
    moment = parse_time(text)
    if moment is None:
        return Wrong(prop.name, "INVALID_DATE", f"{text} was not a valid date.")
    return moment.date().isoformat()


def _option(prop: Property, text: str) -> str | Wrong:
    allowed = [option["value"] for option in prop.options]
    if not set(text.split(";")) - set(allowed):
        return text
    message = f"{text} was not one of the allowed options: [{', '.join(allowed)}]"
    return Wrong(prop.name, "INVALID_OPTION", message)


def _bool(prop: Property, text: str) -> str | Wrong:
    if text.lower() in ("true", "false"):
        return text.lower()
    message = f"{text} was not one of the allowed options: [true, false]"
    return Wrong(prop.name, "INVALID_OPTION", message)


_READERS = {
    "number": _number,
    "datetime": _datetime,
    "date": _date,
    "enumeration": _option,
    "bool": _bool,
}


@lru_cache(1 << 17)  # search compares the same times over and over
def parse_time(text: str) -> datetime | None:
    """Read epoch milliseconds or ISO 8601, as HubSpot takes both."""
    try:
        if re.fullmatch(r"-?\d+", text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def comparable(kind: str, text: str) -> Any:
    """A value that orders as its property does: numbers, times, else text without case."""
    if kind == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            return Decimal("NaN")
    if kind in ("datetime", "date"):
        return parse_time(text) or datetime.combine(date.min, datetime.min.time(), UTC)
    return text.casefold()
