"""What is due at a shop, and when."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Change = Callable[[], object]


class Events:
    """Changes that are due at a time, earliest first."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, str, Change]] = []
        self._serial = itertools.count()

    def add(self, at: datetime, what: str, change: Change) -> None:
        heapq.heappush(self._due, (at, next(self._serial), what, change))

    @property
    def next_at(self) -> datetime | None:
        return self._due[0][0] if self._due else None

    def run_until(self, now: datetime) -> list[str]:
        """Let everything happen that is due; answers what did."""
        done = []
        while self._due and self._due[0][0] <= now:
            _, _, what, change = heapq.heappop(self._due)
            change()
            done.append(what)
        return done
