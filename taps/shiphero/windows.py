"""Cuts a long reading into spans of time, so that it can go on where it was broken off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from crossdock import clock
from crossdock.tap import Item, Page

_FURTHEST = timedelta(days=12 * 365)
_STEPS = (timedelta(0), timedelta(days=1), timedelta(days=7))
_WAIT = 0.25


@dataclass(frozen=True)
class Window:
    """A span of time; None: open at that side.

    Attributes:
        since: Records from this time on.
        until: Records before this time.
    """

    since: datetime | None
    until: datetime | None


def edges(since: datetime | None, horizon: datetime, longest: timedelta) -> list[datetime]:
    """Times at which to cut, oldest first: close to each other near the horizon.

    Args:
        since: Where the reading begins; None: as far back as there is anything.
        horizon: What happened before this time is settled.
        longest: The longest span between two of them.
    """
    earliest = since or horizon - _FURTHEST
    if since is not None and horizon - since <= _STEPS[1]:
        return []
    backwards = [horizon - step for step in _STEPS]
    while backwards[-1] - longest > earliest:
        backwards.append(backwards[-1] - longest)
    return [edge for edge in reversed(backwards) if edge > earliest]


def windows(since: datetime | None, cuts: Sequence[datetime]) -> list[Window]:
    """The spans between cuts; the last one is open."""
    return [Window(start, end) for start, end in pairwise((since, *cuts, None))]


def from_first(cuts: Sequence[datetime], anything: Callable[[datetime], bool]) -> list[datetime]:
    """The cuts that have something before them.

    Args:
        cuts: Cuts, oldest first.
        anything: Whether there is a record up to a time.
    """
    if not cuts or not anything(cuts[-1]):
        return []
    low, high = 0, len(cuts) - 1
    while low < high:
        middle = (low + high) // 2
        if anything(cuts[middle]):
            high = middle
        else:
            low = middle + 1
    return list(cuts[low:])


class Barrier:
    """Lets the last part of a reading wait until the others are read."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = 0

    def counted(self, items: Iterator[Item]) -> Iterator[Item]:
        """A part that is waited for. It counts from now on, not from when it is begun."""
        with self._changed:
            self._open += 1
        return self._until_read(items)

    def _until_read(self, items: Iterator[Item]) -> Iterator[Item]:
        try:
            yield from items
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def wait(self) -> Iterator[Item]:
        """Empty pages until all counted parts are read: whoever takes them may stop us."""
        while True:
            with self._changed:
                if not self._open or self._changed.wait_for(lambda: not self._open, _WAIT):
                    return
            yield Page((), clock.real_now())
