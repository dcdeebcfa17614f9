"""What happens to an order after it was placed, by people or by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify import (
    addresses,
    fulfillment,
    payments,
    refunds,
    returns,
    totals,
    tracking,
)
from sandbox.shopify.ids import gid
from sandbox.shopify.orders import address_gid, recalculate
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from datetime import datetime

HOLD_REASONS = {
    "AWAITING_PAYMENT": "Awaiting payment",
    "AWAITING_RETURN_ITEMS": "Awaiting return items",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INCORRECT_ADDRESS": "Incorrect address",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
    "OTHER": "Other",
    "UNKNOWN_DELIVERY_DATE": "Unknown delivery date",
}
FINANCIAL = ("AUTHORIZED", "PAID", "PARTIALLY_PAID", "PENDING", "EXPIRED", "VOIDED")


def touch(order: Record, at: str) -> None:
    """An order that changed in any way is an updated one."""
    order["updatedAt"] = max(order["updatedAt"], at)
    recalculate(order)


def cancel(store: Store, order: Record, at: str, reason: str = "CUSTOMER") -> None:
    """Cancel an order: nothing is left to ship or to pay, and what was paid goes back."""
    if order["cancelledAt"]:
        return
    units = [(line, line["currentQuantity"], "CANCEL") for line in order["lineItems"]]
    for each in fulfillment.open_ones(order):
        fulfillment.close(store, each, "CANCELLED", at)
    paid = totals.received(order) - totals.refunded(order)
    if paid > 0:
        refund_all(store, order, units, at)
    elif order["displayFinancialStatus"] != "REFUNDED":
        payments.settle(store, order, "VOIDED", at)
        order["displayFinancialStatus"] = "VOIDED"
    order |= {"cancelledAt": at, "closedAt": at, "closed": True, "cancelReason": reason}
    order["_shipping_gone"] = totals.shipping(order)
    for line in order["lineItems"]:
        line |= {"currentQuantity": 0, "unfulfilledQuantity": 0}
    touch(order, at)


def set_financial_status(store: Store, order: Record, status: str, at: str) -> None:
    """Let somebody pay, or let a payment lapse."""
    payments.settle(store, order, status, at)
    order["displayFinancialStatus"] = status
    touch(order, at)


def refund(store: Store, order: Record, at: str) -> None:
    """Give all money back without restocking; what was to be shipped stays as it is."""
    units = [(line, line["currentQuantity"], "NO_RESTOCK") for line in order["lineItems"]]
    refund_all(store, order, units, at)
    order["displayFinancialStatus"] = "REFUNDED"
    touch(order, at)


def refund_all(store: Store, order: Record, units: list[tuple[Record, int, str]], at: str) -> None:
    """Give back everything that is left, shipping too."""
    wanted = refunds.Wanted(
        units=[unit for unit in units if unit[1]],
        shipping=totals.shipping(order) - order["_shipping_gone"],
        amount=totals.received(order) - totals.refunded(order),
    )
    refunds.refund(store, order, wanted, at)


def refund_some(store: Store, order: Record, wanted: refunds.Wanted, at: str) -> None:
    """Give some units or some money back."""
    entered = refunds.refund(store, order, wanted, at)
    if wanted.of is not None:
        returns.enter_refund(wanted.of, entered)
    touch(order, at)


def fulfil(
    store: Store, order: Record, moment: datetime, number: str | None, company: str | None
) -> None:
    """Ship everything that is open, with one tracking number for each fulfillment order."""
    at = stamp(moment)
    for index, each in enumerate(fulfillment.open_ones(order)):
        told = {"company": company, "number": f"{number}{index + 1}", "url": None}
        shipped = fulfillment.add_fulfillment(store, order, each, [told] if number else [], at)
        tracking.start(store, shipped, moment)
    order |= {"closed": True, "closedAt": at}
    touch(order, at)


def hold(
    order: Record, reason: str, notes: str | None, at: str, only: Record | None = None
) -> None:
    """Put every open fulfillment order, or one, on hold.

    A reason that Shopify does not know is a note.
    """
    known = reason.upper() in HOLD_REASONS
    code = reason.upper() if known else "OTHER"
    for each in [only] if only else fulfillment.open_ones(order):
        each |= {"status": "ON_HOLD", "updatedAt": at}
        each["fulfillmentHolds"] = [
            {
                "id": gid("FulfillmentHold", each["id"].rsplit("/", 1)[1]),
                "reason": code,
                "displayReason": HOLD_REASONS[code],
                "reasonNotes": notes or (None if known else reason),
                "heldByRequestingApp": False,
                "handle": None,
            }
        ]
    touch(order, at)


def release(order: Record, at: str, only: Record | None = None) -> None:
    """Release every hold, or that of one fulfillment order."""
    for each in [only] if only else fulfillment.open_ones(order):
        if each["status"] == "ON_HOLD":
            each |= {"status": "OPEN", "fulfillmentHolds": [], "updatedAt": at}
    touch(order, at)


def schedule(order: Record, fulfil_at: str, at: str) -> None:
    """Let nothing be shipped before a time; a time that has passed opens it again."""
    for each in fulfillment.open_ones(order):
        status = "SCHEDULED" if fulfil_at > at else "OPEN"
        each |= {"status": status, "fulfillAt": fulfil_at, "updatedAt": at}
    touch(order, at)


def set_quantity(store: Store, order: Record, line: Record, quantity: int, at: str) -> None:
    """Edit how many units of a line are still ordered; none at all takes it out."""
    line["unfulfilledQuantity"] = max(
        0, line["unfulfilledQuantity"] + quantity - line["currentQuantity"]
    )
    line["currentQuantity"] = quantity
    for each in fulfillment.open_ones(order):
        for own in [own for own in each["lineItems"] if own["lineItem"] is line]:
            store.set_remaining(each, own, quantity, at)
            own["totalQuantity"] = quantity
            each["updatedAt"] = at
            if not quantity:
                each["lineItems"].remove(own)
        if not each["lineItems"]:
            fulfillment.close(store, each, "CANCELLED", at)
    touch(order, at)


def set_address(order: Record, field: str, value: Any, at: str) -> None:
    """Change one field of the ship-to address, and the destinations of what is still open.

    Raises:
        KeyError: An address has no such field.
    """
    if order["shippingAddress"] is None:
        blank = dict.fromkeys(set(addresses.EDITABLE.values()))
        order["shippingAddress"] = {**blank, "id": address_gid(order["legacyResourceId"], 1)}
    addresses.edit(order["shippingAddress"], field, value)
    for each in fulfillment.open_ones(order):
        fulfillment.set_destination(order, each)
        each["updatedAt"] = at
    touch(order, at)


def set_text(order: Record, field: str, value: str | None, at: str) -> None:
    """Change the order's `email`, `phone` or `note`; destinations carry the e-mail address."""
    order[field] = value
    if field == "email":
        for each in fulfillment.open_ones(order):
            fulfillment.set_destination(order, each)
    touch(order, at)
