"""What people have decided against: no plan brings it again, until something else is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned

ROLLBACK = "rollback of "
"""How the reason of an operation begins that took a run back."""


def release_of(run_id: str) -> str:
    """The name under which a person releases what the rollback of a run holds."""
    return f"{ROLLBACK}{run_id}"


def leave_out(
    planned: Sequence[Planned], sync: str, destination: str, journal: Journal
) -> tuple[list[Planned], Counter[str]]:
    """The operations that may go, and how many are held, by reason.

    A discarded operation, or one that was rolled back, is held as long as the same is wanted; a
    change of what is wanted is a new decision. Operations that are open are not held: they were
    released, or never left.
    """
    keys = [p.operation.key for p in planned if not p.operation.resolve_only]
    newest = journal.operations.newest(sync, destination, keys, states.ENDED)
    going: list[Planned] = []
    held: Counter[str] = Counter()
    for item in planned:
        last = newest.get(item.operation.key)
        why = _held(item, last, journal) if last else ""
        if why:
            held[why] += 1
        else:
            going.append(item)
    return going, held


def _held(item: Planned, last: Mapping[str, Any], journal: Journal) -> str:
    operation = item.operation
    if operation.resolve_only:
        return ""
    wanted = dict(operation.set)
    if last["state"] == states.DISCARDED:
        same = last["action"] == operation.action and last["set"] == wanted
        return "discarded" if same else ""
    reason = str(last["reason"])
    if last["state"] == states.ACKNOWLEDGED and reason.startswith(ROLLBACK):
        again = bool(wanted) and all(last["before"].get(n) == v for n, v in wanted.items())
        return "rolled_back" if again and not journal.runs.is_approved(reason) else ""
    return ""
