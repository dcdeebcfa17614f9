"""A small world with awkward records, played by the sandbox, and taps that read it."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from crossdock.tap import schema
from sandbox.server import running
from sandbox.world import Customer, Location, Order, OrderLine, Product, Stock, World
from taps.hubspot.tap import TapHubSpot
from taps.shiphero.tap import TapShipHero
from taps.shopify.tap import TapShopify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossdock.tap import CrossdockTap

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PRODUCTS = [f"SKU-{number:02}" for number in range(1, 31)]
ORDERS = 23
LINES = 13
"""Lines of the first order: more than a page of lists inside records, in every vendor."""

CONFIG: dict[type[CrossdockTap], dict[str, Any]] = {
    TapShopify: {"client_id": "sandbox", "client_secret": "sandbox-secret", "restore_rate": 1000},
    TapHubSpot: {"access_token": "pat-na1-sandbox", "requests_per_10s": 190, "index_lag": 10},
    TapShipHero: {"username": "sandbox@crossdock.test", "password": "sandbox"},
}
TAPS = tuple(CONFIG)
OWN = {own.name for own in (schema.END, schema.IDS, schema.TOTALS, schema.QUARANTINE)}
"""Streams that taps write beside those of their source."""
SECRETS = ("sandbox-secret", "pat-na1-sandbox", "shpat_")

CREATE_ORDER = """
mutation Create($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id } }
}
"""


def world() -> World:
    """Orders that share their times in threes, so that page borders fall between equals."""
    customers = [
        Customer(f"C{n}", f"c{n}@example.com", None, "Ada", f"Number {n}", city="Köln")
        for n in range(11)
    ]
    orders = [
        Order(
            str(1000 + n),
            START + timedelta(hours=n // 3),
            "EUR",
            customer_id=f"C{n % 11}",
            ship_name="Ada Lovelace",
            ship_line1="Lange Straße 5",
            ship_city="Köln",
            ship_country="DE",
            carrier="DHL",
            shipped_at=START + timedelta(days=2),
        )
        for n in range(ORDERS)
    ]
    lines = [
        OrderLine(order.order_id, number + 1, PRODUCTS[number], 1, Decimal("4.50"))
        for n, order in enumerate(orders)
        for number in range(LINES if n == 0 else 1)
    ]
    return World(
        customers=customers,
        products=[Product(sku, title=sku, unit_price=Decimal("4.50")) for sku in PRODUCTS],
        locations=[Location("L1", "Main"), Location("L2", "Second", wms=False)],
        inventory=[Stock(place, sku, 50) for place in ("L1", "L2") for sku in PRODUCTS],
        orders=orders,
        order_lines=lines,
    )


@dataclass
class Played:
    """The sandbox, reached over HTTP."""

    url: str

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def advance(self, **span: float) -> None:
        self.control("advance", hours=timedelta(**span).total_seconds() / 3600)

    def faults(self, *rules: dict[str, Any]) -> None:
        self.control("faults", rules=list(rules))

    def edit(self, vendor: str, object_name: str, **body: Any) -> dict[str, Any]:
        return self.control("edit", vendor=vendor, object=object_name, **body)

    def counters(self, vendor: str) -> dict[str, Any]:
        state: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/state").json()["vendors"][vendor]
        return state

    def config(self, tap: type[CrossdockTap], **more: Any) -> dict[str, Any]:
        base = f"{self.url}/{tap.name.removeprefix('tap-')}"
        return {"api_url": base, "share": 1, **CONFIG[tap], **more}

    def make(self, tap: type[CrossdockTap], state: Any = None, **more: Any) -> CrossdockTap:
        return tap(config=self.config(tap, **more), state=state)

    def read(
        self, tap: type[CrossdockTap], state: Any = None, only: str | None = None, **more: Any
    ) -> Read:
        """Run a tap to its end."""
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(out):
            made = self.make(tap, state, **more)
            for stream in made.streams.values():
                stream.selected = only in (None, stream.name)
            made.sync_all()
            made.client.close()
        out.seek(0)
        return Read([json.loads(line) for line in out])

    def send_to_wms(self, *numbers: int) -> None:
        """Create orders in the WMS, as our target does."""
        client = self.make(TapShipHero).client
        for number in numbers:
            lines = LINES if number == 1000 else 1
            data = {
                "order_number": str(number),
                "partner_order_id": f"shop_{number}",
                "shop_name": "crossdock-main",
                "shipping_address": {"first_name": "Ada", "address1": "Lange Straße 5"},
                "line_items": [
                    {"sku": sku, "quantity": 1, "price": "4.50", "partner_line_item_id": sku}
                    for sku in PRODUCTS[:lines]
                ],
            }
            client.execute(CREATE_ORDER, {"data": data}, stream="orders", write=True)  # type: ignore[attr-defined]


@dataclass
class Read:
    """What a tap wrote."""

    messages: list[dict[str, Any]]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        return self.states[-1]

    @property
    def states(self) -> list[dict[str, Any]]:
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def text(self) -> str:
        return json.dumps(self.messages)

    def records(self, stream: str) -> list[dict[str, Any]]:
        of = [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]
        return [{k: v for k, v in item.items() if k != "_crossdock_read_at"} for item in of]

    @property
    def tables(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The newest record of each key of each stream."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for message in self.messages:
            if message["type"] == "RECORD" and message["stream"] not in OWN:
                record = dict(message["record"])
                record.pop("_crossdock_read_at")
                found.setdefault(message["stream"], {})[record["id"]] = record
        return found

    @property
    def ends(self) -> dict[str, dict[str, Any]]:
        return {end["stream"]: end for end in self.records("_crossdock_end")}


def merged(*reads: Read) -> dict[str, dict[str, dict[str, Any]]]:
    """What a loader holds after these reads."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for read in reads:
        for stream, rows in read.tables.items():
            tables.setdefault(stream, {}).update(rows)
    return tables


@contextmanager
def played(of: World | None = None) -> Iterator[Played]:
    with running(of or world()) as url:
        yield Played(url)
