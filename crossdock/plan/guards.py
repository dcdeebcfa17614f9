"""Limits over which a plan waits for a person."""

from __future__ import annotations

from typing import Any

from crossdock.operation import Operation
from crossdock.plan.plan import SyncPlan

#: Below this a share of the records says nothing: three of four updates are no flood.
FEW_UPDATES = 25


def exceeded(plan: SyncPlan) -> list[str]:
    """Each guard that the plan exceeds, as a sentence."""
    guards, found = plan.sync.guards, []
    creates, updates, archives = (plan.count(a) for a in ("create", "update", "archive"))
    if creates > guards.max_creates:
        found.append(f"{creates} creates, at most {guards.max_creates} go unasked")
    share = 100.0 * updates / plan.held if plan.held else 0.0
    if updates > FEW_UPDATES and share > guards.max_updates_pct:
        found.append(
            f"{share:.0f}% of the records change, at most {guards.max_updates_pct:g}% go unasked"
        )
    emptied = sum(map(_empties, plan.operations))
    share = 100.0 * emptied / plan.held if plan.held else 0.0
    if emptied > FEW_UPDATES and share > guards.max_emptied_pct:
        found.append(
            f"{share:.0f}% of the records would lose a value or have it set to 0, at most"
            f" {guards.max_emptied_pct:g}% go unasked: is a source empty?"
        )
    if archives > guards.max_archives:
        found.append(f"{archives} archives, at most {guards.max_archives} go unasked")
    return found


def _empties(operation: Operation) -> bool:
    """Whether a value is taken away, or a number becomes nothing."""
    return operation.action == "update" and any(
        _is_nothing(value) and not _is_nothing(operation.before.get(name))
        for name, value in operation.set.items()
    )


def _is_nothing(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return value is None
    text = str(value).strip()
    try:
        return not text or float(text) == 0
    except ValueError:
        return text in ("[]", "{}")
