"""Fields of orders and of their lines that follow from the rest of the record."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.shopify import payments, totals
from sandbox.shopify.money import ZERO, Bag
from sandbox.world import cents

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.shopify.store import Record

    Compute = Callable[[Record], Any]

RETURN_STATES = {"REQUESTED": "RETURN_REQUESTED", "OPEN": "IN_PROGRESS", "CLOSED": "RETURNED"}


def _bag(amount: Callable[[Record], Decimal]) -> Compute:
    return lambda order: Bag(amount(order), order["_currencies"])


def _line_bag(amount: Callable[[Record], Decimal]) -> Compute:
    return lambda line: Bag(amount(line), line["_order"]["_currencies"])


def _maybe_duties(current: bool) -> Compute:
    """Duties are null, not zero, for an order that has none."""

    def compute(order: Record) -> Bag | None:
        if not totals.duties(order):
            return None
        return Bag(totals.duties(order, current), order["_currencies"])

    return compute


def _weight(order: Record, current: bool) -> str:
    field = "currentQuantity" if current else "quantity"
    grams = (line[field] * _line_weight(line)["value"] for line in order["lineItems"])
    return str(round(sum(grams)))


def _line_weight(line: Record) -> Record:
    if line["variant"] is None:
        return {"unit": "GRAMS", "value": 0.0}
    weight: Record = line["variant"]["inventoryItem"]["measurement"]["weight"]
    return weight


def tax_line(order: Record, amount: Decimal) -> Record:
    """One tax of an order, of the given amount."""
    rate = order["_world"].tax_rate
    return {
        "channelLiable": False,
        "priceSet": Bag(amount, order["_currencies"]),
        "rate": float(rate),
        "ratePercentage": float(rate * 100),
        "source": "Shopify",
        "title": "Tax",
    }


def _order_taxes(current: bool) -> Compute:
    def compute(order: Record) -> list[Record]:
        taxed = order["_world"].tax_rate
        return [tax_line(order, totals.taxes(order, current))] if taxed else []

    return compute


def _line_taxes(line: Record) -> list[Record]:
    order = line["_order"]
    taxed = order["_world"].tax_rate
    return [tax_line(order, totals.tax(line, line["quantity"]))] if taxed else []


def _duties(line: Record) -> list[Record]:
    if not line["_world"].duty:
        return []
    return [
        {
            "id": line["id"].replace("/LineItem/", "/Duty/"),
            "countryCodeOfOrigin": None,
            "harmonizedSystemCode": None,
            "price": Bag(totals.duty(line, line["quantity"]), line["_order"]["_currencies"]),
            "taxLines": [],
        }
    ]


def _applications(order: Record) -> list[Record]:
    """One discount for each rate that a line of the order has."""
    rates = dict.fromkeys(line["_world"].discount_rate for line in order["lineItems"])
    return [
        {
            "id": f"discount/{index}",
            "__typename": "AutomaticDiscountApplication",
            "allocationMethod": "EACH",
            "index": index,
            "targetSelection": "ENTITLED",
            "targetType": "LINE_ITEM",
            "title": f"{rate * 100:f}".rstrip("0").rstrip(".") + "% off",
            "value": {"__typename": "PricingPercentageValue", "percentage": float(rate * 100)},
            "_rate": rate,
        }
        for index, rate in enumerate(rate for rate in rates if rate)
    ]


def _allocations(line: Record) -> list[Record]:
    order, rate = line["_order"], line["_world"].discount_rate
    amount = totals.gross(line, line["quantity"]) - totals.net(line, line["quantity"])
    return [
        {"allocatedAmountSet": Bag(amount, order["_currencies"]), "discountApplication": each}
        for each in _applications(order)
        if each["_rate"] == rate
    ]


def _unit_net(line: Record) -> Decimal:
    return cents(line["_world"].unit_price * (1 - line["_world"].discount_rate))


def _fulfillment_status(line: Record) -> str:
    if line["unfulfilledQuantity"] == 0:
        return "fulfilled"
    return "partial" if line["_fulfilled"] else "unfulfilled"


def _return_status(order: Record) -> str:
    """The furthest from done that any return of the order is."""
    found = {RETURN_STATES.get(each["status"]) for each in order["returns"]}
    known = ("RETURN_REQUESTED", "IN_PROGRESS", "RETURNED")
    return next((status for status in known if status in found), "NO_RETURN")


def _live(line: Record) -> Record | None:
    """The variant of a line; none once its product was deleted."""
    variant: Record | None = line["variant"]
    return None if variant is None or variant.get("_gone") else variant


LINE: dict[str, Compute] = {
    "customAttributes": lambda _: [],
    "discountAllocations": _allocations,
    "discountedTotalSet": _line_bag(lambda line: totals.net(line, line["quantity"])),
    "discountedUnitPriceAfterAllDiscountsSet": _line_bag(_unit_net),
    "discountedUnitPriceSet": _line_bag(_unit_net),
    "duties": _duties,
    "fulfillableQuantity": lambda line: line["unfulfilledQuantity"],
    "fulfillmentStatus": _fulfillment_status,
    "isGiftCard": lambda _: False,
    "merchantEditable": lambda line: line["unfulfilledQuantity"] > 0,
    "name": lambda line: line["title"],
    "nonFulfillableQuantity": lambda line: (
        line["quantity"] - line["_fulfilled"] - line["unfulfilledQuantity"]
    ),
    "originalTotalSet": _line_bag(lambda line: totals.gross(line, line["quantity"])),
    "originalUnitPriceSet": _line_bag(lambda line: line["_world"].unit_price),
    "priceAfterAllDiscountsBeforeTaxesSet": _line_bag(
        lambda line: totals.net(line, line["currentQuantity"])
    ),
    "product": lambda line: (variant := _live(line)) and variant["product"],
    "refundableQuantity": lambda line: line["currentQuantity"],
    "restockable": lambda line: _live(line) is not None,
    "taxLines": _line_taxes,
    "taxable": lambda _: True,
    "totalDiscountSet": _line_bag(
        lambda line: totals.gross(line, line["quantity"]) - totals.net(line, line["quantity"])
    ),
    "unfulfilledDiscountedTotalSet": _line_bag(
        lambda line: totals.net(line, line["unfulfilledQuantity"])
    ),
    "unfulfilledOriginalTotalSet": _line_bag(
        lambda line: totals.gross(line, line["unfulfilledQuantity"])
    ),
    "variant": _live,
    "weight": _line_weight,
}
ORDER: dict[str, Compute] = {
    "capturable": lambda order: payments.capturable(order) > 0,
    "cartDiscountAmountSet": _bag(lambda _: ZERO),
    "confirmed": lambda _: True,
    "currentCartDiscountAmountSet": _bag(lambda _: ZERO),
    "currentShippingPriceSet": _bag(lambda o: totals.shipping(o) - o["_shipping_gone"]),
    "currentSubtotalLineItemsQuantity": lambda order: sum(
        line["currentQuantity"] for line in order["lineItems"]
    ),
    "currentSubtotalPriceSet": _bag(lambda order: totals.subtotal(order, current=True)),
    "currentTaxLines": _order_taxes(current=True),
    "currentTotalDiscountsSet": _bag(lambda order: totals.discounts(order, current=True)),
    "currentTotalDutiesSet": _maybe_duties(current=True),
    "currentTotalPriceSet": _bag(totals.current_total),
    "currentTotalTaxSet": _bag(lambda order: totals.taxes(order, current=True)),
    "currentTotalWeight": lambda order: _weight(order, current=True),
    "customAttributes": lambda _: [],
    "discountApplications": _applications,
    "discountCodes": lambda _: [],
    "dutiesIncluded": lambda _: False,
    "edited": lambda order: any(
        line["currentQuantity"] != line["_world"].current for line in order["lineItems"]
    ),
    "estimatedTaxes": lambda _: False,
    "fulfillmentsCount": lambda order: {
        "count": len(order["fulfillments"]),
        "precision": "EXACT",
    },
    "fullyPaid": lambda order: totals.received(order) >= totals.total(order),
    "netPaymentSet": _bag(lambda order: totals.received(order) - totals.refunded(order)),
    "originalTotalDutiesSet": _maybe_duties(current=False),
    "originalTotalPriceSet": _bag(totals.total),
    "paymentGatewayNames": lambda order: list(
        dict.fromkeys(each["gateway"] for each in order["transactions"])
    ),
    "refundDiscrepancySet": _bag(
        lambda order: sum(
            (a["amountSet"].amount for r in order["refunds"] for a in r["orderAdjustments"]), ZERO
        )
    ),
    "refundable": lambda order: totals.received(order) > totals.refunded(order),
    "requiresShipping": lambda order: any(line["requiresShipping"] for line in order["lineItems"]),
    "restockable": lambda order: any(_live(line) for line in order["lineItems"]),
    "returnStatus": _return_status,
    "shippingLines": lambda order: [order["shippingLine"]] if order["shippingLine"] else [],
    "sourceName": lambda _: "web",
    "subtotalLineItemsQuantity": lambda order: sum(line["quantity"] for line in order["lineItems"]),
    "subtotalPriceSet": _bag(totals.subtotal),
    "taxExempt": lambda _: False,
    "taxLines": _order_taxes(current=False),
    "taxesIncluded": lambda _: False,
    "totalCapturableSet": _bag(payments.capturable),
    "totalDiscountsSet": _bag(totals.discounts),
    "totalOutstandingSet": _bag(
        lambda o: totals.current_total(o) - totals.received(o) + totals.refunded(o)
    ),
    "totalPriceSet": _bag(totals.total),
    "totalReceivedSet": _bag(totals.received),
    "totalRefundedSet": _bag(totals.refunded),
    "totalRefundedShippingSet": _bag(
        lambda order: sum(
            (
                line["subtotalAmountSet"].amount
                for refund in order["refunds"]
                for line in refund["refundShippingLines"]
            ),
            ZERO,
        )
    ),
    "totalShippingPriceSet": _bag(totals.shipping),
    "totalTaxSet": _bag(totals.taxes),
    "totalTipReceivedSet": _bag(lambda _: ZERO),
    "totalWeight": lambda order: _weight(order, current=False),
    "transactionsCount": lambda order: {
        "count": len(order["transactions"]),
        "precision": "EXACT",
    },
    "unpaid": lambda order: totals.received(order) == 0,
}
