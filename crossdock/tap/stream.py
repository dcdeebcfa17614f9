"""A stream that reads pages, and whose bookmark never runs past what was emitted."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Collection, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers._catalog import get_selected_schema, pop_deselected_record_properties
from singer_sdk.singerlib import SchemaMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from crossdock.tap.emission import Emission, emit
from crossdock.tap.pages import IdPage, Reading, Record, Total
from crossdock.tap.progress import VALUE, format_time, parse_time
from crossdock.tap.schema import READ_AT

if TYPE_CHECKING:
    from crossdock.tap.base import CrossdockTap


class CrossdockStream(Stream):
    """A stream of one object; subclasses say how its pages are read."""

    lag: timedelta = timedelta(seconds=30)
    """How long a change may take until a reading finds it."""

    awaited: bool = True
    """Whether the source is stale without it; syncs wait for a source that is."""

    _tap: CrossdockTap

    def __init__(self, tap: CrossdockTap) -> None:
        super().__init__(tap)
        self._refused: deque[Record] = deque()
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

    def totals(self, reading: Reading) -> Iterator[Total]:
        """The source's own counts and sums over closed windows, where it gives them.

        Args:
            reading: The reading that goes on beside; its parts are not to be touched.
        """
        return iter(())

    def sweep(self) -> Iterator[IdPage] | None:
        """Keys of all records that exist now, as cheaply as the source allows.

        What is not among them is marked as deleted. None: the source cannot tell, or a full
        reading is cheap and every reading is one.
        """
        return None

    def quarantine(
        self, reason: str, excerpt: str = "", *, key: str | None = None, place: str | None = None
    ) -> None:
        """Keep what cannot become a record, for a person to see; from any thread.

        Args:
            reason: Why not, without anything personal.
            excerpt: What came, cut to 64 KiB.
            key: Key of the record, if it is known.
            place: Where it stands, such as a file's name and a line number.
        """
        row = {"stream": self.name, "key": key, "reason": reason}
        self._refused.append({**row, "excerpt": excerpt, "place": place})

    def take_refused(self) -> list[Record]:
        """What went to quarantine since the last time."""
        return [self._refused.popleft() for _ in range(len(self._refused))]

    def selected_fields(self) -> Collection[str]:
        """Names of the top-level fields that the catalog selects."""
        names: Collection[str] = self.schema["properties"].keys()
        if self._all_selected:
            return names
        kept = {*self.primary_keys, self.replication_key}
        return {name for name in names if name in kept or self.mask["properties", name]}

    def get_records(self, context: Any) -> Generator[Record, None, None]:
        """The records of one reading, each with the time at which it was read."""
        yield from emit([Emission(self, write=False)], self._tap)

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
        yield from emit([Emission(self, write=write_messages)], self._tap)

    @property
    def tap(self) -> CrossdockTap:
        """The tap that the stream belongs to."""
        return self._tap

    def announce(self) -> None:
        """Write the schema message."""
        self._write_schema_message()

    def leave_out_deselected(self, record: Record) -> None:
        """Take out what the catalog does not select."""
        if not self._all_selected:
            pop_deselected_record_properties(record, self.schema, self.mask)

    @property
    def _all_selected(self) -> bool:
        return all(self.mask.values()) if self.mask else True

    def _write_schema_message(self) -> None:
        schema = get_selected_schema(self.name, self.effective_schema, self.mask)
        schema["properties"][READ_AT] = {"type": ["string", "null"], "format": "date-time"}
        keys = [self.replication_key] if self.replication_key else None
        self._tap.write_message(SchemaMessage(self.name, schema, self.primary_keys, keys))

    def remember(self, bookmark: datetime | None, notes: Mapping[str, Any]) -> None:
        """Put the bookmark, and what else is to be remembered, into the state."""
        state = self.stream_state
        if bookmark is not None and self.replication_key:
            state["replication_key"] = self.replication_key
            state[VALUE] = format_time(bookmark)
        state.update(notes)
        self._tap.writer.flush()
        self.state_manager.is_flushed = False
        self._write_state_message()
