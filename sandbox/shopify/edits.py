"""What people and other apps change in a shop: the body of `/_sandbox/edit`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shopify import addresses, catalog, customers, edits_orders, money, removals
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[], object]

KINDS = {
    "customer": "Customer",
    "fulfillment": "Fulfillment",
    "fulfillment_order": "FulfillmentOrder",
    "inventory_level": "InventoryLevel",
    "order": "Order",
    "product": "Product",
    "return": "Return",
}


def apply(store: Store, body: dict[str, Any], at: str) -> tuple[Record, str, dict[str, Any]]:
    """Change one record, in all fields or not at all.

    Returns:
        The record, what was done to it, and what was asked for.

    Raises:
        EditError: There is no such record or field, or the value makes no sense.
    """
    record, kind = find(store, body), str(body["object"])
    if body.get("delete"):
        removals.delete(store, kind, record, at)
        return record, "delete", {}
    if kind == "customer" and "merge" in body:
        removals.merge(store, record, find(store, {"object": kind, "id": body["merge"]}), at)
        return record, "merge", {"merge": str(body["merge"])}
    wanted = body.get("set")
    if not isinstance(wanted, dict) or not wanted:
        raise EditError('say what to change: "set": {"note": "..."}')
    due: list[Change] = []
    for name, value in wanted.items():
        try:
            due.append(_EDITORS[kind](store, record, name, value, at))
        except (ValueError, TypeError, InvalidOperation):
            raise EditError(f"{value!r} makes no sense as {name!r}") from None
        except KeyError:
            raise EditError(f"a {kind} has no field {name!r} to change") from None
    for change in due:
        change()
    return record, "update", dict(wanted)


def find(store: Store, body: dict[str, Any]) -> Record:
    """The record that an edit names by the world's id, the shop's id, or its number."""
    kind = KINDS.get(str(body.get("object")))
    if kind is None:
        raise EditError(f"there is no object {body.get('object')!r}; there are {', '.join(KINDS)}")
    wanted = str(body.get("id") or body.get("number") or "").lstrip("#")
    for global_id in (wanted, gid(kind, wanted), gid(kind, number_for(wanted))):
        record = store.get(global_id)
        if record:
            return record
    if kind == "InventoryLevel":
        location, _, sku = wanted.partition("/")
        number = f"{number_for(location)}?inventory_item_id={number_for(sku)}"
        found = store.get(gid(kind, number))
        if found:
            return found
    if kind in ("Fulfillment", "Return"):  # by the number that people see: #1001-F1
        for each in store.all(kind):
            if each["name"] == f"#{wanted}":
                return each
    raise EditError(f"the shop has no {body['object']} {wanted!r}")


def _edit_customer(_: Store, customer: Record, name: str, value: Any, at: str) -> Change:
    head, _dot, rest = name.partition(".")
    if head == "default_address":
        if customer["defaultAddress"] is None or rest not in addresses.EDITABLE:
            raise KeyError(name)
        return partial(customers.set_address, customer, rest, value, at)
    if name == "tags":
        return partial(customer.update, tags=edits_orders.tags(value), updatedAt=at)
    if name not in customers.EDITABLE:
        raise KeyError(name)
    return partial(customers.set_field, customer, name, value or None, at)


def _edit_product(_: Store, product: Record, name: str, value: Any, at: str) -> Change:
    if name not in catalog.EDITABLE:
        raise KeyError(name)
    text = money.text(Decimal(str(value))) if name == "price" else str(value or "")
    return partial(catalog.set_field, product, name, text, at)


def _edit_level(_: Store, level: Record, name: str, value: Any, at: str) -> Change:
    field = {"on_hand": "_on_hand"}[name]
    return partial(level.update, {field: int(value), "updatedAt": at})


_EDITORS: dict[str, Callable[[Store, Record, str, Any, str], Change]] = {
    "customer": _edit_customer,
    "fulfillment": edits_orders.edit_fulfillment,
    "fulfillment_order": edits_orders.edit_fulfillment_order,
    "inventory_level": _edit_level,
    "order": edits_orders.edit_order,
    "product": _edit_product,
    "return": edits_orders.edit_return,
}
