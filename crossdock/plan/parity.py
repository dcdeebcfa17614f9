"""What a destination in audit lacks of what we would write: how the old way compares with ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from crossdock.journal import Journal
from crossdock.operation import Operation
from crossdock.plan.plan import SyncPlan

WINDOW = timedelta(hours=72)
"""How far back the audit is looked at."""
SETTLE = timedelta(hours=2)
"""How long the old way may take before a difference is one."""


@dataclass(frozen=True)
class Difference:
    """A record that is not as we would have it.

    Attributes:
        kind: `missing`: there is no such record; `differs`: fields have other values.
        fields: What we would set there.
        since: When an audit first wanted just that; None if none has.
        settling: It is younger than the old way may take.
    """

    key: str
    kind: Literal["missing", "differs"]
    fields: tuple[str, ...]
    since: datetime | None
    settling: bool


@dataclass(frozen=True)
class Parity:
    """One sync at one destination, in audit.

    Attributes:
        rows: Records that we would keep there.
        same: Those that are as we would have them.
        written_alike: Those among them that an audit of the window wanted to write, and that
            somebody else has written alike since.
        blocked: Reason to number of rows that we would not touch.
        differences: The others.
    """

    sync: str
    destination: str
    rows: int
    same: int
    written_alike: int
    blocked: Mapping[str, int]
    differences: Sequence[Difference]

    @property
    def lasting(self) -> list[Difference]:
        """Differences that the old way had time to close."""
        return [found for found in self.differences if not found.settling]

    @property
    def share(self) -> float:
        """Per cent of the rows that are the same, those left out that are blocked or settling."""
        compared = self.same + len(self.lasting)
        return 100.0 * self.same / compared if compared else 100.0

    @property
    def fields(self) -> dict[str, int]:
        """Field to number of records in which it differs lastingly, the most first."""
        counted = Counter(
            name for found in self.lasting if found.kind == "differs" for name in found.fields
        )
        return dict(counted.most_common())


def compare(
    found: SyncPlan,
    journal: Journal,
    now: datetime,
    *,
    window: timedelta = WINDOW,
    settle: timedelta = SETTLE,
) -> Parity:
    """Hold what is at the destination now against what we would have there.

    Args:
        found: The plan of now; nothing of it is written.
        journal: Knows what the audits of the window wanted.
        now: Real time.
        window: How far back audits are asked.
        settle: Differences younger than that are settling.
    """
    audited = _by_key(journal.operations.audited(found.sync.name, found.destination, now - window))
    differences = [
        _difference(operation, audited.get(operation.key, ()), now - settle)
        for operation in found.operations
        if not operation.resolve_only
        and (operation.action != "adopt" or operation.set or operation.refs)
    ]
    wanting = {difference.key for difference in differences}
    return Parity(
        sync=found.sync.name,
        destination=found.destination,
        rows=found.rows,
        same=found.rows - sum(found.blocked.values()) - len(differences),
        written_alike=len(audited.keys() - wanting),
        blocked=found.blocked,
        differences=differences,
    )


def _difference(
    operation: Operation, audited: Sequence[Mapping[str, Any]], settled: datetime
) -> Difference:
    fields = tuple(sorted({*operation.set, *operation.refs}))
    wanted = [row for row in audited if row["set"] == dict(operation.set)]
    since = min((datetime.fromisoformat(row["planned_at"]) for row in wanted), default=None)
    return Difference(
        key=operation.key,
        kind="missing" if operation.action == "create" else "differs",
        fields=fields,
        since=since,
        settling=since is None or since > settled,
    )


def _by_key(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(row)
    return found
