"""What was paid of an order: authorizations, sales, captures, refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.shopify import totals
from sandbox.shopify.ids import gid
from sandbox.shopify.money import ZERO, Bag
from sandbox.world import cents

if TYPE_CHECKING:
    from sandbox.shopify.store import Record, Store

GATEWAY = "shopify_payments"
MANUAL = "manual"
HALF = Decimal("0.5")
# The first transactions of an order that has this status, and the share of its total.
_FIRST: dict[str, tuple[tuple[str, str, Decimal], ...]] = {
    "AUTHORIZED": (("AUTHORIZATION", "SUCCESS", Decimal(1)),),
    "EXPIRED": (("AUTHORIZATION", "SUCCESS", Decimal(1)),),
    "PENDING": (("SALE", "PENDING", Decimal(1)),),
    "PARTIALLY_PAID": (("SALE", "SUCCESS", HALF),),
    "VOIDED": (("AUTHORIZATION", "SUCCESS", Decimal(1)), ("VOID", "SUCCESS", Decimal(1))),
}
_PAID = (("SALE", "SUCCESS", Decimal(1)),)


def open_account(store: Store, order: Record) -> None:
    """Enter how an order was paid when it was placed."""
    total = totals.total(order)
    for kind, status, share in _FIRST.get(order["displayFinancialStatus"], _PAID):
        enter(store, order, kind, cents(total * share), order["createdAt"], status)


def enter(
    store: Store, order: Record, kind: str, amount: Decimal, at: str, status: str = "SUCCESS"
) -> Record:
    """Add a transaction; one that follows on another names it as its parent."""
    entered: list[Record] = order["transactions"]
    parent = next((t for t in entered if t["kind"] in _PARENTS.get(kind, ())), None)
    number = int(order["legacyResourceId"]) * 100 + len(entered)
    record = store.add(
        {
            "id": gid("OrderTransaction", number),
            "kind": kind,
            "status": status,
            "amountSet": Bag(amount, order["_currencies"]),
            "createdAt": at,
            "gateway": MANUAL if status == "PENDING" else GATEWAY,
            "parentTransaction": parent,
            "order": order,
        }
    )
    entered.append(record)
    return record


_PARENTS = {
    "CAPTURE": ("AUTHORIZATION",),
    "VOID": ("AUTHORIZATION",),
    "REFUND": ("SALE", "CAPTURE"),
}


def settle(store: Store, order: Record, status: str, at: str) -> None:
    """Let the account follow a financial status that somebody sets."""
    owed = totals.total(order) - totals.received(order)
    held = any(t["kind"] == "AUTHORIZATION" for t in order["transactions"])
    if status == "PAID" and owed > 0:
        enter(store, order, "CAPTURE" if held else "SALE", owed, at)
    elif status == "PARTIALLY_PAID" and owed > 0:
        enter(store, order, "SALE", cents(owed * HALF), at)
    elif status == "VOIDED" and held:
        enter(store, order, "VOID", owed, at)


def capturable(order: Record) -> Decimal:
    """What is authorized and neither captured nor voided."""
    amounts: dict[str, Decimal] = {}
    for each in order["transactions"]:
        if each["status"] == "SUCCESS":
            amounts[each["kind"]] = amounts.get(each["kind"], ZERO) + each["amountSet"].amount
    spent = amounts.get("CAPTURE", ZERO) + amounts.get("VOID", ZERO)
    return max(ZERO, amounts.get("AUTHORIZATION", ZERO) - spent)


TRANSACTION: dict[str, Any] = {
    "formattedGateway": lambda t: t["gateway"].replace("_", " ").title(),
    "manualPaymentGateway": lambda t: t["gateway"] == MANUAL,
    "manuallyCapturable": lambda t: t["kind"] == "AUTHORIZATION" and capturable(t["order"]) > 0,
    "multiCapturable": lambda _: False,
    "processedAt": lambda t: t["createdAt"],
    "settlementCurrency": lambda t: t["order"]["currencyCode"],
    "test": lambda t: t["order"]["test"],
    "totalUnsettledSet": lambda t: Bag(
        capturable(t["order"]) if t["kind"] == "AUTHORIZATION" else ZERO, t["order"]["_currencies"]
    ),
}
"""Fields of a transaction that follow from the rest of it."""
