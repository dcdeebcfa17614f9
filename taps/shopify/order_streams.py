"""Orders, and what hangs on them: fulfillments, refunds, returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crossdock.tap import Record, record
from taps.shopify import order_queries as queries
from taps.shopify.base import ShopifyStream
from taps.shopify.queries import ids_of
from taps.shopify.reader import BY_IDS, Nested

if TYPE_CHECKING:
    from crossdock.http.graphql import Answer
    from crossdock.tap import IdPage
    from taps.shopify.documents import Path

from taps.shopify.withheld import FIELD

DISCOUNTS = (
    "AutomaticDiscountApplication",
    "DiscountCodeApplication",
    "ManualDiscountApplication",
    "ScriptDiscountApplication",
)


class Orders(ShopifyStream):
    """Orders with their lines, discounts, taxes, payments, addresses and both moneys."""

    name = "orders"
    root = ("orders",)
    query = queries.ORDERS
    further_roots = (BY_IDS,)
    first_page = 5
    points = 852
    foreign_page, foreign_points = 3, 700
    needs = frozenset({"currencyCode", "presentmentCurrencyCode"})
    windowed = True
    size_field = count_field = "ordersCount"
    ids_query = ids_of("orders", ", sortKey: ID")
    kind = "Order"
    bulk_shell = "{ orders(query: $query) { nodes { ...Record } } }"
    keep_kind = frozenset({"discountApplications"})
    personal = ("email", "phone", "shippingAddress", "billingAddress")
    nested = (
        Nested("lineItems", "order", queries.ORDER_LINES, 903, ("LineItem",)),
        Nested("discountApplications", "order", queries.ORDER_DISCOUNTS, 103, DISCOUNTS),
    )
    schema = record(
        "id",
        text="legacyResourceId name cancelReason currencyCode presentmentCurrencyCode "
        "displayFinancialStatus displayFulfillmentStatus returnStatus email phone note "
        "sourceName poNumber customerLocale",
        time="createdAt processedAt updatedAt cancelledAt closedAt",
        boolean="test confirmed edited taxesIncluded dutiesIncluded taxExempt",
        obj="customer shippingAddress billingAddress shippingLine subtotalPriceSet "
        "totalShippingPriceSet totalTaxSet totalDiscountsSet totalPriceSet "
        "currentSubtotalPriceSet currentTotalTaxSet currentTotalDiscountsSet "
        "currentTotalPriceSet originalTotalDutiesSet currentTotalDutiesSet totalReceivedSet "
        "totalRefundedSet totalOutstandingSet",
        array="tags paymentGatewayNames discountCodes customAttributes taxLines lineItems "
        f"discountApplications transactions fulfillments {FIELD}",
    )

    @property
    def bulk_query(self) -> str:
        """A bulk operation is asked for both moneys at once."""
        return queries.ORDERS_IN_BOTH_MONEYS

    def complete(self, records: list[Record]) -> list[Record]:
        """Both moneys of each order, though a page holds only the shop's."""
        foreign = [
            order["id"]
            for order in records
            if order["presentmentCurrencyCode"] != order["currencyCode"]
        ]
        found = {order["id"]: order for order in self._foreign(foreign)}
        # One that is not found again was deleted in between.
        gone = set(foreign) - set(found)
        complete = [found.get(each["id"], each) for each in records if each["id"] not in gone]
        for order in complete:
            _both_moneys(order)
        return complete

    def _foreign(self, ids: list[str]) -> Iterator[Record]:
        """The orders in another currency than the shop's, asked for in both."""
        query = queries.FOREIGN_ORDERS
        self.reader.sized(query, self.foreign_page, self.page_size, self.foreign_points)
        return self.reader.by_ids(query, ids)


class OfOrders(ShopifyStream):
    """What has no list of its own: found through the orders, whose `updatedAt` it moves."""

    replication_key = "orderUpdatedAt"
    root = ("orders",)
    details: str
    """Document that asks for records by their ids."""
    details_page: int
    details_points: float
    field: str
    """Field of an order that holds their ids."""
    windowed = True
    size_field = "ordersCount"
    essential = frozenset({"id", "order", "fulfillments", "refunds", "returns"})
    more: Nested | None = None
    """How the ids are followed, where an order's are a connection."""

    @property
    def records_query(self) -> str:
        """They are asked for by their ids."""
        return self.details

    @property
    def records_root(self) -> Path:
        """They are asked for by their ids."""
        return BY_IDS

    def build(self, nodes: list[Record], answer: Answer) -> list[Record]:
        """The records of the orders of a page."""
        found = self.keys(nodes)
        if not found:
            return []
        self.reader.sized(self.details, self.details_page, self.page_size, self.details_points)
        records = self.reader.by_ids(self.details, found)
        return [self.finish(self.reader.flat(each, self.nested)) for each in records]

    def finish(self, record: Record) -> Record:
        """The order's time of change is what the next reading goes by."""
        order = record["order"]
        record["orderUpdatedAt"] = order.pop("updatedAt")
        return super().finish(record)

    def keys(self, nodes: list[Record]) -> list[str]:  # type: ignore[override]
        """The ids below some orders."""
        if self.more is not None:
            nodes = [self.reader.flat(node, (self.more,)) for node in nodes]
        return [each["id"] for node in nodes for each in node[self.field]]

    def sweep(self) -> Iterator[IdPage] | None:
        """The ids below all orders."""
        return self.ids(self.query, self.root, {"query": None}, self.points)

    def ids(self, *arguments: Any, **more: Any) -> Iterator[IdPage]:
        """The ids that a page of orders holds, if any."""
        self.reader.sized(self.query, self.first_page, self.page_size, self.points)
        return (page for page in super().ids(*arguments, **more) if page.keys)


class Fulfillments(OfOrders):
    """Shipments with their lines, tracking, and what the carrier said of them."""

    name = "fulfillments"
    awaited = False
    query = queries.FULFILLMENT_IDS
    first_page = 150
    points = 302
    details = queries.FULFILLMENTS
    details_page = 20
    details_points = 500
    field = "fulfillments"
    nested = (
        Nested(
            "fulfillmentLineItems",
            "fulfillment",
            queries.FULFILLMENT_LINES,
            203,
            ("FulfillmentLineItem",),
        ),
        Nested("events", "fulfillment", queries.FULFILLMENT_EVENTS, 103, ("FulfillmentEvent",)),
    )
    schema = record(
        "id",
        text="legacyResourceId name status displayStatus",
        time="orderUpdatedAt createdAt updatedAt deliveredAt inTransitAt estimatedDeliveryAt",
        integer="totalQuantity",
        boolean="requiresShipping",
        obj="order location",
        array=f"trackingInfo fulfillmentLineItems events {FIELD}",
    )


class Refunds(OfOrders):
    """Money given back, with the lines, payments and adjustments that it is for."""

    name = "refunds"
    awaited = False
    query = queries.REFUND_IDS
    first_page = 150
    points = 302
    details = queries.REFUNDS
    details_page = 5
    details_points = 750
    field = "refunds"
    nested = (
        Nested("refundLineItems", "refund", queries.REFUND_LINES, 653, ("RefundLineItem",)),
        Nested("orderAdjustments", "refund", queries.REFUND_ADJUSTMENTS, 353, ("OrderAdjustment",)),
        Nested("transactions", "refund", queries.REFUND_TRANSACTIONS, 253, ("OrderTransaction",)),
    )
    schema = record(
        "id",
        text="legacyResourceId note",
        time="orderUpdatedAt createdAt processedAt updatedAt",
        obj="order return totalRefundedSet",
        array=f"duties refundLineItems orderAdjustments transactions {FIELD}",
    )


class Returns(OfOrders):
    """Goods that come back."""

    name = "returns"
    awaited = False
    query = queries.RETURN_IDS
    first_page = 150
    points = 602
    details = queries.RETURNS
    details_page = 15
    details_points = 700
    field = "returns"
    kind = "Return"
    bulk_shell = "{ orders(query: $query) { nodes { id returns { nodes { ...Record } } } } }"
    keep_kind = frozenset({"returnLineItems"})
    more = Nested("returns", "order", queries.MORE_RETURN_IDS, 103, ("Return",))
    nested = (
        Nested(
            "returnLineItems",
            "return",
            queries.RETURN_LINES,
            403,
            ("ReturnLineItem", "UnverifiedReturnLineItem"),
        ),
    )
    schema = record(
        "id",
        text="name status",
        time="orderUpdatedAt createdAt closedAt requestApprovedAt",
        integer="totalQuantity",
        obj="order decline",
        array=f"returnLineItems {FIELD}",
    )


def _both_moneys(value: Any) -> None:
    """Complete every money bag below a value that holds the shop's money alone.

    In the shop's own currency both amounts are the same.
    """
    if isinstance(value, list):
        for item in value:
            _both_moneys(item)
    elif isinstance(value, dict):
        if "shopMoney" in value:
            value.setdefault("presentmentMoney", dict(value["shopMoney"]))
            return
        for item in value.values():
            _both_moneys(item)
