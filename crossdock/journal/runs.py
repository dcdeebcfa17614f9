"""Runs: who is running, what failed, which sources were read, and the books of each sync."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from crossdock import clock
from crossdock.errors import JournalError
from crossdock.journal import process
from crossdock.journal.schema import approvals, failures, models, runs, sources, sync_books
from crossdock.journal.store import Store, stamp


@dataclass(frozen=True)
class Run:
    """One `meltano run`."""

    run_id: str
    job: str
    started_at: str


class Runs:
    """The part of the journal that knows of runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, job: str, parent: tuple[int, float]) -> tuple[Run, list[str]]:
        """Open a run of the living process `parent` (pid, start time).

        Runs whose process is gone are closed as aborted.

        Returns:
            The run, and the ids of the runs that were aborted.

        Raises:
            JournalError: Another run is going on.
        """
        now = clock.now()
        run = Run(f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", job, stamp())
        with self._store.write() as db:
            aborted = []
            for row in db.execute(select(runs).where(runs.c.state == "open")).mappings():
                if (row["parent_pid"], row["parent_started"]) != parent:
                    _see_that_it_is_over(row)
                aborted.append(row["run_id"])
            for run_id in aborted:
                self._end(db, run_id, "aborted", "its process ended without closing it")
            db.execute(
                insert(runs).values(
                    run_id=run.run_id,
                    job=job,
                    environment=os.environ.get("MELTANO_ENVIRONMENT", ""),
                    state="open",
                    started_at=run.started_at,
                    business_at=stamp(now),
                    parent_pid=parent[0],
                    parent_started=parent[1],
                )
            )
        return run, aborted

    def see_that_none_goes_on(self) -> None:
        """For what works beside the jobs: a run plans and delivers by itself.

        Raises:
            JournalError: A run is going on.
        """
        for row in self._store.rows(select(runs).where(runs.c.state == "open")):
            _see_that_it_is_over(row)

    def end(self, run_id: str, state: str, message: str | None = None) -> None:
        """Close a run as ok, failed or aborted."""
        with self._store.write() as db:
            self._end(db, run_id, state, message)

    @staticmethod
    def _end(db: Connection, run_id: str, state: str, message: str | None) -> None:
        db.execute(
            update(runs)
            .where(runs.c.run_id == run_id)
            .values(state=state, ended_at=stamp(), message=message)
        )

    def current(self) -> Run | None:
        """The open run that this process is part of: one of its parents opened it."""
        open_runs = self._store.rows(select(runs).where(runs.c.state == "open"))
        if not open_runs:
            return None
        parents = process.ancestors()
        for row in open_runs:
            if (row["parent_pid"], row["parent_started"]) in parents:
                return Run(row["run_id"], row["job"], row["started_at"])
        return None

    def last(self) -> dict[str, Any] | None:
        """The newest run, open or closed."""
        found = self._store.rows(select(runs).order_by(runs.c.started_at.desc()).limit(1))
        return found[0] if found else None

    def fail(self, run_id: str, component: str, message: str, instance: str | None = None) -> None:
        """Record that a part of the run failed; the run goes on and ends as failed."""
        with self._store.write() as db:
            db.execute(
                insert(failures).values(
                    run_id=run_id,
                    component=component,
                    instance=instance,
                    message=message,
                    at=stamp(),
                )
            )

    def environments(self) -> set[str]:
        """The Meltano environments that runs of this journal were made in."""
        return {row["environment"] for row in self._store.rows(select(runs.c.environment))}

    def failures(self, run_id: str) -> list[dict[str, Any]]:
        """What failed in a run, in order."""
        return self._store.rows(
            select(failures).where(failures.c.run_id == run_id).order_by(failures.c.seq)
        )

    def source_read(
        self, instance: str, run_id: str, *, ok: bool, message: str | None = None
    ) -> None:
        """Record how reading a source ended; `read_at` keeps the last good time."""
        values: dict[str, Any] = {
            "ok": ok,
            "checked_at": stamp(),
            "run_id": run_id,
            "message": message,
        }
        if ok:
            values["read_at"] = stamp(clock.now())
        self._put(sources, {"instance": instance}, values)

    def sources(self) -> dict[str, dict[str, Any]]:
        """Instance to how its last read ended."""
        return {row["instance"]: row for row in self._store.rows(select(sources))}

    def model_built(
        self, model: str, run_id: str | None, *, ok: bool, message: str | None = None
    ) -> None:
        """Record how the last build of a sync's model ended."""
        values = {"ok": ok, "run_id": run_id, "built_at": stamp(), "message": message}
        self._put(models, {"model": model}, values)

    def models(self) -> dict[str, dict[str, Any]]:
        """Model to how its last build ended."""
        return {row["model"]: row for row in self._store.rows(select(models))}

    def close_books(
        self, run_id: str, sync: str, destination: str, *, states: dict[str, int], balanced: bool
    ) -> None:
        """Add to the books of one sync how its operations ended."""
        with self._store.write() as db:
            db.execute(
                update(sync_books)
                .where(
                    sync_books.c.run_id == run_id,
                    sync_books.c.sync == sync,
                    sync_books.c.destination == destination,
                )
                .values(states=states, balanced=balanced)
            )

    def write_books(self, run_id: str, sync: str, destination: str, **values: Any) -> None:
        """Write the books of one sync in one run."""
        self._put(sync_books, {"run_id": run_id, "sync": sync, "destination": destination}, values)

    def books(self, run_id: str) -> list[dict[str, Any]]:
        """The books of a run."""
        return self._store.rows(
            select(sync_books).where(sync_books.c.run_id == run_id).order_by(sync_books.c.sync)
        )

    def approve(self, digest: str, approved_by: str, reason: str) -> None:
        """Release one guarded plan once."""
        values = {
            "approved_by": approved_by,
            "reason": reason,
            "approved_at": stamp(),
            "used_by_run": None,
        }
        self._put(approvals, {"digest": digest}, values)

    def is_approved(self, digest: str) -> bool:
        """Whether a person released this plan and no run has used that yet."""
        rows = self._store.rows(select(approvals).where(approvals.c.digest == digest))
        return bool(rows) and rows[0]["used_by_run"] is None

    def use_approval(self, digest: str, run_id: str) -> None:
        """Use up a release."""
        with self._store.write() as db:
            db.execute(
                update(approvals).where(approvals.c.digest == digest).values(used_by_run=run_id)
            )

    def _put(self, table: Table, keys: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        with self._store.write() as db:
            self._store.put(db, table, tuple(keys), [{**keys, **values}])


def _see_that_it_is_over(row: RowMapping | Mapping[str, Any]) -> None:
    if process.start_time(row["parent_pid"]) == row["parent_started"]:
        raise JournalError(
            f"run {row['run_id']} ({row['job']}) is going on since {row['started_at']}",
            hint="wait for its end; nothing was started",
        )


def parent_process() -> tuple[int, float]:
    """(pid, start time) of the process that started this one."""
    pid = os.getppid()
    started = process.start_time(pid)
    if started is None:
        raise JournalError("the process that started this one is gone", hint="run it again")
    return pid, started
