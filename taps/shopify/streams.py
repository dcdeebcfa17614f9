"""The streams of a shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crossdock.tap import CrossdockStream, Page, Reading, Record, format_time, record, relay
from taps.shopify import queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossdock.http.graphql import Answer
    from taps.shopify.client import ShopifyClient


@dataclass(frozen=True)
class Nested:
    """A list inside a record: flattened, and followed where it is longer than its first page.

    Attributes:
        field: Name of the connection in the record.
        root: Field of the query that finds the record again.
        query: Document that asks for further pages, by `id` and `after`.
        points: What such a page asks for at most.
    """

    field: str
    root: str
    query: str
    points: float


class ShopifyStream(CrossdockStream):
    """A connection at the root of the API, read in the order of `updatedAt`."""

    primary_keys = ("id",)
    replication_key = "updatedAt"
    ascending = True
    # The search behind `query:` follows a write within seconds; half a minute is ample.
    lag = timedelta(seconds=30)

    root: str
    query: str
    page_size: int
    nested: tuple[Nested, ...] = ()
    points: float
    """What a page asks for at most; the client gives back what it did not cost."""

    @property
    def client(self) -> ShopifyClient:
        """The shop."""
        return self._tap.client  # type: ignore[return-value]

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed."""
        variables = {"query": changed_since(since)}
        return Reading([self.follow(self.query, (self.root,), variables)], since is None, since)

    def follow(
        self, query: str, path: tuple[str, ...], variables: Mapping[str, Any]
    ) -> Iterator[Page]:
        """The pages of one connection."""

        def fetch(after: str | None) -> tuple[Answer, relay.Connection]:
            given = {**variables, "first": self.page_size, "after": after}
            answer = self.ask(query, given, self.points)
            return answer, _dig(answer.data, path)

        pages = relay.pages(fetch, connector=self.tap_name, stream=self.name)
        for answer, connection in pages:
            records = [self.shape(node) for node in self.complete(relay.nodes(connection))]
            yield Page(records, answer.sent_at, answer.vendor_time)

    def ask(self, query: str, variables: Mapping[str, Any], points: float) -> Answer:
        """Send one document."""
        return self.client.query(query, variables, stream=self.name, cost=points)

    def complete(self, records: list[Record]) -> list[Record]:
        """The records of a page, with what the page did not hold."""
        return records

    def shape(self, node: Record) -> Record:
        """A record with its lists flattened and complete."""
        for nested in self.nested:
            connection = node[nested.field]
            items = relay.nodes(connection)
            after = relay.next_cursor(connection)
            if after is not None:
                items.extend(self._rest(node["id"], nested, after))
            node[nested.field] = items
        return node

    def _rest(self, record_id: str, nested: Nested, after: str) -> Iterator[Record]:
        def fetch(cursor: str | None) -> tuple[Answer, relay.Connection]:
            answer = self.ask(nested.query, {"id": record_id, "after": cursor}, nested.points)
            return answer, _dig(answer.data, (nested.root, nested.field))

        for _, connection in relay.pages(
            fetch, connector=self.tap_name, stream=self.name, after=after
        ):
            yield from relay.nodes(connection)


class Customers(ShopifyStream):
    """People who have an account or have ordered."""

    name = "customers"
    root = "customers"
    query = queries.CUSTOMERS
    page_size = 200
    points = 802
    schema = record(
        "id",
        text="legacyResourceId firstName lastName displayName note",
        time="createdAt updatedAt",
        obj="defaultEmailAddress defaultPhoneNumber defaultAddress",
        array="tags",
    )


class Orders(ShopifyStream):
    """Orders with their lines, addresses and both moneys."""

    name = "orders"
    root = "orders"
    query = queries.ORDERS
    page_size = 8
    points = 522
    foreign_points = 704
    nested = (Nested("lineItems", "order", queries.ORDER_LINES, 553),)
    schema = record(
        "id",
        text="legacyResourceId name cancelReason currencyCode presentmentCurrencyCode "
        "displayFinancialStatus displayFulfillmentStatus email phone note sourceName",
        time="createdAt processedAt updatedAt cancelledAt closedAt",
        boolean="test confirmed",
        obj="customer shippingAddress billingAddress shippingLine subtotalPriceSet "
        "totalShippingPriceSet totalTaxSet totalDiscountsSet totalPriceSet currentTotalPriceSet",
        array="tags lineItems fulfillments",
    )

    def complete(self, records: list[Record]) -> list[Record]:
        """Both moneys of each order, though a page holds only the shop's."""
        foreign = [
            order["id"]
            for order in records
            if order["presentmentCurrencyCode"] != order["currencyCode"]
        ]
        if not foreign:
            return records
        answer = self.ask(queries.FOREIGN_ORDERS, {"ids": foreign}, self.foreign_points)
        found = {order["id"]: order for order in answer.data["nodes"] if order}
        return [found.get(order["id"], order) for order in records]

    def shape(self, node: Record) -> Record:
        """An order in the shop's own currency has the same amount in both moneys."""
        order = super().shape(node)
        _both_moneys(order)
        return order


class FulfillmentOrders(ShopifyStream):
    """What one location should ship of an order, with its holds; closed ones too."""

    name = "fulfillment_orders"
    root = "fulfillmentOrders"
    query = queries.FULFILLMENT_ORDERS
    page_size = 30
    points = 842
    nested = (Nested("lineItems", "fulfillmentOrder", queries.FULFILLMENT_ORDER_LINES, 203),)
    schema = record(
        "id",
        text="status requestStatus orderId",
        time="createdAt updatedAt fulfillAt",
        obj="assignedLocation deliveryMethod destination",
        array="fulfillmentHolds lineItems",
    )


class Products(ShopifyStream):
    """Products with their variants."""

    name = "products"
    root = "products"
    query = queries.PRODUCTS
    page_size = 20
    points = 862
    nested = (Nested("variants", "product", queries.PRODUCT_VARIANTS, 403),)
    schema = record("id", text="title status vendor", time="createdAt updatedAt", array="variants")


class Locations(ShopifyStream):
    """Places that hold stock; always read in full, for the API has no filter on their changes."""

    name = "locations"
    root = "locations"
    query = queries.LOCATIONS
    page_size = 100
    points = 202
    replication_key = None  # type: ignore[assignment]
    ascending = False
    schema = record(
        "id",
        text="legacyResourceId name",
        boolean="isActive fulfillsOnlineOrders",
        obj="address",
    )

    def read(self, since: datetime | None) -> Reading:
        """All locations."""
        return Reading([self.follow(self.query, (self.root,), {})], full=True)


class InventoryLevels(ShopifyStream):
    """Stock of each item at each location; locations are read beside each other."""

    name = "inventory_levels"
    query = queries.INVENTORY_LEVELS
    page_size = 120
    points = 843
    ascending = False
    schema = record("id", time="updatedAt", obj="item location", array="quantities")

    def read(self, since: datetime | None) -> Reading:
        """The levels of every location, or those that changed."""
        return Reading(self._locations(changed_since(since)), since is None, since)

    def _locations(self, changed: str | None) -> Iterator[Iterator[Page]]:
        def fetch(after: str | None) -> tuple[Answer, relay.Connection]:
            answer = self.ask(queries.LOCATION_IDS, {"first": 100, "after": after}, 102)
            return answer, answer.data["locations"]

        for _, connection in relay.pages(fetch, connector=self.tap_name, stream=self.name):
            for location in relay.nodes(connection):
                variables = {"location": location["id"], "query": changed}
                yield self.follow(self.query, ("location", "inventoryLevels"), variables)


STREAMS = (Customers, Orders, FulfillmentOrders, Products, Locations, InventoryLevels)


def changed_since(since: datetime | None) -> str | None:
    """The search that finds what changed at or after a time."""
    return None if since is None else f"updated_at:>='{format_time(since.replace(microsecond=0))}'"


def _both_moneys(value: Any) -> None:
    """Complete every money bag below a value that holds the shop's money alone."""
    if isinstance(value, list):
        for item in value:
            _both_moneys(item)
    elif isinstance(value, dict):
        if "shopMoney" in value:
            value.setdefault("presentmentMoney", dict(value["shopMoney"]))
            return
        for item in value.values():
            _both_moneys(item)


def _dig(data: Mapping[str, Any], path: tuple[str, ...]) -> relay.Connection:
    """The connection at a path; a record that is gone has none, and so an empty one."""
    value: Any = data
    for name in path:
        value = (value or {}).get(name)
    return value or {}
