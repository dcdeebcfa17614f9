"""What the shop keeps from us, told apart from what is empty.

A field that the app has no right to is null, with an error beside it that names its path; a
field that may not be null takes everything around it along. Names, addresses and contacts are
null without a word where the shop's plan keeps them from custom apps.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.http.rules import clean
from taps.shopify.documents import HOPS, Path

logger = logging.getLogger("tap-shopify")

FIELD = "_crossdock_withheld"
"""Where a record names its fields that were withheld."""

DENIED = "ACCESS_DENIED"
PLAN = "plan"
# https://help.shopify.com/en/manual/apps/app-types/custom-apps
PLANS_WITHOUT_PERSONS = ("basic", "starter", "trial")


@dataclass(frozen=True)
class Denial:
    """A field that was refused.

    Attributes:
        path: Where it stands in the answer.
        reason: The shop's words.
    """

    path: tuple[str | int, ...]
    reason: str

    def field(self, root: Sequence[str]) -> Path:
        """The field's path from the record on; empty if it is no field of a record."""
        names = [step for step in self.path if isinstance(step, str)]
        if names[: len(root)] != list(root):
            return ()
        return tuple(name for name in names[len(root) :] if name not in HOPS)

    def index(self, root: Sequence[str]) -> int | None:
        """The record's place in its page."""
        after = self.path[len(root) :]
        return after[0] if after and isinstance(after[0], int) else None


def denials(errors: Any) -> list[Denial]:
    """The fields that the errors of an answer say are denied; some answers hold a text there."""
    if not isinstance(errors, list | tuple):
        return []
    return [
        Denial(tuple(error["path"]), clean(str(error.get("message") or "")))
        for error in errors
        if isinstance(error, dict)
        and (error.get("extensions") or {}).get("code") == DENIED
        and error.get("path")
    ]


def swallowed(data: Any, path: Sequence[str | int]) -> bool:
    """Whether a denied field took with it what it stands in."""
    value = data
    for step in path[:-1]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return True
        if value is None:
            return True
    return False


class Withheld:
    """What is withheld from one stream.

    Args:
        stream: Name of the stream.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._cut: frozenset[Path] = frozenset()
        self._reasons: dict[str, str] = {}
        self._records: Counter[str] = Counter()

    @property
    def cut(self) -> frozenset[Path]:
        """Fields that are not asked for any more, because asking costs the rest."""
        return self._cut

    def leave_out(self, path: Path, reason: str) -> None:
        """Do not ask for a field any more."""
        with self._lock:
            self._cut |= {path}
        self._say(".".join(path), reason)

    def mark(self, record: dict[str, Any], fields: Iterable[tuple[str, str]] = ()) -> None:
        """Name the withheld fields in a record, given with their reasons; null if none are."""
        told = dict(fields)
        names = {*(".".join(path) for path in self._cut), *told, *(record.get(FIELD) or ())}
        record[FIELD] = sorted(names) or None
        for name, reason in told.items():
            self._say(name, reason)

    def count(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Count what the records of a page lack."""
        with self._lock:
            for record in records:
                self._records.update(record.get(FIELD) or ())

    def found(self) -> list[tuple[str, int, str]]:
        """Each withheld field, in how many records, and why."""
        with self._lock:
            return [(n, self._records[n], reason) for n, reason in sorted(self._reasons.items())]

    def _say(self, name: str, reason: str) -> None:
        """Say so once for each reason; the control totals name each field."""
        with self._lock:
            if name in self._reasons:
                return
            known = reason in self._reasons.values()
            self._reasons[name] = reason
        logger.log(
            logging.DEBUG if known else logging.WARNING,
            "tap-shopify: %s: %s is withheld, which is not the same as empty: %s; "
            "records name such fields in %s",
            self._stream,
            name,
            reason,
            FIELD,
        )


_OF_A_PERSON = (
    *("firstName", "lastName", "name", "company", "address1", "address2"),
    *("phone", "phoneNumber", "email", "emailAddress"),
)


def impersonal(record: Mapping[str, Any], fields: Sequence[str]) -> bool:
    """Whether a record says nothing at all of a person; a country alone names nobody."""
    return not any(_personal(record.get(name)) for name in fields)


def _personal(value: Any) -> bool:
    if isinstance(value, dict):
        return any(value.get(name) for name in _OF_A_PERSON)
    return bool(value)
