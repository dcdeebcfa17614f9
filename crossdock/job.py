"""Whether this process is part of a job, and how it says there that something failed."""

from __future__ import annotations

from crossdock.journal import Journal
from crossdock.journal.runs import Run


def current() -> tuple[Journal, Run] | None:
    """The journal and the open run that this process belongs to; None when called alone."""
    journal = Journal.existing()
    run = journal.runs.current() if journal else None
    return (journal, run) if journal and run else None


def report_failure(component: str, message: str, instance: str | None = None) -> bool:
    """Record a failure in the run that this process belongs to.

    Args:
        component: Connector or step that failed, such as `target-duckdb`.
        message: One line without secrets or personal data.
        instance: System instance whose data is stale for it, such as `shopify:main`.

    Returns:
        Whether there is such a run; if not, the caller must fail loudly by itself.
    """
    found = current()
    if found is None:
        return False
    journal, run = found
    journal.runs.fail(run.run_id, component, message, instance)
    if instance:
        journal.runs.source_read(instance, run.run_id, ok=False, message=message)
    return True
