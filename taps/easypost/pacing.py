"""Keeps requests apart by when they really leave.

A bucket says when the next request may leave, but a thread wakes up late now and then: that
request comes close to the next one, and a limit of so many in any second is broken by a hair.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from crossdock.http.limits import Limiter


class Paced:
    """A limiter that also leaves a gap after each request.

    Args:
        inner: The account's bucket, which all processes share.
        gap: Seconds between two requests of this process.
        monotonic: Clock; injected by tests.
        sleep: Waits; injected by tests.
    """

    def __init__(
        self,
        inner: Limiter,
        gap: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._inner = inner
        self._gap = gap
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = float("-inf")

    @property
    def rate(self) -> float:
        """What drips in each second, of our share."""
        return self._inner.rate

    def acquire(self, cost: float = 1.0) -> None:
        """Charge the cost, wait until it is covered, and until the last request is long enough ago.

        A request that costs nothing needs no gap.
        """
        self._inner.acquire(cost)
        if not cost:
            return
        with self._lock:
            early = self._next - self._monotonic()
            if early > 0:
                self._sleep(early)
            self._next = self._monotonic() + self._gap

    def refund(self, cost: float) -> None:
        """Give back what a request was charged too much."""
        self._inner.refund(cost)

    def correct(self, remaining: float) -> None:
        """Lower the level to what the vendor says is left."""
        self._inner.correct(remaining)

    def learn(self, capacity: float, rate: float) -> None:
        """Take over the limits of the account's plan."""
        self._inner.learn(capacity, rate)

    def believe(self, remaining: float, capacity: float, rate: float) -> None:
        """Set the level to what the vendor says is left."""
        self._inner.believe(remaining, capacity, rate)

    def pause(self, seconds: float) -> None:
        """Let nobody through for that long."""
        self._inner.pause(seconds)
