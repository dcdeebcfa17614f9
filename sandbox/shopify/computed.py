"""Every field that follows from the rest of its record, by type and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify import computed_orders, payments, returns, totals, tracking
from sandbox.shopify.money import ZERO, Bag, money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.shopify.store import Record

    Compute = Callable[[Record], Any]


def count(number: int) -> Record:
    """An exact `Count`."""
    return {"count": number, "precision": "EXACT"}


def _no(_: Record) -> bool:
    return False


def _yes(_: Record) -> bool:
    return True


def _none(_: Record) -> list[Any]:
    return []


def _spent(customer: Record) -> dict[str, str]:
    """What a customer has paid, less refunds; test orders do not count."""
    orders = [order for order in customer["orders"] if not order["test"]]
    paid = sum((totals.received(each) - totals.refunded(each) for each in orders), ZERO)
    return money(paid, customer["_currency"])


def _shipping(current: bool) -> Compute:
    def compute(line: Record) -> Bag:
        order = line["_order"]
        gone = order["_shipping_gone"] if current else ZERO
        return Bag(totals.shipping(order) - gone, order["_currencies"])

    return compute


def _shipping_taxes(line: Record) -> list[Record]:
    order = line["_order"]
    if not order["_world"].tax_rate:
        return []
    return [computed_orders.tax_line(order, totals.shipping_tax(order))]


def _item_total(original: bool) -> Compute:
    def compute(item: Record) -> Bag:
        line = item["lineItem"]
        price = totals.gross if original else totals.net
        return Bag(price(line, item["quantity"]), line["_order"]["_currencies"])

    return compute


def _on_hand(product: Record) -> int:
    levels = (v["inventoryItem"]["inventoryLevels"] for v in product["variants"])
    return sum(level["_on_hand"] for each in levels for level in each)


COMPUTED: dict[str, Mapping[str, Compute]] = {
    "Customer": {
        "addressesV2": lambda c: [c["defaultAddress"]] if c["defaultAddress"] else [],
        "amountSpent": _spent,
        "lastOrder": lambda c: c["orders"][-1] if c["orders"] else None,
        "locale": lambda _: "en",
        "numberOfOrders": lambda c: str(len(c["orders"])),
        "state": lambda _: "DISABLED",
        "taxExempt": _no,
        "verifiedEmail": lambda c: c["defaultEmailAddress"] is not None,
    },
    "CustomerEmailAddress": {"marketingState": lambda _: "NOT_SUBSCRIBED"},
    "Order": computed_orders.ORDER,
    "LineItem": computed_orders.LINE,
    "ShippingLine": {
        "currentDiscountedPriceSet": _shipping(current=True),
        "custom": _no,
        "discountAllocations": _none,
        "discountedPriceSet": _shipping(current=False),
        "isRemoved": _no,
        "originalPriceSet": _shipping(current=False),
        "taxLines": _shipping_taxes,
    },
    "OrderTransaction": payments.TRANSACTION,
    "Return": returns.RETURN,
    "ReturnLineItem": returns.RETURN_LINE,
    "Fulfillment": tracking.FULFILLMENT,
    "FulfillmentLineItem": {
        "discountedTotalSet": _item_total(original=False),
        "originalTotalSet": _item_total(original=True),
    },
    "FulfillmentOrderLineItem": {
        "variant": lambda line: computed_orders.LINE["variant"](line["lineItem"]),
        "weight": lambda line: computed_orders.LINE["weight"](line["lineItem"]),
    },
    "Product": {
        "hasOnlyDefaultVariant": _yes,
        "isGiftCard": _no,
        "publishedAt": lambda p: p["createdAt"] if p["status"] == "ACTIVE" else None,
        "totalInventory": _on_hand,
        "tracksInventory": _yes,
        "variantsCount": lambda p: count(len(p["variants"])),
    },
    "ProductVariant": {
        "inventoryPolicy": lambda _: "DENY",
        "inventoryQuantity": lambda v: _on_hand({"variants": [v]}),
        "position": lambda v: v["product"]["variants"].index(v) + 1,
        "taxable": _yes,
    },
    "InventoryItem": {"locationsCount": lambda item: count(len(item["inventoryLevels"]))},
    "InventoryLevel": {"canDeactivate": _no},
    "Location": {
        "addressVerified": _no,
        "hasActiveInventory": lambda place: bool(place["inventoryLevels"]),
        "isFulfillmentService": _no,
    },
}
