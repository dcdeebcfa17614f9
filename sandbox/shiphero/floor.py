"""The warehouse floor: takes orders on, picks, packs, labels and hands parcels over."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from sandbox.shiphero import packing
from sandbox.shiphero.models import (
    CANCELED,
    FULFILLED,
    PARTIAL,
    PENDING,
    LineItem,
    Order,
    TotePick,
    global_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.shiphero.known_orders import Known
    from sandbox.shiphero.models import Shipment
    from sandbox.shiphero.stock import Stock

HANDLING = timedelta(hours=1)  # from acceptance, or from the end of a hold, to the label
LOADING = timedelta(minutes=15)  # from the label to the parcel's departure
UNKNOWN_ORDER = timedelta(hours=24)


@dataclass(eq=False)
class Task:
    """Lines of one order that leave together."""

    order: Order
    lines: list[LineItem]
    known: Known | None
    due: datetime


@dataclass(order=True)
class _Event:
    at: datetime
    number: int
    act: Callable[[datetime], bool] = field(compare=False)


class Floor:
    """What happens to orders as time passes.

    An order of the world has its label printed so that it leaves at the world's `shipped_at`,
    but not before the floor had an hour for it. One that the world does not know leaves a day
    later if all of its stock is allocated. What cannot be picked waits for a change.
    """

    def __init__(self, stock: Stock, seed: int, note: Callable[[str, Shipment], None]) -> None:
        self.shipments: list[Shipment] = []
        self._stock = stock
        self.packer = packing.Packer(seed)
        self._note = note
        self._events: list[_Event] = []
        self._numbers = count()
        self._waiting: list[Task] = []

    def accept(self, order: Order, known: Known | None, now: datetime) -> None:
        """Allocate stock to a new order, and plan when its lines leave."""
        groups: dict[datetime, list[LineItem]] = defaultdict(list)
        for line in order.lines:
            self._stock.take_on(order, line, now)
            if known is None:
                groups[now + UNKNOWN_ORDER].append(line)
            elif leaves := known.ships_at(line.sku, line.quantity):
                groups[leaves - LOADING].append(line)
        for wanted in sorted(groups):
            due = max(wanted, now + HANDLING)
            self._plan(Task(order, groups[wanted], known, due))

    def cancel(self, order: Order, now: datetime) -> None:
        """Stop whatever has not left yet."""
        order.fulfillment_status = CANCELED
        order.updated_at = now
        for line in order.lines:
            if line.open:
                line.fulfillment_status = CANCELED
                line.updated_at = now
                self._stock.release(line, now)
        self.retry(now)

    def retry(self, now: datetime) -> None:
        """Look again at what waits, after a hold ended or stock changed."""
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            task.due = max(task.due, now + HANDLING)
            self._plan(task)

    def advance(self, now: datetime) -> int:
        """Do everything that is due; answer how much happened."""
        changes = 0
        while self._events and self._events[0].at <= now:
            event = heapq.heappop(self._events)
            changes += event.act(event.at)
        return changes

    def next_event_at(self) -> datetime | None:
        return self._events[0].at if self._events else None

    def _plan(self, task: Task) -> None:
        self._at(task.due, partial(self._label, task))

    def _at(self, at: datetime, act: Callable[[datetime], bool]) -> None:
        heapq.heappush(self._events, _Event(at, next(self._numbers), act))

    def _label(self, task: Task, at: datetime) -> bool:
        """Pick, pack and label; stock falls now, the parcel leaves a little later."""
        order, lines = task.order, [line for line in task.lines if line.open]
        if not lines or order.done:
            return False
        if order.holds.any or not self._pickable(task, lines):
            self._waiting.append(task)
            return False
        by_warehouse: dict[str, list[LineItem]] = defaultdict(list)
        for line in lines:
            by_warehouse[line.warehouse_id].append(line)
        for warehouse in self._stock.warehouses:
            if here := by_warehouse.get(warehouse.id):
                units = [(line, self._pick(order, line, at)) for line in here]
                shipment = self.packer.pack(order, units, warehouse, task.known, at)
                self.shipments.append(shipment)
                self._note("create", shipment)
                self._at(at + LOADING, partial(self._leave, shipment))
        self._mark(order, at)
        return True

    def _pick(self, order: Order, line: LineItem, at: datetime) -> int:
        """Take a line's units into a tote."""
        row = self._stock.row(line.warehouse_id, line.sku)
        quantity = self._stock.ship(order, line, at)
        if row is not None:
            line.tote_picks.append(
                TotePick(
                    legacy_id=next(self._numbers),
                    sku=line.sku,
                    quantity=quantity,
                    inventory_bin=row.inventory_bin,
                    tote_id=global_id("Tote", order.legacy_id),
                    created_at=at,
                )
            )
        return quantity

    def _pickable(self, task: Task, lines: list[LineItem]) -> bool:
        allocated = task.known is None
        return all(self._stock.can_ship(line, allocated=allocated) for line in lines)

    def _leave(self, shipment: Shipment, at: datetime) -> bool:
        shipment.completed = True
        shipment.order.updated_at = at
        self._note("complete", shipment)
        return True

    def _mark(self, order: Order, at: datetime) -> None:
        order.updated_at = at
        for line in order.lines:
            if line.quantity_shipped and not line.open:
                line.fulfillment_status, line.updated_at = FULFILLED, at
        shipped = any(line.quantity_shipped for line in order.lines)
        still = any(line.open for line in order.lines)
        order.fulfillment_status = (PARTIAL if still else FULFILLED) if shipped else PENDING
