"""A small world, and its CRM and WMS served over HTTP with a clock that only tests move."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.app import build
from sandbox.core import Clock, Effects, Sandbox
from sandbox.faults import Faults
from sandbox.hubspot import HubSpotVendor
from sandbox.server import serving
from sandbox.shiphero import ShipHeroVendor
from sandbox.world import Customer, Location, Order, OrderLine, Product, SkuMap, Stock, World

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREATE = """mutation($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id legacy_id fulfillment_status } } }"""
ORDERS = """query($partner: String, $from: ISODateTime) {
  orders(partner_order_id: $partner, updated_from: $from) { complexity data(first: 20) {
    pageInfo { hasNextPage endCursor }
    edges { node { id order_number partner_order_id fulfillment_status flagged updated_at
      shipping_address { first_name address1 address2 city }
      holds { fraud_hold }
      line_items(first: 10) { edges { node { id sku quantity quantity_allocated quantity_shipped
        quantity_pending_fulfillment backorder_quantity fulfillment_status } } }
      shipments { id completed total_packages
        shipping_labels { id carrier tracking_number package_number }
        line_items(first: 10) { edges { node { line_item_id quantity shipping_label_id } } } }
    } } } } }"""


def small_world() -> World:
    """Two products, two places, one of them not the WMS's, and a few orders."""
    days = timedelta(days=1)

    def order(number: str, shipped: datetime | None = START + days, **more: Any) -> Order:
        return Order(
            order_id=number,
            placed_at=more.pop("placed_at", START),
            currency="USD",
            carrier="Swift Post",
            shipped_at=shipped,
            customer_id="C1",
            **more,
        )

    def line(number: str, sku: str, quantity: int, **more: Any) -> OrderLine:
        return OrderLine(
            order_id=number,
            line_number=more.pop("line_number", 1),
            sku=sku,
            quantity=quantity,
            unit_price=Decimal("5.00"),
            **more,
        )

    return World(
        customers=[
            Customer("C1", "Ana@Example.com", "+49 30 1234567", "Ana", "Müller", None,
                     "Lange Straße 5", "Hinterhaus", "Köln", None, "50667", "Germany"),
            Customer("C2", None, "+1 415 555 0123", "Robert", "Hendrickson", "Acme",
                     "12 Market Street", None, "San Francisco", "CA", "94103", "United States"),
            Customer("C3", "bo@example.com", None, "Bo", "Li", None,
                     None, None, None, None, None, None),
        ],
        products=[Product("A-1", "0001", "Apple", Decimal(150)), Product("B-2", None, "Bread")],
        locations=[Location("L1", "Main"), Location("L2", "Elsewhere", wms=False)],
        inventory=[Stock("L1", "A-1", 10), Stock("L1", "B-2", 0), Stock("L2", "A-1", 7)],
        orders=[
            order("1001"),
            order("1002", parcels=3),
            order("1003"),
            order("1004", shipped=None),
            order("1005"),
        ],
        order_lines=[
            line("1001", "A-1", 2),
            line("1002", "A-1", 4),
            line("1003", "A-1", 1),
            line("1003", "B-2", 1, line_number=2, shipped_at=START + 3 * days),
            line("1004", "A-1", 99),
            line("1005", "BOX", 2),
        ],
        sku_map=[SkuMap("BOX", "A-1", quantity=2), SkuMap("BOX", "B-2", quantity=1)],
        strangers=8,
    )  # fmt: skip


class Still(Clock):
    """A clock that stands until somebody advances it."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start, monotonic=lambda: 0.0)


class Served:
    """The sandbox and its address."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self.url = url
        self.hubspot = f"{url}/hubspot"
        self.http = httpx.Client(base_url=url)

    def advance(self, *, hours: float = 0, seconds: float = 0) -> dict[str, Any]:
        body = {"hours": hours + seconds / 3600}
        return self.http.post("/_sandbox/advance", json=body).json()

    def edit(self, **body: Any) -> httpx.Response:
        return self.http.post("/_sandbox/edit", json=body)

    def state(self, vendor: str) -> dict[str, Any]:
        return self.http.get("/_sandbox/state").json()["vendors"][vendor]

    def login(self) -> str:
        body = {"username": "sandbox@crossdock.test", "password": "sandbox"}
        token = self.http.post("/shiphero/auth/token", json=body).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return str(token)

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        response = self.http.post(
            "/shiphero/graphql", json={"query": query, "variables": variables}
        )
        assert response.status_code == 200, response.text
        return response.json()

    def send(self, number: str, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
        """Create an order as our target does."""
        data = {
            "order_number": number,
            "partner_order_id": f"shop_{number}",
            "shop_name": "crossdock-main",
            "shipping_address": {"first_name": "Ana", "address1": "Lange Straße 5"},
            "line_items": [
                {"sku": sku, "quantity": n, "price": "5.00", "partner_line_item_id": f"{i}"}
                for i, (sku, n) in enumerate(lines)
            ],
        }
        return self.graphql(CREATE, data=data | more)

    def send_paced(self, number: str, *lines: tuple[str, int], **more: Any) -> None:
        """Create an order, waiting once if credits have run out."""
        answer = self.send(number, *lines, **more)
        if "errors" in answer:
            assert answer["errors"][0]["code"] == 30
            self.advance(seconds=60)
            assert "errors" not in self.send(number, *lines, **more)

    def order(self, partner: str) -> dict[str, Any]:
        """The only order with this partner_order_id."""
        edges = self.graphql(ORDERS, partner=partner)["data"]["orders"]["data"]["edges"]
        assert len(edges) == 1
        return edges[0]["node"]


@contextmanager
def served(world: World | None = None, seed: int = 0) -> Iterator[Served]:
    clock = Still(START)
    sandbox = Sandbox(world or small_world(), clock, Effects(clock), Faults(), seed)
    sandbox.add(HubSpotVendor(sandbox))
    sandbox.add(ShipHeroVendor(sandbox))
    with serving(build(sandbox)) as url:
        running = Served(sandbox, url)
        with running.http:
            yield running
