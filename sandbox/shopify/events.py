"""What the world says will happen to an order: it is cancelled, fulfilled, refunded."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sandbox.shopify import changes, refunds, totals
from sandbox.shopify.store import Record, Store, stamp
from sandbox.world import cents

if TYPE_CHECKING:
    from sandbox.world import Order

# The share of an order's total that went back where the world says no more than that some did.
GOODWILL = Decimal("0.1")


def add_all(store: Store, order: Record, seed: int) -> None:
    """Add everything that the world knows of an order's later life."""
    world: Order = order["_world"]
    if world.hold_reason:
        changes.hold(order, world.hold_reason, None, order["createdAt"])
    if world.financial_status.upper() == "REFUNDED":
        changes.refund(store, order, order["createdAt"])
    if world.financial_status.upper() == "PARTIALLY_REFUNDED":
        goodwill = refunds.Wanted(amount=cents(totals.total(order) * GOODWILL))
        changes.refund_some(store, order, goodwill, order["createdAt"])
    if world.fulfilled_at:
        ship = partial(
            changes.fulfil,
            store,
            order,
            world.fulfilled_at,
            tracking_number(world, seed),
            world.carrier,
        )
        store.events.add(world.fulfilled_at, "order.fulfilled", ship)
    if world.cancelled_at:
        cancel = partial(changes.cancel, store, order, stamp(world.cancelled_at))
        store.events.add(world.cancelled_at, "order.cancelled", cancel)
    if world.refunded_at:
        refund = partial(changes.refund, store, order, stamp(world.refunded_at))
        store.events.add(world.refunded_at, "order.refunded", refund)


def tracking_number(order: Order, seed: int) -> str:
    """A tracking number that depends on the order and the seed only."""
    digits = random.Random(f"shop {seed} {order.instance} {order.order_id}").randrange(10**10)
    return f"1Z{digits:010d}"
