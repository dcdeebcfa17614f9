"""What is no longer at the source: rows that a complete listing or a sweep of ids lacks."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.warehouse import ident
from targets.duckdb import reported
from targets.duckdb.merge import Destination
from targets.duckdb.rows import rows_of
from targets.duckdb.schema import DELETED_AT, LOADED_AT, READ_AT, Kind, converted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from datetime import datetime

    from crossdock.warehouse import Warehouse
    from targets.duckdb.spool import Spooled

ENDS = "_crossdock_end"
IDS = "_crossdock_ids"
_FIELDS = ("run_id", "stream", "count", "full", "swept", "swept_count", "started_at")
_TIME = Kind.TIME.value
# A mark changes the row: models that take in what was loaded since must see it.
_MARK = f"{ident(DELETED_AT)} = $now, {ident(LOADED_AT)} = $now, {ident(READ_AT)} = $began"
_AMONG = 'i.run_id = $run and i.stream = $stream and i."key" = '

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class End:
    """A tap's word that it has read a stream to its end.

    Attributes:
        run_id: The run that read it.
        stream: The stream.
        count: Records that were sent.
        full: They are all that there are.
        swept: The keys of all that there are were sent.
        swept_count: Their number.
        started_at: When the reading began; a row read since then was seen.
    """

    run_id: str | None
    stream: str
    count: int
    full: bool
    swept: bool
    swept_count: int | None
    started_at: datetime


def ends_of(part: Spooled) -> Iterator[End]:
    """The end records of a batch that say enough to go by."""
    for row in rows_of(part, _FIELDS):
        if row["stream"] is None or row["count"] is None or row["started_at"] is None:
            continue
        yield End(**{**row, "full": bool(row["full"]), "swept": bool(row["swept"])})


class Absence:
    """Goes by what has arrived since the program started: less than was sent proves nothing.

    Args:
        schema_name: Schema that the streams land in.
    """

    def __init__(self, schema_name: str) -> None:
        self._schema = schema_name
        self._received: Counter[str] = Counter()
        self._keys: Counter[tuple[str, str]] = Counter()

    def arrived(self, records: Mapping[str, int], parts: Sequence[tuple[str, Spooled]]) -> None:
        """Count the records of a batch, and the keys among them."""
        self._received.update(records)
        for stream, part in parts:
            if stream == IDS and part.table.num_rows:
                counts = part.table.group_by(["run_id", "stream"]).aggregate([([], "count_all")])
                for row in counts.to_pylist():
                    self._keys[row["run_id"], row["stream"]] += row["count_all"]

    def conclude(
        self,
        warehouse: Warehouse,
        parts: Sequence[tuple[str, Spooled]],
        misfits: Container[str],
        now: datetime,
    ) -> None:
        """Mark what the listings and sweeps that end here did not bring.

        Args:
            warehouse: The file, in the transaction that brought the last of them.
            parts: The streams of the batch.
            misfits: The streams of which something is in quarantine.
            now: Business time of the marks.
        """
        streams = dict(parts)
        for end in (end for stream, part in parts if stream == ENDS for end in ends_of(part)):
            part = streams.get(end.stream)
            if part is None or not (end.full or end.swept):
                continue
            if not self._whole(end, misfits):
                logger.warning(
                    "Not all of %s could be loaded: none of it is marked as deleted.", end.stream
                )
            elif end.full:
                mark_unlisted(warehouse, Destination(self._schema, end.stream), end, now)
            else:
                self._sweep(warehouse, end, part, now)

    def _whole(self, end: End, misfits: Container[str]) -> bool:
        """Whether everything that the tap sent is there."""
        if any(stream in misfits for stream in (end.stream, IDS, reported.STREAM)):
            return False
        if self._received[end.stream] < end.count:
            return False
        if end.full:
            return True
        keys = self._keys[end.run_id or "", end.stream]
        return end.swept_count is not None and keys >= end.swept_count

    def _sweep(self, warehouse: Warehouse, end: End, part: Spooled, now: datetime) -> None:
        destination = Destination(self._schema, end.stream)
        if len(part.keys) != 1:
            logger.warning("%s was swept, but its key is not one column.", end.stream)
            return
        if not mark_unswept(warehouse, destination, part.keys[0], end, now):
            logger.warning(
                "None of the ids of a sweep is a key of %s: none of it is marked as deleted.",
                end.stream,
            )
            return
        warehouse.execute(
            f"delete from {ident(self._schema, IDS)} where stream = $stream and run_id <> $run",
            {"stream": end.stream, "run": end.run_id},
        )


def mark_unlisted(warehouse: Warehouse, destination: Destination, end: End, now: datetime) -> int:
    """Mark the rows that a complete listing did not bring.

    That they are gone is as fresh as the listing, so its begin becomes their read time.
    """
    if not _has_read_times(warehouse, destination):
        return 0
    return warehouse.execute(
        f"update {destination.name} set {_MARK}"
        f" where {ident(DELETED_AT)} is null"
        f" and ({ident(READ_AT)} is null or {ident(READ_AT)} < $began)",
        {"now": now, "began": end.started_at},
    )


def mark_unswept(
    warehouse: Warehouse, destination: Destination, key: str, end: End, now: datetime
) -> bool:
    """Mark the rows whose key a sweep lacks, and take the mark from those whose key it has.

    Rows that were read since the sweep's reading began stay as they are: they were seen.

    Returns:
        False if there are ids and rows, and none of them are the same: ids of another kind.
    """
    if not _has_read_times(warehouse, destination):
        return True
    text = _key_text(key, warehouse.describe(destination.schema, destination.table)[key])
    swept = ident(destination.schema, IDS)
    among = f"exists (select 1 from {swept} i where {_AMONG} {text})"
    of_this = {"run": end.run_id, "stream": end.stream}
    found = warehouse.fetchone(
        f"select count(*), count(*) filter ({among}) from {destination.name} t", of_this
    )
    if end.swept_count and found is not None and found[0] and not found[1]:
        return False
    old = f"({ident(READ_AT)} is null or {ident(READ_AT)} < $began)"
    times = {**of_this, "began": end.started_at}
    warehouse.execute(
        f"update {destination.name} t set {_MARK}"
        f" where {ident(DELETED_AT)} is null and {old} and not {among}",
        {**times, "now": now},
    )
    warehouse.execute(
        f"update {destination.name} t set {ident(DELETED_AT)} = null, {ident(LOADED_AT)} = $now"
        f" where {ident(DELETED_AT)} is not null and {old} and {among}",
        {**times, "now": now},
    )
    return True


def _has_read_times(warehouse: Warehouse, destination: Destination) -> bool:
    return warehouse.describe(destination.schema, destination.table).get(READ_AT) == _TIME


def _key_text(key: str, kind: str) -> str:
    """A key as a tap writes it among the ids of a sweep."""
    value = f"t.{ident(key)}"
    return (
        f"({value} ->> '$')" if kind == Kind.JSON.value else converted(value, kind, Kind.TEXT.value)
    )
