"""Records that do not fit: kept as they came, with a reason that holds no data."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Any

from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TABLE = "_quarantine"


class RecordsQuarantined(CrossdockError):  # noqa: N818
    """Everything else was loaded, and the state goes on."""


@dataclass(frozen=True)
class Misfit:
    """One record that would have lost something on its way into its table.

    Attributes:
        line: The record as it came, as text; bytes that are no UTF-8 are escaped.
        reason: What does not fit, without data.
        key: The record's key where it could be read, else a digest of the line: a record
            that comes again takes the place of what is there.
    """

    line: str
    reason: str
    key: str

    @classmethod
    def of(cls, line: bytes, reason: str, key: Mapping[str, Any] | None = None) -> Misfit:
        """Keep a line; `key` holds the values of the key properties where they are known."""
        named = json.dumps(key, sort_keys=True, default=str) if key else _digest(line)
        return cls(line.decode("utf-8", "backslashreplace").strip(), reason, named)


class Tally:
    """What was quarantined in this run, by stream and reason."""

    def __init__(self) -> None:
        self._reasons: dict[str, Counter[str]] = {}

    def add(self, stream: str, misfits: Sequence[Misfit]) -> None:
        """Count misfits."""
        if misfits:
            self._reasons.setdefault(stream, Counter()).update(m.reason for m in misfits)

    def __contains__(self, stream: object) -> bool:
        return stream in self._reasons

    def error(self, schema_name: str) -> RecordsQuarantined | None:
        """One line that says what is there, or None if all went well."""
        if not self._reasons:
            return None
        lines = []
        for stream, reasons in sorted(self._reasons.items()):
            count = reasons.total()
            records = "1 record" if count == 1 else f"{count} records"
            first = "; ".join(reason for reason, _ in reasons.most_common(3))
            more = f" and {len(reasons) - 3} other reasons" if len(reasons) > 3 else ""
            verb = "is" if count == 1 else "are"
            lines.append(f"{records} of {schema_name}.{stream} {verb} in quarantine: {first}{more}")
        return RecordsQuarantined(". ".join(lines), hint=f"see {schema_name}.{TABLE}")


def _digest(line: bytes) -> str:
    return md5(line, usedforsecurity=False).hexdigest()
