"""Takes batches into the file, one transaction each, and acknowledges them afterwards."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.warehouse import connect
from targets.duckdb import absence, housekeeping, merge, quarantine, reported
from targets.duckdb.merge import Destination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from crossdock.warehouse import Warehouse
    from targets.duckdb.quarantine import Misfit
    from targets.duckdb.spool import Spooled

    State = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """What goes into the file together.

    Attributes:
        parts: Stream and its records, in the order in which the streams came.
        state: The state that these records make true.
        files: Files of records that can go once this is committed.
    """

    parts: Sequence[tuple[str, Spooled]]
    state: State | None
    files: Sequence[Path]


class Loader:
    """Commits batches, and remembers what has arrived in them.

    Args:
        path: The DuckDB file.
        schema_name: Schema that the streams land in.
        wait: Seconds to wait while another process holds the file.
        acknowledge: Called with the state of a batch, after its commit.
    """

    def __init__(
        self, path: Path, schema_name: str, wait: float, acknowledge: Callable[[State], None]
    ) -> None:
        self._path = path
        self._schema = schema_name
        self._wait = wait
        self._acknowledge = acknowledge
        self._acknowledged: State | None = None
        self._absence = absence.Absence(schema_name)
        self._misfits = quarantine.Tally()
        self._pruned = False

    def misfits(self) -> quarantine.RecordsQuarantined | None:
        """What did not fit since the program started, if anything."""
        return self._misfits.error(self._schema)

    def commit(self, batch: Batch) -> None:
        """Load a batch.

        Raises:
            CrossdockError: It could not be committed; nothing of it is there.
        """
        with (
            connect(self._path, read_only=False, wait=self._wait) as warehouse,
            warehouse.transaction(),
        ):
            self._load(warehouse, batch)
        for file in batch.files:
            file.unlink(missing_ok=True)
        if batch.state is not None and batch.state != self._acknowledged:
            self._acknowledge(batch.state)
            self._acknowledged = batch.state

    def _load(self, warehouse: Warehouse, batch: Batch) -> None:
        merge.prepare(warehouse, self._schema)
        now = merge.stamp(warehouse, clock.now())
        loaded: Counter[str] = Counter()
        misfits: Counter[str] = Counter()
        # A report comes after the records of its stream, which may make an older one obsolete.
        found: Mapping[str, Sequence[Misfit]]
        for stream, part in sorted(batch.parts, key=lambda each: each[0] == reported.STREAM):
            if stream == reported.STREAM:
                found = self._keep_reported(warehouse, part, batch, now)
            else:
                merge.load(warehouse, Destination(self._schema, stream), part, now)
                loaded[stream] += part.table.num_rows
                found = {stream: part.misfits}
            for name, each in found.items():
                misfits[name] += len(each)
                self._misfits.add(name, each)
        self._absence.arrived(loaded + misfits, batch.parts)
        self._absence.conclude(warehouse, batch.parts, self._misfits, now)
        rows = [
            merge.LogRow(stream, loaded[stream], misfits[stream])
            for stream in loaded | misfits
            if loaded[stream] or misfits[stream]
        ]
        if not rows and batch.state != self._acknowledged:
            rows.append(merge.LogRow(None, 0, 0))
        merge.log(warehouse, self._schema, _load_id(), rows, batch.state, now)
        self._prune(warehouse, absence.ENDS in loaded, now)

    def _keep_reported(
        self, warehouse: Warehouse, part: Spooled, batch: Batch, now: datetime
    ) -> Mapping[str, Sequence[Misfit]]:
        """Put what the tap could not make a record of into quarantine; the same, by stream."""
        found = reported.misfits_of(part, dict(batch.parts))
        for stream, misfits in found.items():
            quarantine.keep(warehouse, self._schema, stream, misfits, now)
        return found

    def _prune(self, warehouse: Warehouse, ended: bool, now: datetime) -> None:
        if not self._pruned:
            housekeeping.prune_log(warehouse, now)
            self._pruned = True
        if ended:
            housekeeping.prune_ends(warehouse, self._schema, now)


def _load_id() -> str:
    """Unique, and in the order of time."""
    return f"{clock.real_now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
