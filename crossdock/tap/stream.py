"""A stream that reads pages, and whose bookmark never runs past what was emitted."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers._catalog import get_selected_schema, pop_deselected_record_properties
from singer_sdk.singerlib import SchemaMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from crossdock import clock
from crossdock.errors import CrossdockError
from crossdock.tap.pages import Page, Reading, Record, in_order
from crossdock.tap.schema import READ_AT

if TYPE_CHECKING:
    from crossdock.tap.base import CrossdockTap

VALUE = "replication_key_value"


class CrossdockStream(Stream):
    """A stream of one object; subclasses say how its pages are read.

    A bookmark is a time of the source's own clock up to which every change has been emitted:
    the time at which the reading began, less `lag`. Changes made while we read may or may not
    have been seen, so the next reading starts before them.
    """

    lag: timedelta = timedelta(seconds=30)
    """How long a change may take until a reading finds it."""

    ascending: bool = False
    """Records come in the order of the replication key: state may be written in between."""

    checkpoint: int = 5_000
    """Records between two states of an ascending stream."""

    _tap: CrossdockTap

    def __init__(self, tap: CrossdockTap) -> None:
        super().__init__(tap)
        # The SDK announces an error before it raises it; the program says it in one line.
        self.logger.addFilter(lambda entry: not str(entry.msg).startswith("An unhandled error"))

    @abstractmethod
    def read(self, since: datetime | None) -> Reading:
        """Say what to read.

        Args:
            since: All changes from this time of the source's clock on; None: everything.
        """

    @property
    def replication_key(self) -> str | None:
        """Name of the field that holds the time of a record's last change."""
        return self._replication_key or None

    @replication_key.setter
    def replication_key(self, value: str | None) -> None:
        self._replication_key = value

    def get_records(self, context: Any) -> Generator[Record, None, None]:
        """The records of one reading, each with the time at which it was read."""
        with closing(self._pages(self.read(self.since))) as pages:
            for page in pages:
                yield from self._stamped(page)

    @property
    def since(self) -> datetime | None:
        """Where this reading begins: at the bookmark, else at the setting `start_date`."""
        if self.replication_method == REPLICATION_FULL_TABLE:
            return None
        text = self.stream_state.get(VALUE) or self.config.get("start_date")
        return parse_time(text) if text else None

    def get_replication_key_signpost(self, context: Any = None) -> None:
        """Bookmarks come from the source's clock, not from ours."""

    def _sync_records(
        self, context: Any = None, *, write_messages: bool = True
    ) -> Generator[Record, None, None]:
        """Emit a whole reading, its end record and its state."""
        started_at, started = clock.real_now(), time.monotonic()
        since = self.since
        progress = _Progress(self, since)
        self._tap.reading = True
        try:
            reading = self.read(since)
            with closing(self._pages(reading)) as pages:
                for page in pages:
                    progress.begun(page)
                    for record in self._stamped(page):
                        self._check_max_record_limit(current_record_index=progress.count)
                        if write_messages:
                            self._emit(record, page)
                        progress.seen(record)
                        yield record
                    if progress.due():
                        self._remember(progress.between())
            self._tap.check_stopping(self)
            if write_messages:
                self._tap.write_end(self.name, progress.count, reading, started_at)
            self._remember(progress.at_end(), reading)
        except CrossdockError:
            # A client that was closed because we were told to end is no failure.
            self._tap.check_stopping(self)
            raise
        finally:
            self._tap.writer.flush()
        seconds = time.monotonic() - started
        self.logger.info("%s: %d records in %.1f s", self.name, progress.count, seconds)

    def _pages(self, reading: Reading) -> Generator[Page, None, None]:
        yield from in_order(reading.parts, self._tap.workers, self._tap.stopping)

    def _stamped(self, page: Page) -> Generator[Record, None, None]:
        read_at = page.read_at.isoformat()
        for record in page.records:
            record[READ_AT] = read_at
            yield record

    def _emit(self, record: Record, page: Page) -> None:
        if not self._all_selected:
            pop_deselected_record_properties(record, self.schema, self.mask)
        self._tap.writer.write_record(self.name, record, page.read_at.isoformat())
        self.state_manager.is_flushed = False

    @property
    def _all_selected(self) -> bool:
        return all(self.mask.values()) if self.mask else True

    def _write_schema_message(self) -> None:
        schema = get_selected_schema(self.name, self.effective_schema, self.mask)
        schema["properties"][READ_AT] = {"type": ["string", "null"], "format": "date-time"}
        keys = [self.replication_key] if self.replication_key else None
        self._tap.write_message(SchemaMessage(self.name, schema, self.primary_keys, keys))

    def _remember(self, bookmark: datetime | None, reading: Reading | None = None) -> None:
        """Put the bookmark, and what the stream wants to remember, into the state."""
        state = self.stream_state
        if bookmark is not None and self.replication_key:
            state["replication_key"] = self.replication_key
            state[VALUE] = format_time(bookmark)
        if reading is not None and reading.notes is not None:
            state.update(reading.notes())
        self._tap.writer.flush()
        self.state_manager.is_flushed = False
        self._write_state_message()


class _Progress:
    """How far a reading has come, and which bookmark that allows."""

    def __init__(self, stream: CrossdockStream, since: datetime | None) -> None:
        self._stream = stream
        self._key = stream.replication_key
        self._state = stream.stream_state.get(VALUE)
        self._ordered = stream.ascending
        self._limit: datetime | None = None
        self._newest: datetime | None = None
        self._text = ""
        self._saved = 0
        self.count = 0

    def begun(self, page: Page) -> None:
        """A page was read at this time: changes after the first one are not all seen."""
        if page.vendor_time is not None:
            self._limit = min(self._limit or page.vendor_time, page.vendor_time)

    def seen(self, record: Record) -> None:
        """A record has been emitted."""
        self.count += 1
        text = record.get(self._key) if self._key else None
        if not text or text == self._text:
            return
        self._text = text
        value = parse_time(text)
        if self._newest is None or value >= self._newest:
            self._newest = value
        else:
            self._ordered = False

    def due(self) -> bool:
        """Whether a state in between is allowed and worth its line."""
        return self._ordered and self.count - self._saved >= self._stream.checkpoint

    def between(self) -> datetime | None:
        """The bookmark after a page of an ascending reading."""
        self._saved = self.count
        return self._later(self._newest if self._limit is None else self._capped())

    def at_end(self) -> datetime | None:
        """The bookmark after a whole reading."""
        if self._limit is not None:
            return self._later(self._limit - self._stream.lag)
        return self._later(self._newest and self._newest - self._stream.lag)

    def _capped(self) -> datetime | None:
        if self._newest is None or self._limit is None:
            return None
        return min(self._newest, self._limit - self._stream.lag)

    def _later(self, value: datetime | None) -> datetime | None:
        """Never back behind the bookmark that we started from."""
        before = parse_time(self._state) if self._state else None
        return max((time for time in (before, value) if time is not None), default=None)


def parse_time(text: str) -> datetime:
    """An ISO 8601 time; one without a zone is UTC."""
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def format_time(value: datetime) -> str:
    """A time as vendors write it: UTC, with a Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
