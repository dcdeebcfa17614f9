"""What people change on an order: its lines, address, money, holds, returns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shopify import addresses, changes, fulfillment, refunds, returns, totals, tracking
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[], object]
    Editor = Callable[[Store, Record, Any, str], Change]


def edit_order(store: Store, order: Record, name: str, value: Any, at: str) -> Change:
    """Prepare one change of an order.

    Raises:
        KeyError: An order has no such field.
        ValueError: The value makes no sense.
    """
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
    return _FIELDS[name](store, order, value, at)


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
    return partial(record.update, tags=tags(value), updatedAt=at)


def tags(value: Any) -> list[str]:
    """Tags as people write them, by commas or one by one."""
    given = value.split(",") if isinstance(value, str) else list(value or ())
    return sorted({str(tag).strip() for tag in given} - {""})


def _fulfil(store: Store, order: Record, value: Any, at: str) -> Change:
    """`true`, or the parcel's `number` and `company`."""
    if not value or not fulfillment.open_ones(order):
        raise EditError(f"order {order['name']} has nothing to ship")
    told = value if isinstance(value, dict) else {}
    moment = datetime.fromisoformat(at)
    return partial(changes.fulfil, store, order, moment, told.get("number"), told.get("company"))


def _refund(store: Store, order: Record, value: Any, at: str) -> Change:
    """`lines` (number to units), `restock`, `shipping`, `amount`, `note`, `return`."""
    asked = dict(value)
    restock = str(asked.pop("restock", "NO_RESTOCK")).upper()
    if restock not in refunds.RESTOCKS:
        raise ValueError(restock)
    units = _units(order, asked.pop("lines", {}))
    for line, count in units:
        limit = line["unfulfilledQuantity"] if restock == "CANCEL" else line["currentQuantity"]
        if not 0 < count <= min(limit, line["currentQuantity"]):
            raise ValueError(count)
    amount, of = asked.pop("amount", None), asked.pop("return", None)
    wanted = refunds.Wanted(
        units=[(line, count, restock) for line, count in units],
        shipping=Decimal(str(asked.pop("shipping", 0))),
        amount=None if amount is None else Decimal(str(amount)),
        note=asked.pop("note", None),
        of=None if of is None else _return(order, str(of)),
    )
    left = totals.shipping(order) - order["_shipping_gone"]
    if asked or not 0 <= wanted.shipping <= left or (wanted.amount or 0) < 0:
        raise ValueError(value)
    return partial(changes.refund_some, store, order, wanted, at)


def _open_return(store: Store, order: Record, value: Any, at: str) -> Change:
    """`lines` (number to units), `reason`, `note`, `requested`."""
    asked = dict(value)
    units = {line["id"]: count for line, count in _units(order, asked.pop("lines", {}))}
    reason = str(asked.pop("reason", "UNKNOWN")).upper()
    note, requested = str(asked.pop("note", "")), bool(asked.pop("requested", False))
    if asked or reason not in returns.REASONS or not units or min(units.values()) < 1:
        raise ValueError(value)
    try:
        returns.check(order, units)
    except returns.NotFulfilled as error:
        raise EditError(str(error)) from None

    def apply() -> None:
        returns.open_return(store, order, units, at, reason=reason, note=note, requested=requested)
        changes.touch(order, at)

    return apply


def _units(order: Record, lines: Any) -> list[tuple[Record, int]]:
    return [(_line(order, str(number)), int(count)) for number, count in dict(lines).items()]


def _return(order: Record, wanted: str) -> Record:
    for each in order["returns"]:
        if wanted.lstrip("#") in (each["name"].lstrip("#"), each["id"]):
            found: Record = each
            return found
    raise EditError(f"order {order['name']} has no return {wanted!r}")


def edit_return(_: Store, record: Record, name: str, value: Any, at: str) -> Change:
    """Prepare one change of a return: its `status`, or that everything was `processed`."""
    if name == "processed":
        if not value or record["status"] != "OPEN":
            raise ValueError(value)
        step = partial(returns.process, record)
    elif name == "status":
        status = str(value).upper()
        if status not in returns.STEPS[record["status"]]:
            raise ValueError(value)
        step = partial(returns.move, record, status, at)
    else:
        raise KeyError(name)
    return partial(_then_touch, step, record["order"], at)


def edit_fulfillment_order(_: Store, record: Record, name: str, value: Any, at: str) -> Change:
    """Prepare a hold on one fulfillment order (`hold_reason`), or its release."""
    if name != "hold_reason":
        raise KeyError(name)
    order = record["order"]
    if record not in fulfillment.open_ones(order):
        raise EditError(f"the fulfillment order is {record['status']}")
    if value:
        return partial(changes.hold, order, str(value), None, at, record)
    return partial(changes.release, order, at, record)


def edit_fulfillment(store: Store, record: Record, name: str, value: Any, at: str) -> Change:
    """Prepare news of a parcel: an `event` of the carrier, or another tracking `number`."""
    if name == "event":
        status = str(value).upper()
        if status not in tracking.STATUSES:
            raise ValueError(value)
        return partial(tracking.report, store, record, status, "Reported by the carrier", at)
    if name not in ("company", "number", "url"):
        raise KeyError(name)
    step = partial(tracking.set_info, record, name, value or None, at)
    return partial(_then_touch, step, record["order"], at)


def _then_touch(step: Change, order: Record, at: str) -> None:
    step()
    changes.touch(order, at)


_FIELDS: dict[str, Editor] = {
    "cancelled": _cancel,
    "cancelled_at": _cancel,
    "financial_status": _pay,
    "fulfill_at": _schedule,
    "fulfilled": _fulfil,
    "hold_reason": _hold,
    "refund": _refund,
    "return": _open_return,
    "tags": _tags,
}
