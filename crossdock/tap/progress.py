"""How far a reading has come, and which bookmark that allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crossdock.tap.pages import Part, Record

VALUE = "replication_key_value"


class Progress:
    """What was emitted of one stream.

    A bookmark is a time of the source's own clock up to which every change has been emitted:
    the time at which the reading began, less the stream's lag. Changes made while we read may
    or may not have been seen, so the next reading starts before them.

    Args:
        key: Name of the field that holds the time of a record's last change.
        bookmark: The bookmark that the reading began at.
        lag: How long a change may take until a reading finds it.
    """

    def __init__(self, *, key: str | None, bookmark: str | None, lag: timedelta) -> None:
        self._key = key
        self._before = parse_time(bookmark) if bookmark else None
        self._lag = lag
        self._limit: datetime | None = None
        self._newest: datetime | None = None
        self._text = ""
        self._ended: dict[int, Part] = {}
        self._next = 0
        self._until: datetime | None = None
        self.count = 0
        """Records that were emitted."""

    def begun(self, vendor_time: datetime | None) -> None:
        """A page was read at this time: changes after the first one are not all seen."""
        if vendor_time is not None:
            self._limit = min(self._limit or vendor_time, vendor_time)

    def seen(self, record: Record) -> None:
        """A record has been emitted."""
        self.count += 1
        text = record.get(self._key) if self._key else None
        if not text or text == self._text:
            return
        self._text = text
        value = parse_time(text)
        self._newest = max(self._newest or value, value)

    def done(self, number: int, part: Part) -> bool:
        """A part has ended; whether it and all before it allow a later bookmark."""
        self._ended[number] = part
        found = False
        while (ended := self._ended.pop(self._next, None)) is not None:
            self._next += 1
            if ended.until is not None:
                self._until, found = ended.until, True
        return found

    def between(self) -> datetime | None:
        """The bookmark after the parts that have ended."""
        return self._later(self._capped(self._until))

    def at_end(self) -> datetime | None:
        """The bookmark after a whole reading."""
        if self._limit is not None:
            return self._later(self._limit - self._lag)
        return self._later(self._newest and self._newest - self._lag)

    def _capped(self, value: datetime | None) -> datetime | None:
        if value is None or self._limit is None:
            return None
        return min(value, self._limit - self._lag)

    def _later(self, value: datetime | None) -> datetime | None:
        """Never back behind the bookmark that we started from."""
        return max((time for time in (self._before, value) if time is not None), default=None)


def parse_time(text: str) -> datetime:
    """An ISO 8601 time; one without a zone is UTC."""
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def format_time(value: datetime) -> str:
    """A time as vendors write it: UTC, with a Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
