"""Limits over which a plan waits for a person."""

from __future__ import annotations

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
    if archives > guards.max_archives:
        found.append(f"{archives} archives, at most {guards.max_archives} go unasked")
    return found
