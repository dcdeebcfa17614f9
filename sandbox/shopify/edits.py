"""What people and other apps change in a shop: the body of `/_sandbox/edit`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shopify import addresses, changes, customers, fulfillment
from sandbox.shopify.ids import gid, number_for

if TYPE_CHECKING:
    from sandbox.shopify.store import Record, Store

KINDS = {
    "customer": "Customer",
    "inventory_level": "InventoryLevel",
    "order": "Order",
    "product": "Product",
}


def apply(store: Store, body: dict[str, Any], at: str) -> tuple[Record, dict[str, Any]]:
    """Change one record; answers it and what was asked to change.

    Raises:
        EditError: There is no such record or field, or the value makes no sense.
    """
    record = find(store, body)
    wanted = body.get("set")
    if not isinstance(wanted, dict) or not wanted:
        raise EditError('say what to change: "set": {"note": "..."}')
    edit = _EDITORS[body["object"]]
    for name, value in wanted.items():
        try:
            edit(store, record, name, value, at)
        except (ValueError, TypeError, InvalidOperation):
            raise EditError(f"{value!r} makes no sense as {name!r}") from None
        except KeyError:
            raise EditError(f"a {body['object']} has no field {name!r} to change") from None
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


def _edit_order(store: Store, order: Record, name: str, value: Any, at: str) -> None:
    head, _, rest = name.partition(".")
    if head == "shipping_address" and rest:
        changes.set_address(order, rest, value, at)
    elif head in ("line", "lines") and rest.endswith(".current_quantity"):
        line = _line(order, rest.split(".")[0])
        changes.set_quantity(store, order, line, int(value), at)
    else:
        _ORDER_FIELDS[name](store, order, value, at)


def _line(order: Record, number: str) -> Record:
    lines: list[Record] = order["lineItems"]
    for line in lines:
        if str(line["_world"].line_number) == number or line["sku"] == number:
            return line
    raise EditError(f"order {order['name']} has no line {number!r}")


def _cancel(store: Store, order: Record, value: Any, at: str) -> None:
    if not value:
        raise EditError("a cancelled order stays cancelled")
    changes.cancel(store, order, at)


def _pay(_: Store, order: Record, value: Any, at: str) -> None:
    status = str(value).upper()
    if status == "REFUNDED":
        changes.refund(order, at)
    elif status in changes.FINANCIAL:
        changes.set_financial_status(order, status, at)
    else:
        raise EditError(f"{value!r} is no financial status")


def _hold(_: Store, order: Record, value: Any, at: str) -> None:
    if value:
        changes.hold(order, str(value), None, at)
    else:
        changes.release(order, at)


def _schedule(_: Store, order: Record, value: Any, at: str) -> None:
    changes.schedule(order, str(value), at)


def _note(_: Store, order: Record, value: Any, at: str) -> None:
    order["note"] = value or None
    changes.touch(order, at)


def _email(_: Store, order: Record, value: Any, at: str) -> None:
    order["email"] = value or None
    for each in fulfillment.open_ones(order):
        fulfillment.set_destination(order, each)
    changes.touch(order, at)


def _phone(_: Store, order: Record, value: Any, at: str) -> None:
    order["phone"] = value or None
    changes.touch(order, at)


def _tags(_: Store, record: Record, value: Any, at: str) -> None:
    tags = value.split(",") if isinstance(value, str) else list(value or ())
    record["tags"] = sorted({str(tag).strip() for tag in tags} - {""})
    record["updatedAt"] = at


def _edit_customer(store: Store, customer: Record, name: str, value: Any, at: str) -> None:
    head, _, rest = name.partition(".")
    if head == "default_address" and rest:
        if customer["defaultAddress"] is None:
            raise EditError("the customer has no address")
        addresses.edit(customer["defaultAddress"], rest, value)
    elif name in ("email", "phone"):
        customers.set_contact(customer, name, value or None)
    elif name == "tags":
        _tags(store, customer, value, at)
    else:
        customer[{"first_name": "firstName", "last_name": "lastName", "note": "note"}[name]] = (
            value or None
        )
        customers.set_name(customer)
    customer["updatedAt"] = at


def _edit_product(_: Store, product: Record, name: str, value: Any, at: str) -> None:
    variant = product["variants"][0]
    if name == "price":
        variant["price"] = f"{Decimal(str(value)):.2f}"
    elif name in ("sku", "barcode"):
        variant[name] = value or None
        if name == "sku":
            variant["inventoryItem"]["sku"] = value or None
    elif name in ("title", "vendor"):
        product[name] = str(value)
    elif name == "status":
        product["status"] = str(value).upper()
    else:
        raise KeyError(name)
    product["updatedAt"] = variant["updatedAt"] = variant["inventoryItem"]["updatedAt"] = at


def _edit_level(_: Store, level: Record, name: str, value: Any, at: str) -> None:
    level[{"on_hand": "_on_hand"}[name]] = int(value)
    level["updatedAt"] = at


_EDITORS: dict[str, Callable[[Store, Record, str, Any, str], None]] = {
    "customer": _edit_customer,
    "inventory_level": _edit_level,
    "order": _edit_order,
    "product": _edit_product,
}
_ORDER_FIELDS: dict[str, Callable[[Store, Record, Any, str], None]] = {
    "cancelled": _cancel,
    "cancelled_at": _cancel,
    "email": _email,
    "financial_status": _pay,
    "fulfill_at": _schedule,
    "hold_reason": _hold,
    "note": _note,
    "phone": _phone,
    "tags": _tags,
}
