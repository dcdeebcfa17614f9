"""Each flow has one owner: whether another connector writes where a sync of ours does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from crossdock.checks import Finding
from crossdock.journal import Journal
from crossdock.operation import DRIFT
from crossdock.plan.definition import Sync

WINDOW = timedelta(hours=24)
"""How far back the journal is asked."""
TAKE_OVER = timedelta(days=7)
"""For so long after a sync's first write it is no wonder to find records of others."""
A_FEW = 5
"""So many records may be changed in a day by people who correct something."""


def foreign_writers(
    sync: Sync, destination: str, journal: Journal, now: datetime
) -> Iterator[Finding]:
    """Signs that somebody else creates or changes what this sync owns.

    A connector makes records before we do, which we then adopt, or changes our fields over and
    over, which we then take back; a person does either now and then.

    Args:
        destination: System instance, such as `hubspot:main`.
        now: Real time.
    """
    first = journal.operations.first_acknowledged(sync.name, destination)
    if first is None:
        return  # it has never written: it may be in audit beside another owner
    done = journal.operations.acknowledged_since(sync.name, destination, now - WINDOW)
    made = {row["key"] for row in done if row["action"] == "adopt"}
    changed = {row["key"] for row in done if row["reason"].startswith(DRIFT)}
    taken_over = datetime.fromisoformat(first) < now - TAKE_OVER
    hours = WINDOW // timedelta(hours=1)
    signs = []
    if taken_over and made:
        signs.append(f"made {len(made)} records before us")
    if len(changed) > A_FEW:
        signs.append(f"changed fields of ours in {len(changed)} records")
    yield Finding(
        f"{sync.name} -> {destination}: nobody else writes there",
        not signs,
        f"in the last {hours} hours somebody else {' and '.join(signs)}: switch the other connector"
        f" off for {sync.object}, or leave the flow to it (docs/cutover.md)",
    )
