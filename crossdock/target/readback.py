"""Whether what is read back at a destination shows that an operation took effect."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.journal.intents import as_owned
from crossdock.operation import DRIFT, Acknowledged, Operation


def holds(found: Mapping[str, Any], operation: Operation) -> bool:
    """Whether the record, as found, is as the operation would have left it.

    A vendor may write a value in its own way (times, numbers, case, blanks), so values are
    compared by meaning; only the very value from before the operation is never its effect.
    """
    if operation.action == "create":
        return True
    if not operation.set:
        return False  # references are not read back; to set them again changes nothing
    return all(
        name in found and _same(found[name], value) and not _untouched(name, found, operation)
        for name, value in operation.set.items()
    )


def seen(found: Mapping[str, Any], operation: Operation) -> Acknowledged:
    """The outcome of an operation whose record is there, with what it holds otherwise.

    A record that was made by somebody else, or changed since, need not be as was meant.
    """
    return Acknowledged(str(found["id"]), differing(found, operation))


def is_of_others(found: Mapping[str, Any] | None, operation: Operation) -> bool:
    """Whether a write would take back what somebody else wrote: a value that it replaces is
    another one by now than the plan has seen, or is not ours at all."""
    if operation.reason.startswith(DRIFT):
        return True
    held = found or {}
    mine = operation.action == "update"
    return any(
        name in held
        and not _same(held[name], operation.set[name])
        and not _same(held[name], before if mine else None)
        for name, before in operation.before.items()
        if name in operation.set
    )


def differing(found: Mapping[str, Any], operation: Operation) -> dict[str, str | None]:
    """Field to what the record holds, where that is not what the operation set."""
    return {
        name: as_owned(found[name])
        for name, value in operation.set.items()
        if name in found and not _same(found[name], value)
    }


def _untouched(name: str, found: Mapping[str, Any], operation: Operation) -> bool:
    """The value from before stands there still, and it is not the one that was set."""
    before, wanted = operation.before.get(name), operation.set[name]
    return bool(_plain(found[name]) == _plain(before) != _plain(wanted))


def _plain(value: Any) -> Any:
    return "" if value is None else value if isinstance(value, dict | list) else str(value)


def _same(left: Any, right: Any) -> bool:
    return bool(_plain(left) == _plain(right) or _meaning(left) == _meaning(right))


def _meaning(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _meaning(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_meaning(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    text = unicodedata.normalize("NFC", str(_plain(value))).strip()
    return _number(text) or _time(text) or text.casefold()


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
