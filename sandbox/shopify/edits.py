"""What people and other apps change in a shop: the body of `/_sandbox/edit`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shopify import addresses, catalog, changes, customers, money
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[], object]

KINDS = {
    "customer": "Customer",
    "inventory_level": "InventoryLevel",
    "order": "Order",
    "product": "Product",
}


def apply(store: Store, body: dict[str, Any], at: str) -> tuple[Record, dict[str, Any]]:
    """Change one record, in all fields or not at all; answers it and what was asked for.

    Raises:
        EditError: There is no such record or field, or the value makes no sense.
    """
    record = find(store, body)
    wanted = body.get("set")
    if not isinstance(wanted, dict) or not wanted:
        raise EditError('say what to change: "set": {"note": "..."}')
    edit = _EDITORS[body["object"]]
    due: list[Change] = []
    for name, value in wanted.items():
        try:
            due.append(edit(store, record, name, value, at))
        except (ValueError, TypeError, InvalidOperation):
            raise EditError(f"{value!r} makes no sense as {name!r}") from None
        except KeyError:
            raise EditError(f"a {body['object']} has no field {name!r} to change") from None
    for change in due:
        change()
    return record, dict(wanted)


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
    raise EditError(f"the shop has no {body['object']} {wanted!r}")


def _edit_order(store: Store, order: Record, name: str, value: Any, at: str) -> Change:
    head, _, rest = name.partition(".")
    if head == "shipping_address":
        if rest not in addresses.EDITABLE:
            raise KeyError(name)
        return partial(changes.set_address, order, rest, value, at)
    if head in ("line", "lines") and rest.endswith(".current_quantity"):
        line = _line(order, rest.split(".")[0])
        if not 0 <= int(value) <= line["quantity"]:
            raise ValueError(value)
        return partial(changes.set_quantity, store, order, line, int(value), at)
    if name in ("email", "note", "phone"):
        return partial(changes.set_text, order, name, value or None, at)
    return _ORDER_FIELDS[name](store, order, value, at)


def _line(order: Record, number: str) -> Record:
    lines: list[Record] = order["lineItems"]
    for line in lines:
        if str(line["_world"].line_number) == number or line["sku"] == number:
            return line
    raise EditError(f"order {order['name']} has no line {number!r}")


def _cancel(store: Store, order: Record, value: Any, at: str) -> Change:
    if not value:
        raise EditError("a cancelled order stays cancelled")
    return partial(changes.cancel, store, order, at)


def _pay(store: Store, order: Record, value: Any, at: str) -> Change:
    status = str(value).upper()
    if status == "REFUNDED":
        return partial(changes.refund, store, order, at)
    if status not in changes.FINANCIAL:
        raise ValueError(value)
    return partial(changes.set_financial_status, store, order, status, at)


def _hold(_: Store, order: Record, value: Any, at: str) -> Change:
    if value:
        return partial(changes.hold, order, str(value), None, at)
    return partial(changes.release, order, at)


def _schedule(_: Store, order: Record, value: Any, at: str) -> Change:
    moment = datetime.fromisoformat(value)
    return partial(changes.schedule, order, stamp(moment), at)


def _tags(_: Store, record: Record, value: Any, at: str) -> Change:
    tags = value.split(",") if isinstance(value, str) else list(value or ())
    kept = sorted({str(tag).strip() for tag in tags} - {""})
    return partial(record.update, tags=kept, updatedAt=at)


def _edit_customer(store: Store, customer: Record, name: str, value: Any, at: str) -> Change:
    head, _, rest = name.partition(".")
    if head == "default_address":
        if customer["defaultAddress"] is None or rest not in addresses.EDITABLE:
            raise KeyError(name)
        return partial(customers.set_address, customer, rest, value, at)
    if name == "tags":
        return _tags(store, customer, value, at)
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
    "inventory_level": _edit_level,
    "order": _edit_order,
    "product": _edit_product,
}
_ORDER_FIELDS: dict[str, Callable[[Store, Record, Any, str], Change]] = {
    "cancelled": _cancel,
    "cancelled_at": _cancel,
    "financial_status": _pay,
    "fulfill_at": _schedule,
    "hold_reason": _hold,
    "tags": _tags,
}
