"""Refunds: what a buyer got back, for which units, and whether they went back on the shelf."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shopify import fulfillment, payments, totals
from sandbox.shopify.ids import gid
from sandbox.shopify.money import ZERO, Bag
from sandbox.world import cents

if TYPE_CHECKING:
    from sandbox.shopify.store import Record, Store

RESTOCKS = ("CANCEL", "NO_RESTOCK", "RETURN")


@dataclass
class Wanted:
    """What a person gives back.

    Attributes:
        units: Lines, how many units of each, and where these go: one of `RESTOCKS`.
        shipping: How much of the shipping price.
        amount: The money; what units, their taxes and duties and shipping come to, unless said.
        of: The return that it settles.
    """

    units: list[tuple[Record, int, str]] = field(default_factory=list)
    shipping: Decimal = ZERO
    amount: Decimal | None = None
    note: str | None = None
    of: Record | None = None


def refund(store: Store, order: Record, wanted: Wanted, at: str) -> Record:
    """Enter a refund; the status of the order follows from the money."""
    number = int(order["legacyResourceId"]) * 100 + len(order["refunds"])
    currencies = order["_currencies"]
    before = totals.shipping_tax(order, current=True)
    order["_shipping_gone"] += wanted.shipping
    shipping_tax = before - totals.shipping_tax(order, current=True)
    record: Record = {
        "id": gid("Refund", number),
        "legacyResourceId": str(number),
        **dict.fromkeys(("createdAt", "processedAt", "updatedAt"), at),
        "note": wanted.note,
        "order": order,
        "return": wanted.of,
        "duties": [],
        "refundLineItems": [],
        "refundShippingLines": [],
        "orderAdjustments": [],
        "transactions": [],
    }
    due = wanted.shipping + shipping_tax
    for position, (line, count, restock) in enumerate(wanted.units):
        due += _refund_units(store, record, line, count, restock, number * 100 + position, at)
    if wanted.shipping:
        shipping_line = {
            "id": gid("RefundShippingLine", number),
            "shippingLine": order["shippingLine"],
            "subtotalAmountSet": Bag(wanted.shipping, currencies),
            "taxAmountSet": Bag(shipping_tax, currencies),
        }
        record["refundShippingLines"].append(store.add(shipping_line))
    amount = due if wanted.amount is None else wanted.amount
    _adjust(store, record, due - amount, number)
    if amount > 0:
        record["transactions"].append(payments.enter(store, order, "REFUND", amount, at))
    record["totalRefundedSet"] = Bag(amount, currencies)
    order["refunds"].append(store.add(record))
    _settle(order)
    return record


def _refund_units(
    store: Store, record: Record, line: Record, count: int, restock: str, number: int, at: str
) -> Decimal:
    """Take units out of a line; answers what they cost, with taxes and duties."""
    order, units = record["order"], line["currentQuantity"]
    currencies, left = order["_currencies"], units - count
    price = totals.net(line, units) - totals.net(line, left)
    tax = totals.tax(line, units) - totals.tax(line, left)
    duty = totals.duty(line, units) - totals.duty(line, left)
    line["currentQuantity"] = left
    location = order["fulfillmentOrders"][0]["_location"] if order["fulfillmentOrders"] else None
    if restock == "CANCEL":
        fulfillment.take_out(store, order, line, count, at)
    elif restock == "RETURN" and location:
        level = store.level(location, line["variant"])
        if level:
            level |= {"_on_hand": level["_on_hand"] + count, "updatedAt": at}
    record["refundLineItems"].append(
        {
            "id": gid("RefundLineItem", number),
            "lineItem": line,
            "location": location if restock != "NO_RESTOCK" else None,
            "quantity": count,
            "restockType": restock,
            "restocked": restock != "NO_RESTOCK",
            "priceSet": Bag(cents(price / count) if count else ZERO, currencies),
            "subtotalSet": Bag(price, currencies),
            "totalTaxSet": Bag(tax, currencies),
        }
    )
    if duty:
        original = {
            "id": line["id"].replace("/LineItem/", "/Duty/"),
            "price": Bag(totals.duty(line, line["quantity"]), currencies),
            "taxLines": [],
        }
        record["duties"].append({"amountSet": Bag(duty, currencies), "originalDuty": original})
    return price + tax + duty


def _adjust(store: Store, record: Record, difference: Decimal, number: int) -> None:
    """Say what was given back beyond, or short of, what the units come to."""
    if difference:
        currencies = record["order"]["_currencies"]
        adjustment = {
            "id": gid("OrderAdjustment", number),
            "amountSet": Bag(difference, currencies),
            "taxAmountSet": Bag(ZERO, currencies),
            "reason": "REFUND_DISCREPANCY",
        }
        record["orderAdjustments"].append(store.add(adjustment))


def _settle(order: Record) -> None:
    back, paid = totals.refunded(order), totals.received(order)
    if back > 0:
        order["displayFinancialStatus"] = "REFUNDED" if back >= paid else "PARTIALLY_REFUNDED"
