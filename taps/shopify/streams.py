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
    """

    field: str
    root: str
    query: str


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
    points: float = 500.0
    """What a page is charged before the first answer tells what it costs."""

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
            answer = self.ask(query, {**variables, "first": self.page_size, "after": after})
            return answer, _dig(answer.data, path)

        pages = relay.pages(fetch, connector=self.tap_name, stream=self.name)
        for answer, connection in pages:
            records = [self.shape(node) for node in relay.nodes(connection)]
            yield Page(records, answer.sent_at, answer.vendor_time)

    def ask(self, query: str, variables: Mapping[str, Any]) -> Answer:
        """Send one document, charged with what the last such page asked for."""
        answer = self.client.query(query, variables, stream=self.name, cost=self.points)
        requested = (answer.extensions.get("cost") or {}).get("requestedQueryCost")
        if requested is not None and query is self.query:
            self.points = float(requested)
        return answer

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
            answer = self.ask(nested.query, {"id": record_id, "after": cursor})
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
    nested = (Nested("lineItems", "order", queries.ORDER_LINES),)
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


class FulfillmentOrders(ShopifyStream):
    """What one location should ship of an order, with its holds; closed ones too."""

    name = "fulfillment_orders"
    root = "fulfillmentOrders"
    query = queries.FULFILLMENT_ORDERS
    page_size = 30
    nested = (Nested("lineItems", "fulfillmentOrder", queries.FULFILLMENT_ORDER_LINES),)
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
    nested = (Nested("variants", "product", queries.PRODUCT_VARIANTS),)
    schema = record("id", text="title status vendor", time="createdAt updatedAt", array="variants")


class Locations(ShopifyStream):
    """Places that hold stock; always read in full, for the API has no filter on their changes."""

    name = "locations"
    root = "locations"
    query = queries.LOCATIONS
    page_size = 100
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
    page_size = 75
    ascending = False
    schema = record("id", time="updatedAt", obj="item location", array="quantities")

    def read(self, since: datetime | None) -> Reading:
        """The levels of every location, or those that changed."""
        return Reading(self._locations(changed_since(since)), since is None, since)

    def _locations(self, changed: str | None) -> Iterator[Iterator[Page]]:
        def fetch(after: str | None) -> tuple[Answer, relay.Connection]:
            answer = self.ask(queries.LOCATION_IDS, {"first": 100, "after": after})
            return answer, answer.data["locations"]

        for _, connection in relay.pages(fetch, connector=self.tap_name, stream=self.name):
            for location in relay.nodes(connection):
                variables = {"location": location["id"], "query": changed}
                yield self.follow(self.query, ("location", "inventoryLevels"), variables)


STREAMS = (Customers, Orders, FulfillmentOrders, Products, Locations, InventoryLevels)


def changed_since(since: datetime | None) -> str | None:
    """The search that finds what changed at or after a time."""
    return None if since is None else f"updated_at:>='{format_time(since.replace(microsecond=0))}'"


def _dig(data: Mapping[str, Any], path: tuple[str, ...]) -> relay.Connection:
    """The connection at a path; a record that is gone has none, and so an empty one."""
    value: Any = data
    for name in path:
        value = (value or {}).get(name)
    return value or {}
