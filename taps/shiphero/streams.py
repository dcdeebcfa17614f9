"""The streams of a ShipHero account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crossdock.tap import (
    CrossdockStream,
    Page,
    Reading,
    Record,
    format_time,
    parse_time,
    record,
    relay,
)
from taps.shiphero import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crossdock.http.graphql import Answer
    from taps.shiphero.client import ShipHeroClient

OPEN = "open"
OPEN_SINCE = "open_since"
LOOKED_BACK_AT = "looked_back_at"
LOOKBACK = timedelta(days=14)
LOOKBACK_EVERY = timedelta(hours=24)
# Beyond this many, reading the window that holds them costs less than asking one by one.
MOST_OPEN = 20


@dataclass(frozen=True)
class Nested:
    """A list inside a record: flattened, and followed where it is longer than its first page.

    Attributes:
        field: Name of the connection in the record.
        root: Field of the query that finds the record again.
        query: Document that asks for further pages, by `id` and `after`.
        page: Size of the first page, for the estimate of credits.
    """

    field: str
    root: str
    query: str
    page: int


class ShipHeroStream(CrossdockStream):
    """A connection below a field at the root of the API."""

    primary_keys = ("id",)
    replication_key = "updated_at"
    lag = timedelta(seconds=30)

    root: str
    query: str
    page_size: int
    nested: Nested | None = None

    @property
    def client(self) -> ShipHeroClient:
        """The account."""
        return self._tap.client  # type: ignore[return-value]

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed."""
        return Reading([self.follow(since)], full=since is None, read_from=since)

    def follow(self, since: datetime | None) -> Iterator[Page]:
        """The pages of the stream's connection, from a time on."""

        def fetch(after: str | None) -> tuple[Answer, relay.Connection]:
            variables = {"first": self.page_size, "after": after, "since": moment(since)}
            answer = self.ask(self.query, variables, self.page_size * (1 + self._inner))
            return answer, answer.data[self.root]["data"]

        for answer, connection in relay.pages(fetch, connector=self.tap_name, stream=self.name):
            records = [self.shape(node) for node in relay.nodes(connection)]
            yield Page(records, answer.sent_at, answer.vendor_time)

    @property
    def _inner(self) -> int:
        return self.nested.page if self.nested else 0

    def ask(self, query: str, variables: Mapping[str, Any], cost: float) -> Answer:
        """Send one document, charged with the most that it can cost."""
        return self.client.query(query, variables, stream=self.name, cost=cost)

    def shape(self, node: Record) -> Record:
        """A record with its list flattened and complete, and zones on its times."""
        for name, kind in self.schema["properties"].items():
            if kind.get("format") == "date-time" and node.get(name):
                node[name] = format_time(parse_time(node[name]))
        if self.nested is not None:
            connection = node[self.nested.field]
            items = relay.nodes(connection)
            after = relay.next_cursor(connection)
            if after is not None:
                items.extend(self._rest(node["id"], self.nested, after))
            node[self.nested.field] = items
        return node

    def _rest(self, record_id: str, nested: Nested, after: str) -> Iterator[Record]:
        def fetch(cursor: str | None) -> tuple[Answer, relay.Connection]:
            answer = self.ask(nested.query, {"id": record_id, "after": cursor}, 50)
            return answer, answer.data[nested.root]["data"][nested.field]

        for _, connection in relay.pages(
            fetch, connector=self.tap_name, stream=self.name, after=after
        ):
            yield from relay.nodes(connection)


class Orders(ShipHeroStream):
    """Orders with their lines and holds."""

    name = "orders"
    root = "orders"
    query = queries.ORDERS
    page_size = 50
    nested = Nested("line_items", "order", queries.ORDER_LINES, 10)
    schema = record(
        "id",
        text="order_number partner_order_id shop_name fulfillment_status email currency subtotal "
        "total_tax total_discounts total_price",
        time="order_date updated_at",
        integer="legacy_id",
        obj="shipping_address shipping_lines holds",
        array="line_items",
    )


class Shipments(ShipHeroStream):
    """Shipments with their labels and lines.

    The API cannot say which shipments changed. So a reading takes the new ones and those that
    were not complete yet, and once a day the last 14 days.
    """

    name = "shipments"
    root = "shipments"
    query = queries.SHIPMENTS
    page_size = 50
    nested = Nested("line_items", "shipment", queries.SHIPMENT_LINES, 10)
    replication_key = "created_date"
    schema = record(
        "id",
        text="order_id warehouse_id",
        time="created_date",
        integer="legacy_id total_packages",
        boolean="completed",
        array="shipping_labels line_items",
    )

    def read(self, since: datetime | None) -> Reading:
        """All shipments, or those that are new or may have changed."""
        state, now = self.stream_state, self._now()
        again = list(state.get(OPEN) or ())
        back = state.get(LOOKED_BACK_AT)
        start = since
        if since is None or back is None or now - parse_time(back) >= LOOKBACK_EVERY:
            start, back = since and min(since, now - LOOKBACK), format_time(now)
        elif state.get(OPEN_SINCE):
            start = min(since, parse_time(state[OPEN_SINCE]))
        self._open: dict[str, str] = {}
        parts = [self.follow(start), self._again(again)]
        return Reading(parts, since is None, start, lambda: self._notes(back))

    def shape(self, node: Record) -> Record:
        """Note whether the shipment is to be read again."""
        shaped = super().shape(node)
        if shaped["completed"]:
            self._open.pop(shaped["id"], None)
        else:
            self._open[shaped["id"]] = shaped["created_date"]
        return shaped

    def _again(self, ids: Iterable[str]) -> Iterator[Page]:
        """The oldest shipments that were not complete at the last reading."""
        for id_ in ids:
            answer = self.ask(queries.SHIPMENT, {"id": id_}, 1 + self._inner)
            node = (answer.data["shipment"] or {}).get("data")
            records = [self.shape(node)] if node else []
            yield Page(records, answer.sent_at, answer.vendor_time)

    def _notes(self, back: str | None) -> dict[str, Any]:
        """The oldest open shipments are asked for by id; the others by the time they began.

        So one that stays open for weeks does not make every reading weeks long.
        """
        by_age = sorted(self._open, key=lambda id_: (self._open[id_], id_))
        later = by_age[MOST_OPEN:]
        return {
            OPEN: by_age[:MOST_OPEN],
            OPEN_SINCE: self._open[later[0]] if later else None,
            LOOKED_BACK_AT: back,
        }

    def _now(self) -> datetime:
        """ShipHero's time; asked for if nothing has told it yet."""
        if self.client.vendor_now is None:
            self.client.ask_quota()
        assert self.client.vendor_now is not None  # noqa: S101 - every HTTP answer has a Date
        return self.client.vendor_now.replace(microsecond=0)


class Products(ShipHeroStream):
    """Products and kits."""

    name = "products"
    root = "products"
    query = queries.PRODUCTS
    page_size = 100
    schema = record(
        "id",
        text="sku name barcode",
        time="updated_at",
        integer="legacy_id",
        boolean="active kit",
        array="kit_components",
    )


class WarehouseProducts(ShipHeroStream):
    """Stock of each product in each warehouse."""

    name = "warehouse_products"
    root = "warehouse_products"
    query = queries.WAREHOUSE_PRODUCTS
    page_size = 100
    schema = record(
        "id",
        text="sku warehouse_id",
        time="updated_at",
        integer="on_hand allocated available backorder reserve_inventory sell_ahead "
        "non_sellable_quantity reorder_level",
        boolean="active",
    )


class Warehouses(ShipHeroStream):
    """Warehouses; always read in full."""

    name = "warehouses"
    query = queries.WAREHOUSES
    replication_key = None  # type: ignore[assignment]
    schema = record("id", text="identifier profile", integer="legacy_id")

    def read(self, since: datetime | None) -> Reading:
        """All warehouses."""
        return Reading([self._all()], full=True)

    def _all(self) -> Iterator[Page]:
        answer = self.ask(self.query, {}, 1)
        warehouses = answer.data["account"]["data"]["warehouses"]
        yield Page(warehouses, answer.sent_at, answer.vendor_time)


STREAMS = (Orders, Shipments, Products, WarehouseProducts, Warehouses)


def moment(since: datetime | None) -> str | None:
    """A time as the API takes it."""
    return None if since is None else format_time(since.replace(microsecond=0))
