"""Emits readings: records, states between them, end records, control totals, ids that exist."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.errors import CrossdockError, PartlyRead
from crossdock.http.errors import RateLimited, VendorDown
from crossdock.tap import schema
from crossdock.tap.lanes import Done, Event, Failed, Finished, Lanes, Parts
from crossdock.tap.pages import BatchPage, IdPage, Page, Part, Record, Total
from crossdock.tap.progress import VALUE, Progress

if TYPE_CHECKING:
    from crossdock.tap.base import CrossdockTap
    from crossdock.tap.stream import CrossdockStream

# Nothing else of the account will answer either.
_OF_THE_WHOLE_ACCOUNT = (RateLimited, VendorDown)
_LONGEST_EXCERPT = 64 << 10


class Emission:
    """One stream's reading on its way out.

    Args:
        stream: The stream.
        write: Whether to write messages, or only to hand over records.
    """

    def __init__(self, stream: CrossdockStream, *, write: bool = True) -> None:
        self._stream = stream
        self._tap: CrossdockTap = stream.tap
        self._write = write
        self._started_at, self._started = clock.real_now(), time.monotonic()
        since = stream.since
        self._reading = stream.read(since)
        self._progress = Progress(
            key=stream.replication_key,
            bookmark=stream.stream_state.get(VALUE),
            lag=stream.lag,
        )
        self._extras = write and self._due(schema.COUNTED_AT, "totals_interval")
        self._sweeping = (
            write and not self._reading.full and self._due(schema.SWEPT_AT, "sweep_interval")
        )
        self._ids: int | None = None
        self._counted = False

    @property
    def awaited(self) -> bool:
        """Whether the source is stale without it."""
        return self._stream.awaited

    def parts(self) -> Iterator[Any]:
        """Everything that is to be fetched."""
        yield from self._reading.parts
        if self._extras:
            yield Part(iter(self._stream.totals(self._reading)))
        if self._sweeping and (ids := self._stream.sweep()) is not None:
            self._ids = 0
            yield Part(ids)

    def take(self, number: int, event: Event) -> Iterator[Record]:
        """Write what came, and hand over its records."""
        if isinstance(event, Page):
            self._progress.begun(event.vendor_time)
            yield from self._page(event)
        elif isinstance(event, BatchPage):
            self._progress.begun(event.vendor_time)
            self._batch(event)
        elif isinstance(event, IdPage):
            self._existing(event)
        elif isinstance(event, Total):
            self._total(event)
        elif isinstance(event, Done):
            if self._progress.done(number, event.part):
                self._remember(self._progress.between())
        elif isinstance(event, Finished):
            self._finish()
        self._write_quarantine()

    def _page(self, page: Page) -> Iterator[Record]:
        read_at = page.read_at.isoformat()
        for record in page.records:
            record[schema.READ_AT] = read_at
            self._stream._check_max_record_limit(current_record_index=self._progress.count)
            if self._write:
                self._emit(record, read_at)
            self._progress.seen(record)
            yield record

    def _emit(self, record: Record, read_at: str) -> None:
        self._stream.leave_out_deselected(record)
        size = self._tap.writer.write_record(self._stream.name, record, read_at)
        if size is not None:
            key = [str(record.get(name)) for name in self._stream.primary_keys]
            self._stream.quarantine(
                f"the record is {size >> 20} MiB long, and 16 MiB is the most that is loaded",
                excerpt="",
                key="/".join(key),
            )
        self._stream.state_manager.is_flushed = False

    def _batch(self, page: BatchPage) -> None:
        if self._write:
            self._tap.writer.write_batch(self._stream.name, page.path)
        self._progress.count += page.count

    def _existing(self, page: IdPage) -> None:
        self._tap.announce(schema.IDS)
        read_at = page.read_at.isoformat()
        for key in page.keys:
            row = {"run_id": self._tap.run_id, "stream": self._stream.name, "key": str(key)}
            self._tap.writer.write_record(schema.IDS.name, row, read_at)
        self._ids = (self._ids or 0) + len(page.keys)

    def _total(self, total: Total) -> None:
        self._counted |= total.measure == "count"
        self._tap.announce(schema.TOTALS)
        row = {
            "run_id": self._tap.run_id,
            "stream": self._stream.name,
            "measure": total.measure,
            "window_from": _text(total.window_from),
            "window_to": _text(total.window_to),
            "value": total.value,
            "source": total.source,
            "note": total.note,
            "as_of": clock.real_now().isoformat(),
        }
        self._tap.writer.write_record(schema.TOTALS.name, row, row["as_of"])

    def _finish(self) -> None:
        """The whole reading is out: say so, and move the bookmark."""
        self._tap.check_stopping(self._stream)
        if self._ids is not None and not self._counted:
            self._total(Total("count", str(self._ids), source="sweep"))
        if self._write:
            self._tap.write_end(self._end())
        self._remember(self._progress.at_end(), last=True)
        seconds = time.monotonic() - self._started
        self._stream.logger.info(
            "%s: %d records in %.1f s", self._stream.name, self._progress.count, seconds
        )

    def _end(self) -> Record:
        reading = self._reading
        return {
            "run_id": self._tap.run_id,
            "stream": self._stream.name,
            "count": self._progress.count,
            "full": reading.full,
            "read_from": reading.read_from and reading.read_from.isoformat(),
            "swept": self._ids is not None,
            "swept_count": self._ids,
            "started_at": self._started_at.isoformat(),
            "ended_at": clock.real_now().isoformat(),
        }

    def _due(self, name: str, setting: str) -> bool:
        before = self._stream.stream_state.get(name)
        if before is None or self._reading.full:
            return True
        passed = clock.now() - datetime.fromisoformat(before)
        return passed.total_seconds() >= float(self._tap.config.get(setting) or 0)

    def _remember(self, bookmark: datetime | None, *, last: bool = False) -> None:
        if not self._write:
            return
        notes: dict[str, Any] = {}
        if last:
            now = clock.now().isoformat()
            if self._reading.notes is not None:
                notes.update(self._reading.notes())
            if self._extras:
                notes[schema.COUNTED_AT] = now
            if self._reading.full or self._sweeping:
                notes[schema.SWEPT_AT] = now
        self._stream.remember(bookmark, notes)

    def _write_quarantine(self) -> None:
        refused = self._stream.take_refused()
        if not refused or not self._write:
            return
        self._tap.announce(schema.QUARANTINE)
        for row in refused:
            row["excerpt"] = row["excerpt"][:_LONGEST_EXCERPT]
            self._tap.writer.write_record(schema.QUARANTINE.name, row, self._started_at.isoformat())


def emit(emissions: Sequence[Emission], tap: CrossdockTap) -> Generator[Record, None, None]:
    """Fetch all readings beside each other; write and hand over what they bring.

    One stream's failure does not keep the others from being read, unless nothing else of the
    account would answer either.

    Raises:
        PartlyRead: Only streams failed that nothing waits for.
        CrossdockError: The first failure of another one, once the other streams are read.
    """
    tap.reading = True
    failures: list[tuple[Emission, BaseException]] = []
    sources: list[tuple[Emission, Parts]] = [(each, each.parts()) for each in emissions]
    try:
        with closing(iter(Lanes(sources, tap.workers, tap.stopping))) as lanes:
            for emission, number, event in lanes:
                if not isinstance(event, Failed):
                    yield from emission.take(number, event)
                    continue
                failures.append((emission, event.error))
                if not _concerns_one_stream(event.error):
                    break
    finally:
        tap.writer.flush()
    # A client that was closed because we were told to end is no failure.
    tap.check_stopping()
    _raise_first(failures)


def _concerns_one_stream(error: BaseException) -> bool:
    return isinstance(error, CrossdockError) and not isinstance(error, _OF_THE_WHOLE_ACCOUNT)


def _raise_first(failures: Sequence[tuple[Emission, BaseException]]) -> None:
    for emission, error in failures:
        if emission.awaited or not _concerns_one_stream(error):
            raise error
    for _, error in failures:
        raise PartlyRead(str(error)) from error


def _text(value: datetime | None) -> str:
    """A time as text, for it is part of a key there: empty where there is none."""
    return value.isoformat() if value else ""
