"""A ShipHero account of any size, whose people work while a tap reads it."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from played import CREATE_ORDER, Played, Read

from sandbox.app import build
from sandbox.core import Sandbox
from sandbox.server import serving
from sandbox.shiphero import ShipHeroVendor, resolvers
from sandbox.shiphero import credits as sandbox_credits
from sandbox.world import Location, Order, OrderLine, Product, Stock, World
from taps.shiphero.client import ShipHeroClient
from taps.shiphero.tap import TapShipHero

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def world(products: int, places: int = 1, orders: int = 0) -> World:
    """Order 1000 + n holds one unit of SKU n; of order 77 the second line waits for 100 days."""
    skus = [f"SKU-{n:05}" for n in range(products)]
    locations = [Location(f"L{n}", f"Place {n}") for n in range(places)]
    return World(
        customers=[],
        products=[Product(sku, title=sku, unit_price=Decimal("4.50")) for sku in skus],
        locations=locations,
        inventory=[Stock(place.location_id, sku, 50) for place in locations for sku in skus],
        orders=[
            Order(str(1000 + n), START, "EUR", carrier="DHL", shipped_at=START + timedelta(days=2))
            for n in range(orders)
        ]
        + [Order("77", START, "EUR", carrier="DHL", shipped_at=START + timedelta(days=2))],
        order_lines=[
            OrderLine(str(1000 + n), 1, skus[n % products], 1, Decimal("4.50"))
            for n in range(orders)
        ]
        + [
            OrderLine("77", 1, skus[1], 1, Decimal("4.50")),
            OrderLine("77", 2, skus[2], 1, Decimal("4.50"), shipped_at=START + timedelta(days=100)),
        ],
    )


@dataclass
class Account(Played):
    """The sandbox with its WMS at hand."""

    wms: ShipHeroVendor

    def do(self, object_name: str, number: str | None = None, **changes: Any) -> dict[str, Any]:
        body = {"object": object_name, "set": changes}
        return self.wms.edit(body if number is None else {**body, "number": number})

    def send(self, number: int, *skus: str) -> None:
        """Create an order in the WMS, as our target does."""
        data = {
            "order_number": str(number),
            "partner_order_id": f"shop_{number}",
            "shop_name": "crossdock-main",
            "shipping_address": {"first_name": "Ada", "address1": "Lange Straße 5"},
            "line_items": [
                {"sku": sku, "quantity": 1, "price": "4.50", "partner_line_item_id": sku}
                for sku in skus
            ],
        }
        client = self.make(TapShipHero).client
        client.execute(CREATE_ORDER, {"data": data}, stream="orders", write=True)  # type: ignore[attr-defined]

    def listed(self, stream: str) -> dict[str, Any]:
        """What the account holds, read in full while nothing happens."""
        return self.read(TapShipHero, only=stream).tables.get(stream, {})

    def order(self, number: int) -> dict[str, Any]:
        orders = self.wms.state()["orders"]
        return next(o for o in orders if o["partner_order_id"] == f"shop_{number}")


@contextmanager
def account(played: World) -> Iterator[Account]:
    sandbox = Sandbox.of(played)
    wms = ShipHeroVendor(sandbox)
    sandbox.add(wms)
    with serving(build(sandbox)) as url:
        yield Account(url, wms)


def grant(monkeypatch: pytest.MonkeyPatch, most: int, rate: int) -> None:
    """Give the account other limits than usual."""
    for module in (sandbox_credits, resolvers):
        monkeypatch.setattr(module, "MAX_CREDITS", most)
        monkeypatch.setattr(module, "PER_SECOND", rate)


def after_each_answer(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    original = ShipHeroClient.on_response

    def noted(self: ShipHeroClient, response: Any, cost: float) -> None:
        original(self, response, cost)
        act()

    monkeypatch.setattr(ShipHeroClient, "on_response", noted)


class People:
    """Change, add and delete at random."""

    def __init__(self, account: Account, seed: int = 7) -> None:
        self._account = account
        self._random = random.Random(seed)
        self.skus = [row["sku"] for row in account.wms.state()["stock"]]
        self.changes = 0
        self._lock = threading.Lock()

    def work(self, changes: int) -> None:
        with self._lock:
            for _ in range(changes):
                self.changes += 1
                self._one()

    def _one(self) -> None:
        act = self._random.choice(("name", "count", "count", "delete", "add"))
        if act == "add":
            sku = f"NEW-{self.changes}"
            self._account.do("product", sku, create=True, name="New")
            self.skus.append(sku)
            return
        sku = self._random.choice(self.skus)
        if act == "name":
            self._account.do("product", sku, name=f"Name {self.changes}")
        elif act == "count":
            self._account.do("warehouse_product", sku, on_hand=self._random.randrange(99))
        else:
            self._account.do("product", sku, deleted=True)
            self.skus.remove(sku)


def loaded(*reads: Read) -> dict[str, dict[str, dict[str, Any]]]:
    """What a loader holds after these reads: what is swept away is gone."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for read in reads:
        for stream, rows in read.tables.items():
            tables.setdefault(stream, {}).update(rows)
        for stream, end in read.ends.items():
            if end["full"]:
                keep = set(read.tables.get(stream, {}))
            elif end["swept"]:
                ids = read.records("_crossdock_ids")
                keep = {row["key"] for row in ids if row["stream"] == stream}
            else:
                continue
            rows = tables.get(stream, {})
            tables[stream] = {key: row for key, row in rows.items() if key in keep}
    return tables
