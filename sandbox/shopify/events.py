"""What the world says will happen to an order: it is cancelled, fulfilled, refunded."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.shopify import changes
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from sandbox.world import Order

Change = Callable[[], None]


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


def add_all(events: Events, store: Store, order: Record, seed: int) -> None:
    """Add everything that the world knows of an order's later life."""
    world: Order = order["_world"]
    if world.hold_reason:
        changes.hold(order, world.hold_reason, None, order["createdAt"])
    if world.fulfilled_at:
        at, number = stamp(world.fulfilled_at), tracking_number(world, seed)
        events.add(
            world.fulfilled_at,
            "order.fulfilled",
            lambda: changes.fulfil(store, order, at, number, world.carrier),
        )
    if world.cancelled_at:
        cancelled = stamp(world.cancelled_at)
        events.add(
            world.cancelled_at, "order.cancelled", lambda: changes.cancel(store, order, cancelled)
        )
    if world.refunded_at:
        refunded = stamp(world.refunded_at)
        events.add(world.refunded_at, "order.refunded", lambda: changes.refund(order, refunded))


def tracking_number(order: Order, seed: int) -> str:
    """A tracking number that depends on the order and the seed only."""
    digits = random.Random(f"shop {seed} {order.instance} {order.order_id}").randrange(10**10)
    return f"1Z{digits:010d}"
