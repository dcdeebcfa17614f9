"""The streams of a ShipHero account."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from crossdock.tap import Page, Part, Reading, Record, record
from taps.shiphero import queries
from taps.shiphero.connection import Nested, ShipHeroStream
from taps.shiphero.reopened import ReopenedStream

# What merchants call the end of an order, and the floor the end of a return: the API's texts
# are not documented, and one that is not among these counts as open.
ENDED_ORDERS = ("fulfilled", "canceled", "cancelled")
ENDED_RETURNS = ("complete", "completed", "closed", "canceled", "cancelled")


class Orders(ShipHeroStream):
    """Orders with their lines, holds, allocations and picks."""

    name = "orders"
    root = "orders"
    query = queries.ORDERS
    ids_query = queries.ORDER_IDS
    dates_query = queries.ORDER_DATES
    born = "order_date"
    page_size = 50
    nested = Nested("line_items", "order", queries.ORDER_LINES, 10)
    schema = record(
        "id",
        text="account_id order_number partner_order_id shop_name source profile "
        "fulfillment_status email currency subtotal total_tax total_discounts total_price "
        "packing_note gift_note",
        time="order_date updated_at required_ship_date hold_until_date",
        integer="legacy_id allocation_priority",
        boolean="flagged priority_flag ready_to_ship allow_partial allow_split require_signature",
        obj="shipping_address billing_address shipping_lines holds",
        array="line_items tags merged_orders allocations",
    )


class Shipments(ReopenedStream):
    """Shipments with their labels and lines.

    A label is voided and printed again, and a parcel leaves, without a trace in any filter.
    """

    name = "shipments"
    root = "shipments"
    query = queries.SHIPMENTS
    single_query = queries.SHIPMENT
    single_root = "shipment"
    dates_query = queries.SHIPMENT_DATES
    born = "created_date"
    page_size = 50
    nested = Nested("line_items", "shipment", queries.SHIPMENT_LINES, 10)
    replication_key = "created_date"
    needs = ("id", "created_date", "completed", "order")
    schema = record(
        "id",
        text="order_id warehouse_id profile user_id",
        time="created_date",
        integer="legacy_id total_packages",
        boolean="completed delivered picked_up refunded needs_refund dropshipment "
        "shipped_off_shiphero",
        array="shipping_labels line_items",
    )

    def is_open(self, node: Record) -> bool:
        """Whether its parcel is still there."""
        return not node["completed"]

    def is_watched(self, node: Record) -> bool:
        """Whether the rest of its order is still to come."""
        # Of the order only the newest word counts, and that is in the other stream.
        order = node.pop("order", None) or {}
        return str(order.get("fulfillment_status") or "").lower() not in ENDED_ORDERS


class Returns(ReopenedStream):
    """Returns with what has arrived and what was put on the shelf again."""

    name = "returns"
    awaited = False
    root = "returns"
    query = queries.RETURNS
    single_query = queries.RETURN
    single_root = "return"
    dates_query = queries.RETURN_DATES
    page_size = 50
    replication_key = "created_at"
    open_every = timedelta(hours=1)
    forget_after = timedelta(days=120)
    needs = ("id", "created_at", "status")
    schema = record(
        "id",
        text="order_id partner_id status reason label_type label_cost cost_to_customer "
        "shipping_carrier shipping_method",
        time="created_at",
        integer="legacy_id total_items_expected total_items_received total_items_restocked",
        boolean="display_issue_refund",
        array="line_items labels exchanges",
    )

    def is_open(self, node: Record) -> bool:
        """Whether the floor has something to do with it."""
        return str(node["status"] or "").lower() not in ENDED_RETURNS


class Products(ShipHeroStream):
    """Products and kits."""

    name = "products"
    root = "products"
    query = queries.PRODUCTS
    ids_query = queries.PRODUCT_IDS
    schema = record(
        "id",
        text="sku name barcode price",
        time="created_at updated_at",
        integer="legacy_id",
        boolean="active kit kit_build virtual",
        obj="dimensions",
        array="kit_components tags",
    )


class WarehouseProducts(ShipHeroStream):
    """Stock of each product in each warehouse."""

    name = "warehouse_products"
    root = "warehouse_products"
    query = queries.WAREHOUSE_PRODUCTS
    ids_query = queries.WAREHOUSE_PRODUCT_IDS
    schema = record(
        "id",
        text="sku warehouse_id warehouse_identifier inventory_bin inventory_overstock_bin",
        time="created_at updated_at",
        integer="legacy_id on_hand allocated available backorder reserve_inventory sell_ahead "
        "non_sellable_quantity reorder_level reorder_amount replenishment_level",
        boolean="active",
    )


class InventoryChanges(ShipHeroStream):
    """The log of stock: who changed what, from which figure, and why.

    Entries have no id in the API. Two of them cannot share a second, a bin and the figure
    before: the second one would begin from what the first one left.
    """

    name = "inventory_changes"
    awaited = False
    root = "inventory_changes"
    query = queries.INVENTORY_CHANGES
    dates_query = queries.INVENTORY_CHANGE_DATES
    replication_key = "created_at"
    # An entry is found by its time, which is that of the act; it may be written a bit later.
    lag = timedelta(minutes=2)
    # Searches that look at reasons reach back 60 days at most; a span of ours is never longer.
    longest_window = timedelta(days=30)
    identity = (
        "created_at",
        "warehouse_id",
        "sku",
        "location_id",
        "previous_on_hand",
        "change_in_on_hand",
    )
    needs = identity
    schema = record(
        "id",
        text="sku warehouse_id location_id user_id reason",
        time="created_at",
        integer="previous_on_hand change_in_on_hand",
        boolean="cycle_counted",
        obj="location",
    )

    def _fits(self, node: Record) -> bool:
        node["id"] = self.key_of(node)
        return True

    def key_of(self, node: Record) -> str:
        """An id of our own, from what never changes."""
        facts = [node[name] for name in self.identity]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


class Warehouses(ShipHeroStream):
    """Warehouses; always read in full."""

    name = "warehouses"
    root = "account"
    query = queries.WAREHOUSES
    replication_key = None  # type: ignore[assignment]
    schema = record(
        "id",
        text="identifier profile company_name company_alias",
        integer="legacy_id",
        obj="address",
    )

    def read(self, since: datetime | None) -> Reading:
        """All warehouses."""
        return Reading([Part(self._all())], full=True)

    def _all(self) -> Iterator[Page]:
        answer = self.ask(self.pruned(self.query, "warehouses"), {}, 1)
        warehouses: list[dict[str, Any]] = answer.data["account"]["data"]["warehouses"]
        yield Page(warehouses, answer.sent_at, answer.vendor_time)


STREAMS = (
    Orders,
    Shipments,
    Returns,
    InventoryChanges,
    Products,
    WarehouseProducts,
    Warehouses,
)
