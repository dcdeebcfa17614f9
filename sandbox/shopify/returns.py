"""Returns: units that a buyer sends back, from the request to the last inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify import totals
from sandbox.shopify.ids import gid
from sandbox.shopify.money import Bag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.shopify.store import Record, Store

REASONS = (
    *("COLOR", "DEFECTIVE", "NOT_AS_DESCRIBED", "OTHER", "SIZE_TOO_LARGE", "SIZE_TOO_SMALL"),
    *("STYLE", "UNKNOWN", "UNWANTED", "WRONG_ITEM"),
)
# From which status to which: approving a request opens it.
STEPS = {
    "REQUESTED": ("OPEN", "DECLINED", "CANCELED"),
    "OPEN": ("CLOSED", "CANCELED"),
    "CLOSED": ("OPEN",),
    "DECLINED": (),
    "CANCELED": (),
}


class NotFulfilled(ValueError):  # noqa: N818
    """A unit that was not shipped cannot come back."""


def open_return(
    store: Store,
    order: Record,
    units: Mapping[str, int],
    at: str,
    *,
    reason: str = "UNKNOWN",
    note: str = "",
    requested: bool = False,
) -> Record:
    """Open a return, or ask for one, of some units by the id of their line.

    Raises:
        NotFulfilled: Fewer units were shipped, or the others are on their way back already.
    """
    index = len(order["returns"])
    number = int(order["legacyResourceId"]) * 100 + index
    shipped = [_shipped(order, line_id, count) for line_id, count in units.items()]
    record: Record = {
        "id": gid("Return", number),
        "name": f"{order['name']}-R{index + 1}",
        "status": "REQUESTED" if requested else "OPEN",
        "order": order,
        "createdAt": at,
        **dict.fromkeys(("closedAt", "decline", "requestApprovedAt")),
        "refunds": [],
        "returnLineItems": [],
    }
    why = {"returnReason": reason, "returnReasonNote": note, "customerNote": note or None}
    for position, (item, count) in enumerate(zip(shipped, units.values(), strict=True)):
        line = {
            "id": gid("ReturnLineItem", number * 100 + position),
            "fulfillmentLineItem": item,
            "quantity": count,
            "processedQuantity": 0,
            "refundedQuantity": 0,
            **why,
        }
        record["returnLineItems"].append(store.add(line))
    order["returns"].append(store.add(record))
    return record


def check(order: Record, units: Mapping[str, int]) -> None:
    """See whether units can come back.

    Raises:
        NotFulfilled: They cannot.
    """
    for line_id, count in units.items():
        _shipped(order, line_id, count)


def _shipped(order: Record, line_id: str, count: int) -> Record:
    """The shipped item that units of a line come from."""
    items = [
        item
        for fulfillment in order["fulfillments"]
        for item in fulfillment["fulfillmentLineItems"]
        if item["lineItem"]["id"] == line_id
    ]
    returning = sum(
        line["quantity"]
        for each in order["returns"]
        if each["status"] not in ("CANCELED", "DECLINED")
        for line in each["returnLineItems"]
        if line["fulfillmentLineItem"]["lineItem"]["id"] == line_id
    )
    if not items or sum(item["quantity"] for item in items) - returning < count:
        raise NotFulfilled(f"order {order['name']} has not shipped so many units of that line")
    return max(items, key=lambda item: item["quantity"])


def move(record: Record, status: str, at: str) -> None:
    """Approve, decline, close, reopen or cancel a return.

    Raises:
        ValueError: It cannot go there from where it is.
    """
    if status not in STEPS[record["status"]]:
        raise ValueError(status)
    if record["status"] == "REQUESTED" and status == "OPEN":
        record["requestApprovedAt"] = at
    if status == "DECLINED":
        record["decline"] = {"reason": "OTHER", "note": None}
    record["status"] = status
    record["closedAt"] = at if status == "CLOSED" else None


def process(record: Record) -> None:
    """Inspect everything that came back."""
    for line in record["returnLineItems"]:
        line["processedQuantity"] = line["quantity"]


def enter_refund(record: Record, refund: Record) -> None:
    """Enter what a refund settles of a return."""
    record["refunds"].append(refund)
    for line in record["returnLineItems"]:
        own = line["fulfillmentLineItem"]["lineItem"]
        back = sum(r["quantity"] for r in refund["refundLineItems"] if r["lineItem"] is own)
        line["refundedQuantity"] = min(line["quantity"], line["refundedQuantity"] + back)


def _reason(line: Record) -> Record:
    code = line["returnReason"]
    return {
        "id": gid("ReturnReasonDefinition", REASONS.index(code) + 1),
        "deleted": False,
        "handle": code.lower().replace("_", "-"),
        "name": code.replace("_", " ").capitalize(),
    }


def _value(line: Record) -> Bag:
    item = line["fulfillmentLineItem"]["lineItem"]
    return Bag(totals.net(item, line["quantity"]), item["_order"]["_currencies"])


RETURN: dict[str, Any] = {
    "totalQuantity": lambda r: sum(line["quantity"] for line in r["returnLineItems"]),
}
RETURN_LINE: dict[str, Any] = {
    "processableQuantity": lambda line: line["quantity"] - line["processedQuantity"],
    "refundableQuantity": lambda line: line["quantity"] - line["refundedQuantity"],
    "returnReasonDefinition": _reason,
    "unprocessedQuantity": lambda line: line["quantity"] - line["processedQuantity"],
    "withCodeDiscountedTotalPriceSet": _value,
}
