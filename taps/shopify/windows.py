"""Cuts a long reading into closed windows of time that hold about as many records each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from crossdock.tap import Record, format_time, parse_time

SECOND = timedelta(seconds=1)
MOST_WINDOWS = 64


@dataclass(frozen=True)
class Window:
    """From a time on, up to but without another; None: open at that end."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def search(self) -> str | None:
        """The search that finds what changed in it."""
        parts = []
        if self.start is not None:
            parts.append(f"updated_at:>='{format_time(self.start)}'")
        if self.end is not None:
            parts.append(f"updated_at:<'{format_time(self.end)}'")
        return " AND ".join(parts) or None


Item = TypeVar("Item")
Count = Callable[[Window], int]


def whole(value: datetime) -> datetime:
    """The second that a time is in: searches know no smaller unit."""
    return value.replace(microsecond=0)


def cut(start: datetime, end: datetime, count: Count, least: int) -> Iterator[Window]:
    """Windows that follow each other without a gap.

    They are found by asking for counts, one for about each window, as they are needed.

    Args:
        start: Where the first one begins.
        end: Where the last one ends.
        count: Says how many records a window holds.
        least: Records below which cutting is not worth a question.
    """
    total = count(Window(start, end))
    size = max(least, total // MOST_WINDOWS)
    begun = start
    for piece in _halved(start, end, total, count, size):
        if piece < end:
            yield Window(begun, piece)
            begun = piece
    yield Window(begun, end)


def _halved(
    start: datetime, end: datetime, records: int, count: Count, size: int
) -> Iterator[datetime]:
    """Where windows end. One that is empty is not a window of its own, but part of the next."""
    if records <= 0:
        return
    seconds = int((end - start).total_seconds())
    if records <= size or seconds <= 1:
        yield end
        return
    middle = start + timedelta(seconds=seconds // 2)
    left = count(Window(start, middle))
    yield from _halved(start, middle, left, count, size)
    yield from _halved(middle, end, records - left, count, size)


class Moved:
    """What changes while windows are read leaves its own, and may be in none when that is read.

    A complete reading so ends with what has changed since it began, once all windows are read.

    Args:
        since: When it began, less the time that a change may take to be found.
    """

    def __init__(self, since: datetime) -> None:
        self.since = whole(since)
        self._seen: set[tuple[str, str]] = set()
        self._left = 0
        self._ended = threading.Condition()

    def until_read(self, pages: Iterator[Item]) -> Iterator[Item]:
        """A window's pages; it counts as read when they have ended, whichever way."""
        with self._ended:
            self._left += 1
        return self._counted(pages)

    def _counted(self, pages: Iterator[Item]) -> Iterator[Item]:
        try:
            yield from pages
        finally:
            with self._ended:
                self._left -= 1
                self._ended.notify_all()

    def wait(self, stopping: Callable[[], bool]) -> bool:
        """Wait until all windows are read; False if we are told to end."""
        with self._ended:
            while self._left and not stopping():
                self._ended.wait(0.2)
        return not stopping()

    def unseen(self, nodes: Iterable[Record]) -> list[Record]:
        """Those of some records that were not read before as they are now."""
        found = []
        for node in nodes:
            state = (node["id"], node["updatedAt"])
            if parse_time(node["updatedAt"]) >= self.since:
                if state in self._seen:
                    continue
                self._seen.add(state)
            found.append(node)
        return found
