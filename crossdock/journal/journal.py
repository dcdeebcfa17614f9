"""The journal as one thing: its parts over one store."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from sqlalchemy import make_url

from crossdock import settings
from crossdock.journal.buckets import Buckets
from crossdock.journal.leases import Leases
from crossdock.journal.operations import Operations
from crossdock.journal.runs import Run, Runs
from crossdock.journal.store import Store


class Journal(Store):
    """The durable log of intents and outcomes."""

    @classmethod
    def open(cls) -> Journal:
        """The journal that the settings name."""
        return cls(settings.load().journal)

    @classmethod
    def existing(cls) -> Journal | None:
        """The journal that the settings name; None where nothing has run yet."""
        url = make_url(settings.load().journal)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            return None
        return cls.open()

    def begin(self, job: str, parent: tuple[int, float]) -> tuple[Run, list[str]]:
        """Open a run, and let what dead processes had in flight become unknown.

        Args:
            job: What runs.
            parent: (pid, start time) of the process that lives as long as the run.

        Returns:
            The run, and the ids of the runs that were aborted.

        Raises:
            JournalError: Another run is going on.
        """
        run, aborted = self.runs.begin(job, parent)
        self.leases.end_dead(run.run_id)
        return run, aborted

    @cached_property
    def runs(self) -> Runs:
        """Runs, their failures, books and sources."""
        return Runs(self)

    @cached_property
    def operations(self) -> Operations:
        """Operations and the acknowledged state."""
        return Operations(self)

    @cached_property
    def leases(self) -> Leases:
        """Who may send an operation now."""
        return Leases(self)

    @cached_property
    def buckets(self) -> Buckets:
        """Limit buckets shared by all processes; losing a level costs a refusal at most."""
        return Buckets(Store(self.url, durable=False))
