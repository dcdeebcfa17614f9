"""Reads one record at a time: takes what fits, and says of anything else why it does not."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from targets.duckdb.quarantine import NO_KEY, Misfit
from targets.duckdb.schema import LOADED_AT, Kind
from targets.duckdb.values import array_of, mixed_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from targets.duckdb.schema import Column

MOST_COLUMNS = 1000

_NAMES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "a boolean",
    Kind.TIME: "a date-time",
    Kind.MIXED: "a scalar",
}
_STARTS = {'"': "text", "{": "an object", "[": "a list", "t": "a boolean", "f": "a boolean"}
_FINE = re.compile(r"^(.*?)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6})0*)?\s*([Zz]|[+-].*)?$")


class Unfit(Exception):  # noqa: N818
    """A record would lose something.

    Args:
        reason: What does not fit, without data.
        key: Key property to its JSON text, where they are all known.
    """

    def __init__(self, reason: str, key: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key

    def misfit(self, line: bytes, position: int) -> Misfit:
        """What the quarantine keeps of it."""
        return Misfit.of(line, self.reason, position, self.key)


class _Message(msgspec.Struct):
    type: str
    stream: str
    record: dict[str, msgspec.Raw]


class CarefulReader:
    """Reads the records of one stream, each for itself.

    Args:
        columns: The columns that are known so far.
        keys: The key properties; none of them may be missing or null.
    """

    def __init__(self, columns: Iterable[Column], keys: Iterable[str]) -> None:
        self._kinds = {column.property: column.kind for column in columns}
        self._keys = list(keys)
        self.undeclared: list[str] = []
        """Fields that no column is there for, in the order in which they came up."""

    def read(self, line: bytes) -> dict[str, Any]:
        """Property to value, in the form that `array_of` takes; nulls are left out.

        Raises:
            Unfit: A value cannot be kept as it is.
        """
        fields = self._fields(line)
        row = {}
        for name, raw in fields.items():
            kind = self._kinds.get(name, Kind.JSON)
            try:
                if raw != b"null":
                    row[name] = _READERS[kind](raw)
            except Unfit as unfit:
                raise Unfit(f"{name}: {unfit.reason}", self._key_of(fields)) from None
        for name in self._keys:
            if row.get(name) is None:
                raise Unfit(f"{name}: {NO_KEY} {'null' if name in fields else 'missing'}")
        self._take_in([name for name in fields if name not in self._kinds])
        return row

    def _fields(self, line: bytes) -> dict[str, bytes]:
        try:
            record = msgspec.json.decode(line, type=_Message).record
        except RecursionError:
            raise Unfit("nested too deeply") from None
        except (msgspec.MsgspecError, UnicodeError):
            raise Unfit(_broken(line)) from None
        return {name: bytes(raw) for name, raw in record.items() if name != LOADED_AT}

    def _key_of(self, fields: Mapping[str, bytes]) -> dict[str, str] | None:
        """The key as JSON text, if all of it is there and readable."""
        try:
            return {name: fields[name].decode() for name in self._keys} or None
        except (KeyError, UnicodeDecodeError):
            return None

    def _take_in(self, names: list[str]) -> None:
        if names and len(self._kinds) + len(names) > MOST_COLUMNS:
            raise Unfit(f"more than {MOST_COLUMNS} different fields")
        self._kinds.update(dict.fromkeys(names, Kind.JSON))
        self.undeclared += names


def _broken(line: bytes) -> str:
    """Why a line cannot be read as a RECORD message."""
    try:
        message = json.loads(line.decode())
    except UnicodeDecodeError:
        return "bytes that are no UTF-8"
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(message, dict) or not isinstance(message.get("record"), dict):
        return "the record is no object"
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "a lone surrogate, which is no character"
    return "NaN or Infinity, which are no JSON"


def _wrong(raw: bytes, kind: Kind) -> Unfit:
    found = _STARTS.get(chr(raw[0]), "a number")
    return Unfit(f"{found} where {_NAMES[kind]} is declared")


def _text(raw: bytes, kind: Kind = Kind.TEXT) -> str:
    if not raw.startswith(b'"'):
        raise _wrong(raw, kind)
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.MsgspecError, UnicodeError):
        raise Unfit("bytes that are no UTF-8") from None


def _integer(raw: bytes) -> int:
    if raw[:1] not in b"-0123456789":
        raise _wrong(raw, Kind.INTEGER)
    number = _decimal(raw)
    if number and number.adjusted() > 19:
        raise Unfit("an integer of more than 64 bits")
    if number != number.to_integral_value():
        raise Unfit("a fraction where an integer is declared")
    if not -(2**63) <= number < 2**63:
        raise Unfit("an integer of more than 64 bits")
    return int(number)


def _number(raw: bytes) -> bytes:
    if raw[:1] not in b"-0123456789":
        raise _wrong(raw, Kind.NUMBER)
    for form in (raw, _plain_number(raw)):
        try:
            array_of(Kind.NUMBER, [form])
        except pa.ArrowInvalid:
            continue
        return form
    raise Unfit("more digits than DECIMAL(38,9) holds")


def _plain_number(raw: bytes) -> bytes:
    """The same number without the zeros that the quick way counts as digits."""
    sign, digits, exponent = _decimal(raw).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    zeros = int(exponent) + len(digits) - len(kept)
    return f"{'-' * sign}{kept}e{zeros}".encode() if kept else b"0"


def _decimal(raw: bytes) -> Decimal:
    try:
        return Decimal(raw.decode())
    except ArithmeticError:
        raise Unfit("a number beyond all bounds") from None


def _boolean(raw: bytes) -> bool:
    if raw not in (b"true", b"false"):
        raise _wrong(raw, Kind.BOOLEAN)
    return raw == b"true"


def _time(raw: bytes) -> str:
    text = _text(raw, Kind.TIME)
    for form in (text, _plain_time(text)):
        try:
            array_of(Kind.TIME, [form])
        except pa.ArrowInvalid:
            continue
        return str(form)
    raise Unfit("no date-time, or one finer than microseconds")


def _plain_time(text: str) -> str:
    """A common form for spellings that the quick way refuses (t and z, trailing zeros)."""
    match = _FINE.match(text)
    if match is None:
        return text
    day, clock, fraction, zone = match.groups()
    try:
        value = datetime.fromisoformat(f"{day}T{clock}{(zone or 'Z').upper()}")
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{fraction or 0}Z"
    except (ValueError, OverflowError):
        return text


def _utf8(raw: bytes) -> bytes:
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise Unfit("bytes that are no UTF-8") from None
    return raw


def _mixed(raw: bytes) -> str:
    if raw[:1] in b"[{":
        raise _wrong(raw, Kind.MIXED)
    return str(mixed_text(_utf8(raw)))


_READERS: dict[Kind, Callable[[bytes], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.TIME: _time,
    Kind.JSON: _utf8,
    Kind.MIXED: _mixed,
}
