"""Keeping a vendor's limit before it is hit: token buckets, one for each account.

A bucket is charged at once, into debt if need be, and answers how long to wait. So waiting
requests stand in line instead of racing for what drips in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

Sleep = Callable[[float], object]


class Limiter(Protocol):
    """What a client asks before each request."""

    @property
    def rate(self) -> float:
        """What the account gives us each second."""
        ...

    def acquire(self, cost: float = 1.0) -> None:
        """Charge the cost, and wait until it is covered."""
        ...

    def refund(self, cost: float) -> None:
        """Give back what a request was charged too much."""
        ...

    def correct(self, remaining: float) -> None:
        """Lower the level to what the vendor says is left; a higher figure changes nothing."""
        ...

    def learn(self, capacity: float, rate: float) -> None:
        """Take over the limits of the account's plan, as the vendor states them."""
        ...

    def believe(self, remaining: float, capacity: float, rate: float) -> None:
        """Set the level to what the vendor says is left, less what others are to find."""
        ...

    def pause(self, seconds: float) -> None:
        """Let nobody through for that long: the vendor says that its limit is reached."""
        ...


class BucketStore(Protocol):
    """Buckets that several processes share; each call is one transaction.

    A bucket that does not exist yet is full. The level grows by `rate` a second up to
    `capacity` from the time of its last change.
    """

    def take(self, name: str, cost: float, capacity: float, rate: float, now: float) -> float:
        """Charge the cost at once, into debt if need be; a negative cost gives back.

        Returns:
            Seconds until the bucket is out of debt: 0 while the level is not negative.
        """
        ...

    def correct(self, name: str, level: float, capacity: float, rate: float, now: float) -> None:
        """Lower the level to this if it is higher."""
        ...


class MemoryStore:
    """Buckets of one process; the model of how a store counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, cost: float, capacity: float, rate: float, now: float) -> float:
        """Charge the cost at once."""
        with self._lock:
            level = min(capacity, self._level(name, capacity, rate, now) - cost)
            self._buckets[name] = (level, now)
        return max(0.0, -level / rate)

    def correct(self, name: str, level: float, capacity: float, rate: float, now: float) -> None:
        """Lower the level to this if it is higher."""
        with self._lock:
            current = self._level(name, capacity, rate, now)
            self._buckets[name] = (min(current, level), now)

    def _level(self, name: str, capacity: float, rate: float, now: float) -> float:
        level, at = self._buckets.get(name, (capacity, now))
        return min(capacity, level + max(0.0, now - at) * rate)


class Bucket:
    """A limiter over a store.

    Args:
        name: Account and limit, such as `shopify:main/points`.
        capacity: What the vendor allows at once.
        rate: What the vendor adds each second.
        share: The part of both that is ours; other apps live on the same account.
        store: Where the level is kept.
        clock: Time that the store's processes agree on.
        sleep: Waits; injected by tests.
    """

    def __init__(
        self,
        name: str,
        *,
        capacity: float,
        rate: float,
        share: float = 1.0,
        store: BucketStore,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {share}")
        self.name = name
        self.share = share
        self.capacity = capacity * share
        self._rate = rate * share
        self._store = store
        self._clock = clock
        self._sleep = sleep

    @property
    def rate(self) -> float:
        """What drips in each second, of our share."""
        return self._rate

    def acquire(self, cost: float = 1.0) -> None:
        """Charge the cost, and wait until it is covered."""
        wait = self._store.take(self.name, cost, self.capacity, self.rate, self._clock())
        if wait > 0:
            self._sleep(wait)

    def refund(self, cost: float) -> None:
        """Give back what a request was charged too much; charge what it was too little."""
        if cost:
            self._store.take(self.name, -cost, self.capacity, self.rate, self._clock())

    def learn(self, capacity: float, rate: float) -> None:
        """Take over the limits of the account's plan, as the vendor states them.

        A larger bucket than was assumed is as full as it would have been; `correct` says
        what others have taken from it.
        """
        growth = capacity * self.share - self.capacity
        self.capacity = capacity * self.share
        self._rate = rate * self.share
        if growth > 0:
            self._store.take(self.name, -growth, self.capacity, self.rate, self._clock())

    def correct(self, remaining: float) -> None:
        """Lower the level to what the vendor says is left."""
        if remaining < self.capacity:
            self._correct(remaining)

    def believe(self, remaining: float, capacity: float, rate: float) -> None:
        """Set the level to what the vendor says is left, less what others are to find.

        Only for a moment at which nothing of ours is under way: the vendor does not know yet
        what a request will cost that is still on its way.
        """
        self.learn(capacity, rate)
        full = -2 * self.capacity  # whatever the debt was
        self._store.take(self.name, full, self.capacity, self.rate, self._clock())
        self._correct(max(0.0, remaining - (capacity - self.capacity)))

    def pause(self, seconds: float) -> None:
        """Let nobody through for that long."""
        self._correct(-seconds * self.rate)

    def _correct(self, level: float) -> None:
        self._store.correct(self.name, level, self.capacity, self.rate, self._clock())


class LocalLimiter(Bucket):
    """A bucket that only this process knows."""

    def __init__(
        self,
        name: str = "local",
        *,
        capacity: float,
        rate: float,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        super().__init__(
            name,
            capacity=capacity,
            rate=rate,
            share=share,
            store=MemoryStore(),
            clock=clock,
            sleep=sleep,
        )


class SharedLimiter(Bucket):
    """A bucket that all processes on one account share.

    Each change of it is a transaction on disk. So what is given back goes with the next
    charge, and the vendor's own level is noted once a second; a process that ends with
    something left to give back has waited a little longer than it had to, that is all.
    """

    _EVERY = 1.0

    def __init__(
        self,
        name: str,
        *,
        capacity: float,
        rate: float,
        share: float = 1.0,
        store: BucketStore,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        super().__init__(
            name,
            capacity=capacity,
            rate=rate,
            share=share,
            store=store,
            clock=clock,
            sleep=sleep,
        )
        self._lock = threading.Lock()
        self._owed = 0.0
        self._corrected_at = float("-inf")

    def acquire(self, cost: float = 1.0) -> None:
        """Charge the cost less what is owed to us, and wait until it is covered."""
        with self._lock:
            owed, self._owed = self._owed, 0.0
        super().acquire(cost - owed)

    def refund(self, cost: float) -> None:
        """Remember what a request was charged too much."""
        with self._lock:
            self._owed += cost

    def correct(self, remaining: float) -> None:
        """Lower the level to what the vendor says is left, once a second."""
        now = self._clock()
        with self._lock:
            if now - self._corrected_at < self._EVERY:
                return
            self._corrected_at = now
        super().correct(remaining)


class DayCap:
    """How many requests may leave in a day, counted from midnight UTC; none waits for it.

    Args:
        name: Account and limit, such as `hubspot:main/day`.
        limit: What the vendor allows in a day.
        share: The part of it that is ours.
        store: Where it is counted; all processes on the account share it.
        clock: Real time in seconds since 1970.
    """

    _NEVER = 1e-12  # within the day nothing drips in

    def __init__(
        self,
        name: str,
        *,
        limit: float,
        share: float = 1.0,
        store: BucketStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.limit = limit * share
        self._others = limit - self.limit
        self._name = name
        self._store = store or MemoryStore()
        self._clock = clock

    def take(self, cost: float = 1.0) -> bool:
        """Count a request; False if the day has no room for it, and then it is not counted."""
        now = self._clock()
        if self._store.take(self._today(now), cost, self.limit, self._NEVER, now) <= 0:
            return True
        self._store.take(self._today(now), -cost, self.limit, self._NEVER, now)
        return False

    def correct(self, remaining: float) -> None:
        """Believe the vendor's own count of what is left, less what others are to find."""
        now, left = self._clock(), max(0.0, remaining - self._others)
        self._store.correct(self._today(now), left, self.limit, self._NEVER, now)

    def _today(self, now: float) -> str:
        return f"{self._name}/{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"


def shared_limiter(
    name: str, capacity: float, rate: float, share: float, store: BucketStore | None
) -> Limiter:
    """The bucket in the store, or one of our own where there is no store."""
    if store is None:
        return LocalLimiter(name, capacity=capacity, rate=rate, share=share)
    return SharedLimiter(name, capacity=capacity, rate=rate, share=share, store=store)
