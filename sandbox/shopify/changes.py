"""What happens to an order after it was placed, by people or by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify import addresses, fulfillment, money
from sandbox.shopify.ids import gid
from sandbox.shopify.orders import ZERO, address_gid, recalculate

if TYPE_CHECKING:
    from sandbox.shopify.store import Record, Store

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
    """Cancel an order: nothing is left to ship or to pay."""
    if order["cancelledAt"]:
        return
    for each in fulfillment.open_ones(order):
        fulfillment.close(store, each, "CANCELLED", at)
    paid = order["displayFinancialStatus"] in ("PAID", "PARTIALLY_PAID")
    order["_refunded"] = money.amount_of(order["totalPriceSet"]) if paid else ZERO
    order |= {
        "cancelledAt": at,
        "closedAt": at,
        "closed": True,
        "cancelReason": reason,
        "displayFinancialStatus": "REFUNDED" if paid else "VOIDED",
    }
    for line in order["lineItems"]:
        line |= {"currentQuantity": 0, "unfulfilledQuantity": 0}
    touch(order, at)


def set_financial_status(order: Record, status: str, at: str) -> None:
    order["displayFinancialStatus"] = status
    touch(order, at)


def refund(order: Record, at: str) -> None:
    """Give all money back without restocking; what was to be shipped stays as it is."""
    order["_refunded"] = money.amount_of(order["totalPriceSet"])
    order["displayFinancialStatus"] = "REFUNDED"
    for line in order["lineItems"]:
        line["currentQuantity"] = 0
    touch(order, at)


def fulfil(store: Store, order: Record, at: str, number: str, company: str | None) -> None:
    """Ship everything that is open, with one tracking number for each fulfillment order."""
    for index, each in enumerate(fulfillment.open_ones(order)):
        tracking = {"company": company, "number": f"{number}{index + 1}", "url": None}
        fulfillment.add_fulfillment(store, order, each, [tracking], at)
    order |= {"closed": True, "closedAt": at}
    touch(order, at)


def hold(order: Record, reason: str, notes: str | None, at: str) -> None:
    """Put every open fulfillment order on hold; a reason that Shopify does not know is a note."""
    known = reason.upper() in HOLD_REASONS
    code = reason.upper() if known else "OTHER"
    for each in fulfillment.open_ones(order):
        each |= {"status": "ON_HOLD", "updatedAt": at}
        each["fulfillmentHolds"] = [
            {
                "id": gid("FulfillmentHold", each["id"].rsplit("/", 1)[1]),
                "reason": code,
                "displayReason": HOLD_REASONS[code],
                "reasonNotes": notes or (None if known else reason),
                "heldByRequestingApp": False,
            }
        ]
    touch(order, at)


def release(order: Record, at: str) -> None:
    """Release every hold."""
    for each in fulfillment.open_ones(order):
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
