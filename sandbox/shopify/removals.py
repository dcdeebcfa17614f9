"""Records that go: deleted by a person, or merged into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core import EditError
from sandbox.shopify import fulfillment
from sandbox.shopify.ids import gid

if TYPE_CHECKING:
    from sandbox.shopify.store import Record, Store


def delete(store: Store, kind: str, record: Record, at: str) -> None:
    """Delete a record with everything that is part of it.

    Raises:
        EditError: The shop would not let it go.
    """
    if kind == "product":
        _product(store, record, at)
    elif kind == "order":
        _order(store, record, at)
    elif kind == "customer":
        if record["orders"]:
            raise EditError("a customer who has ordered cannot be deleted")
        store.remove(record)
    else:
        raise EditError(f"a {kind} cannot be deleted")


def merge(store: Store, kept: Record, gone: Record, at: str) -> None:
    """Fold a customer into another, who has the orders of both from then on."""
    if kept is gone:
        raise EditError("a customer cannot be merged into itself")
    for order in gone["orders"]:
        order |= {"customer": kept, "updatedAt": max(order["updatedAt"], at)}
    kept["orders"] = sorted([*kept["orders"], *gone["orders"]], key=lambda o: o["createdAt"])
    for name in ("defaultEmailAddress", "defaultPhoneNumber", "defaultAddress"):
        kept[name] = kept[name] or gone[name]
    kept["tags"] = sorted({*kept["tags"], *gone["tags"]})
    kept["updatedAt"] = at
    store.remove(gone)


def _product(store: Store, product: Record, at: str) -> None:
    """Delete a product; what was sold of it stays on the orders, without a variant."""
    for variant in product["variants"]:
        item = variant["inventoryItem"]
        for level in item["inventoryLevels"]:
            level["location"]["inventoryLevels"].remove(level)
            store.remove(level)
        store.remove(item)
        store.remove(variant)
    store.remove(product)
    number = len(store.all("DeletionEvent")) + 1
    store.add(
        {
            "id": gid("DeletionEvent", number),
            "createdAt": at,
            "occurredAt": at,
            "subjectId": product["id"],
            "subjectType": "PRODUCT",
        }
    )


def _order(store: Store, order: Record, at: str) -> None:
    for each in order["fulfillmentOrders"]:
        fulfillment.close(store, each, "CANCELLED", at)
        for line in each["lineItems"]:
            store.remove(line)
        store.remove(each)
    for each in order["fulfillments"]:
        for item in (*each["events"], *each["fulfillmentLineItems"], each):
            store.remove(item)
    for each in order["returns"]:
        for line in (*each["returnLineItems"], each):
            store.remove(line)
    for record in (*order["refunds"], *order["transactions"], *order["lineItems"], order):
        store.remove(record)
    if order["customer"]:
        order["customer"]["orders"].remove(order)
