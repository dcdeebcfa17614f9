"""A small world with two shops, and a shop served over HTTP."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.app import build
from sandbox.core import Clock, Effects, Sandbox
from sandbox.faults import Faults
from sandbox.server import serving
from sandbox.shopify import ShopifyVendor
from sandbox.shopify.auth import STATIC_TOKEN
from sandbox.world import Customer, Location, Order, OrderLine, Product, SkuMap, Stock, World

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
API = "/admin/api/2026-10/graphql.json"
RUN = """mutation Run($query: String!, $grouped: Boolean!) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status } userErrors { field message code } } }"""
POLL = """query Poll($id: ID!) { bulkOperation(id: $id) {
  id type status errorCode createdAt completedAt objectCount rootObjectCount fileSize url
  partialDataUrl query } }"""


def order(order_id: str, hours_ago: float = 0, **fields: Any) -> Order:
    usual: dict[str, Any] = {
        "placed_at": START - timedelta(hours=hours_ago),
        "currency": "USD",
        "customer_id": "7",
        "shipping_price": Decimal("4.90"),
        "ship_name": "Ana Lucía Müller",
        "ship_line1": "Lange Straße 5",
        "ship_city": "Köln",
        "ship_postal_code": "50667",
        "ship_country": "Germany",
    }
    return Order(order_id=order_id, **usual | fields)


def line(
    order_id: str, number: int, sku: str | None, quantity: int = 1, **fields: Any
) -> OrderLine:
    usual: dict[str, Any] = {"unit_price": Decimal("5.25")}
    return OrderLine(order_id, number, sku, quantity, **usual | fields)


def world() -> World:
    """Orders whose numbers say what they are about: 1001 is plain, see the comments."""
    return World(
        customers=[
            Customer("7", "ana@example.com", "+49 30 1234567", "Ana", "Müller", None,
                     "Lange Straße 5", None, "Köln", None, "50667", "Germany"),
            Customer("BOLI", None, None, "Bo", "Li", "Li & Co", "12 Market Street", "Floor 3",
                     "San Francisco", "CA", "94103", "USA"),
        ],
        products=[
            Product("A-1", "850001000017", "Apple", Decimal(150), Decimal("5.25")),
            Product("B-2", None, "Bread", None, Decimal("3.00"), discontinued=True),
        ],
        locations=[Location("L1", "Main"), Location("L2", "Elsewhere", wms=False)],
        inventory=[Stock("L1", "A-1", 10), Stock("L1", "B-2", 0), Stock("L2", "A-1", 7)],
        orders=[
            order("1001", 50, shipped_at=START + timedelta(hours=5)),
            order("1002", 49, customer_id=None, email="guest@example.com", phone="+1 415 555 0123"),
            order("1003", 48),  # from two locations
            order("1004", 47, hold_reason="HIGH_RISK_OF_FRAUD"),
            order("1005", 46, cancelled_at=START - timedelta(hours=40)),
            order("1006", 45, fulfilled_at=START - timedelta(hours=30), carrier="UPS"),
            order("1007", 44, delivery_method="PICK_UP"),
            order("1008", 43, financial_status="PENDING"),
            order("1009", 42, refunded_at=START + timedelta(hours=10)),
            order("1010", 41, test=True, note="only a test"),
            order("1001", 40, instance="eu", currency="EUR"),
            order("WEB-5"),
        ],
        order_lines=[
            line("1001", 1, "A-1", 2),
            line("1001", 2, "KIT", 1, unit_price=Decimal("33.33"), discount_rate=Decimal("0.15")),
            line("1001", 3, "B-2", 4, current_quantity=0),
            line("1001", 4, None, 1, requires_shipping=False),
            line("1002", 1, "A-1"),
            line("1003", 1, "A-1", 3),
            line("1003", 2, "A-1", 1, location_id="L2"),
            *(line(str(number), 1, "A-1", 1) for number in range(1004, 1011)),
            line("1001", 1, "B-2", 1, instance="eu"),
            line("WEB-5", 1, "GHOST"),
        ],
        sku_map=[SkuMap("KIT", "A-1", None, 2), SkuMap("KIT", "B-2", "shopify", 1)],
    )  # fmt: skip


@dataclass
class Shop:
    """A running shop, and what tests ask of it."""

    vendor: ShopifyVendor
    http: httpx.Client
    moment: list[float]

    def post(self, query: str, **variables: Any) -> httpx.Response:
        return self.http.post(API, json={"query": query, "variables": variables})

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer that has no errors."""
        body = self.post(query, **variables).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def all(self, field: str, selection: str, arguments: str = "", size: int = 3) -> list[Any]:
        """Every node of a root list, read page by page."""
        query = (
            f"query($after: String) {{ page: {field}(first: {size}, after: $after{arguments}) "
            f"{{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )
        nodes, after = [], None
        while True:
            page = self.ask(query, after=after)["page"]
            nodes += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes

    def change(self, kind: str, number: str, **body: Any) -> Any:
        """An edit that must be accepted."""
        response = self.control("edit", {"vendor": "shopify", "object": kind, "id": number, **body})
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, kind: str, number: str, **body: Any) -> str:
        """Why an edit is refused; it must be, and must change nothing."""
        before = self.vendor.sandbox.effects.last
        response = self.control("edit", {"vendor": "shopify", "object": kind, "id": number, **body})
        assert response.status_code == 400, response.text
        assert self.vendor.sandbox.effects.last == before
        return str(response.json()["error"])

    def bulk(self, query: str, grouped: bool = False, version: str = "2026-10") -> Any:
        """Begin a bulk operation; answers the payload of the mutation."""
        variables = {"query": query, "grouped": grouped}
        path = API.replace("2026-10", version)
        response = self.http.post(path, json={"query": RUN, "variables": variables})
        return response.json()["data"]["bulkOperationRunQuery"]

    def finished(self, started: Any) -> Any:
        """A bulk operation that has begun, once it has ended."""
        for _ in range(500):
            operation = self.ask(POLL, id=started["bulkOperation"]["id"])["bulkOperation"]
            if operation["status"] not in ("CREATED", "RUNNING", "CANCELING"):
                return operation
            time.sleep(0.01)
        raise AssertionError("the bulk operation does not end")

    def lines(self, query: str, grouped: bool = False) -> list[Any]:
        """The objects that a bulk query answers."""
        operation = self.finished(self.bulk(query, grouped))
        assert operation["status"] == "COMPLETED", operation
        if operation["url"] is None:
            return []
        text = httpx.get(operation["url"]).text
        assert len(text.encode()) == int(operation["fileSize"])
        found = [json.loads(line) for line in text.splitlines()]
        assert len(found) == int(operation["objectCount"])
        return found

    def control(self, path: str, body: Any) -> httpx.Response:
        root = str(self.http.base_url).split("/shopify")[0]
        return self.http.post(f"{root}/_sandbox/{path}", json=body)

    def edit(self, number: str, **changes: Any) -> Any:
        body = {"vendor": "shopify", "object": "order", "id": number}
        response = self.control(
            "edit", {**body, "set": {k.replace("__", "."): v for k, v in changes.items()}}
        )
        assert response.status_code == 200, response.text
        return response.json()

    def pass_time(self, seconds: float) -> None:
        """Move the sandbox's clock, which stands still otherwise."""
        self.moment[0] += seconds


@contextmanager
def shop(
    played: World | None = None, instance: str = "main", token: str = STATIC_TOKEN
) -> Iterator[Shop]:
    """Serve one shop of a world; its clock moves only when a test says so."""
    played, moment = played or world(), [0.0]
    clock = Clock(played.ends_at, monotonic=lambda: moment[0])
    sandbox = Sandbox(played, clock, Effects(clock), Faults())
    vendor = ShopifyVendor(sandbox, instance)
    sandbox.add(vendor)
    with serving(build(sandbox)) as url:
        base = f"{url}/shopify" if instance == "main" else f"{url}/shopify/{instance}"
        headers = {"X-Shopify-Access-Token": token}
        with httpx.Client(base_url=base, headers=headers, verify=False) as http:
            yield Shop(vendor, http, moment)
