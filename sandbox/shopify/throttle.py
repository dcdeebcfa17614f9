"""The leaky bucket of one app at one shop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PLUS_CAPACITY = 20_000.0
PLUS_RATE = 1_000.0


class Bucket:
    """Points that a query takes and that come back with time.

    Attributes:
        consumed: What all queries have cost so far.
    """

    def __init__(
        self,
        capacity: float = PLUS_CAPACITY,
        rate: float = PLUS_RATE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.capacity = capacity
        self.rate = rate
        self._monotonic = monotonic
        self.consumed = 0.0
        self._level = capacity
        self._seen = monotonic()

    def take(self, cost: float) -> bool:
        """Take points; False, and none taken, if there are not enough."""
        if cost > self._now():
            return False
        self._level -= cost
        self.consumed += cost
        return True

    def give_back(self, points: float) -> None:
        """Return what was charged but not used."""
        self.consumed -= points
        self._level = min(self.capacity, self._now() + points)

    def status(self) -> dict[str, Any]:
        """The `throttleStatus` of an answer."""
        return {
            "maximumAvailable": self.capacity,
            "currentlyAvailable": int(self._now()),
            "restoreRate": self.rate,
        }

    def _now(self) -> float:
        now = self._monotonic()
        self._level = min(self.capacity, self._level + (now - self._seen) * self.rate)
        self._seen = now
        return self._level
