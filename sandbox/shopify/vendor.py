"""One shop: a world's orders behind Shopify's Admin API."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from sandbox.core import EditError
from sandbox.shopify import catalog, edits, events, http, money, placing, totals
from sandbox.shopify.auth import Tokens
from sandbox.shopify.bulk import BulkOperations
from sandbox.shopify.customers import add_customer, add_customers
from sandbox.shopify.fulfillment import add_fulfillment_orders
from sandbox.shopify.ids import gid
from sandbox.shopify.orders import add_order
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.store import Record, Store, stamp
from sandbox.shopify.throttle import Bucket
from sandbox.world import MAIN, WorldError

if TYPE_CHECKING:
    from datetime import datetime

    from graphql import GraphQLEnumType
    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.world import Order


_ESSENTIAL = (
    *("id", "legacyResourceId", "name", "createdAt", "updatedAt", "cancelledAt", "test"),
    *("currencyCode", "email", "note", "tags", "shippingAddress"),
    *("displayFinancialStatus", "displayFulfillmentStatus"),
)


class ShopifyVendor:
    """One shop instance of the sandbox's world, on the Plus plan."""

    def __init__(self, sandbox: Sandbox, instance: str = MAIN) -> None:
        self.sandbox = sandbox
        self.instance = instance
        self.lock = threading.RLock()
        self.tokens = Tokens(sandbox.clock)
        self.bucket = Bucket()
        self.store = Store()
        self.bulk = BulkOperations(self.store, self.lock, sandbox.faults, self.name)
        self._variants: dict[str, Record] = {}
        self._people: dict[str, Record] = {}
        self._open_shop()

    @property
    def name(self) -> str:
        return "shopify" if self.instance == MAIN else f"shopify:{self.instance}"

    def app(self) -> ASGIApp:
        return http.app(self)

    def advance(self, now: datetime) -> int:
        with self.lock:
            return self._let_happen(now)

    def next_event_at(self) -> datetime | None:
        return self.store.events.next_at

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        now = self.sandbox.clock.now()
        with self.lock:
            if "create" in body:
                record = self._create(body, now)
                operation, changed = "create", body["create"]
            else:
                record, operation, changed = edits.apply(self.store, body, stamp(now))
            self.store.changed()
            self.sandbox.effects.record(
                vendor=self.name,
                actor="person",
                object=body["object"],
                id=record["id"],
                external_id=record.get("legacyResourceId"),
                operation=operation,
                fields=changed,
            )
        at = record.get("updatedAt") if operation != "delete" else None
        return {"object": body["object"], "id": record["id"], "updated_at": at or stamp(now)}

    def _create(self, body: dict[str, Any], now: datetime) -> Record:
        world, content = self.sandbox.world, body["create"]
        if body.get("object") == "order":
            order, lines = placing.read(world, self.instance, content, now)
            _check_currencies([order])
            world.add_order(order, lines)
            placed = self._place(order)
            if placed["customer"]:
                # What somebody has spent is part of the customer.
                placed["customer"]["updatedAt"] = stamp(now)
            return placed
        if body.get("object") == "customer":
            customer = placing.read_customer(world, content)
            world.add_customer(customer)
            record = add_customer(self.store, customer, now)
            self._people[customer.customer_id] = record
            return record
        if body.get("object") == "product":
            product = placing.read_product(self._variants, content)
            variant = catalog.add_product(self.store, product, stamp(now))
            self._variants[product.sku] = variant
            added: Record = variant["product"]
            return added
        raise EditError(f"a {body.get('object')} cannot be created")

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {
                "instance": self.instance,
                "points_consumed": self.bucket.consumed,
                "customers": len(self.store.all("Customer")),
                "orders": [_essentials(order) for order in self.store.all("Order")],
            }

    def _open_shop(self) -> None:
        world, clock = self.sandbox.world, self.sandbox.clock
        orders = [order for order in world.orders if order.instance == self.instance]
        opened = min((order.placed_at for order in orders), default=world.ends_at)
        _check_currencies(orders)
        self.store.shop = _shop(self.instance, orders, opened)
        if self.instance not in world.instances:
            return  # a shop that has not opened: nothing to sell, nobody who buys
        catalog.add_locations(self.store, world, opened)
        self._variants = catalog.add_products(self.store, world, self.instance, opened)
        catalog.add_inventory(self.store, world, self._variants, world.ends_at)
        self._people = add_customers(self.store, world, self.instance)
        for order in sorted(orders, key=lambda order: order.placed_at):
            self._place(order)
        self._let_happen(clock.now())

    def _let_happen(self, now: datetime) -> int:
        done = self.store.events.run_until(now)
        if done:
            self.store.changed()
        return len(done)

    def _place(self, order: Order) -> Record:
        world = self.sandbox.world
        record = add_order(self.store, world, order, self._people, self._variants)
        add_fulfillment_orders(self.store, world, record)
        events.add_all(self.store, record, self.sandbox.seed)
        return record


def _check_currencies(orders: list[Order]) -> None:
    known = cast("GraphQLEnumType", admin_schema().type_map["CurrencyCode"]).values
    for order in orders:
        if order.currency not in known:
            raise WorldError(
                f"orders.csv, column currency: {order.currency!r} of order {order.order_id} "
                "is no currency"
            )


def _shop(instance: str, orders: list[Order], opened: datetime) -> Record:
    currencies = Counter(order.currency for order in orders)
    domain = f"crossdock-{instance}.myshopify.com"
    return {
        "id": gid("Shop", 1),
        "name": f"Crossdock {instance}",
        "email": "shop@crossdock.test",
        "myshopifyDomain": domain,
        "url": f"https://{domain}",
        "currencyCode": currencies.most_common(1)[0][0] if currencies else "USD",
        "ianaTimezone": "Etc/UTC",
        "timezoneOffset": "+0000",
        "createdAt": stamp(opened),
        "updatedAt": stamp(opened),
        "plan": {
            "partnerDevelopment": False,
            "displayName": "Shopify Plus",
            "publicDisplayName": "Plus",
            "shopifyPlus": True,
        },
    }


def _essentials(order: Record) -> dict[str, Any]:
    return {
        **{name: order[name] for name in _ESSENTIAL},
        "totalPrice": money.text(totals.total(order)),
        "lineItems": [
            {name: line[name] for name in ("id", "sku", "quantity", "currentQuantity")}
            for line in order["lineItems"]
        ],
        "fulfillmentOrders": [
            {
                "id": each["id"],
                "status": each["status"],
                "location": each["assignedLocation"]["name"],
                "method": each["deliveryMethod"]["methodType"],
                "holds": [hold["reason"] for hold in each["fulfillmentHolds"]],
            }
            for each in order["fulfillmentOrders"]
        ],
    }
