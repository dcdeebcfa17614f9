"""Orders as a shop holds them, made from the world's; their sums are in `totals`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shopify import addresses, money, payments
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store, stamp
from sandbox.world import Order, OrderLine, World

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_order(
    store: Store,
    world: World,
    order: Order,
    customers: Mapping[str, Record],
    variants: Mapping[str, Record],
) -> Record:
    """Add an open order with its lines; what has happened to it since comes later."""
    number = number_for(order.order_id)
    customer = customers.get(order.customer_id or "")
    record = _open_order(world, order, number, customer)
    record["lineItems"] = [
        _line(record, line, number, variants.get(line.sku or ""))
        for line in world.lines_of[order.key]
    ]
    record["shippingLine"] = _shipping_line(record, number)
    recalculate(record)
    if customer:
        customer["orders"].append(record)
    for each in (*record["lineItems"], record):
        store.add(each)
    payments.open_account(store, record)
    return record


def _open_order(world: World, order: Order, number: int, customer: Record | None) -> Record:
    placed, person = stamp(order.placed_at), world.customer_of.get(order.customer_id or "")
    ship_to = addresses.of_order(order, person, address_gid(number, 1))
    bill_to = person and addresses.of_customer(person, address_gid(number, 2))
    currencies = money.currencies(order.currency, order.presentment_currency, order.exchange_rate)
    return {
        "id": gid("Order", number),
        "legacyResourceId": str(number),
        "name": f"#{order.order_id}",
        "number": number if number < 2**31 else 0,
        **dict.fromkeys(("createdAt", "processedAt", "updatedAt"), placed),
        **dict.fromkeys(("cancelledAt", "cancelReason", "closedAt")),
        "closed": False,
        "test": order.test,
        "currencyCode": order.currency,
        "presentmentCurrencyCode": currencies.presentment,
        "displayFinancialStatus": order.financial_status.upper(),
        "email": order.email or (person.email if person else None),
        "phone": order.phone,
        "note": order.note,
        "customer": customer,
        "shippingAddress": ship_to,
        "billingAddress": bill_to or (dict(ship_to) if ship_to else None),
        **{name: [] for name in _LISTS},
        "_world": order,
        "_currencies": currencies,
        "_shipping_gone": money.ZERO,
    }


_LISTS = ("fulfillmentOrders", "fulfillments", "refunds", "returns", "tags", "transactions")


def address_gid(order_number: int | str, which: int) -> str:
    """Id of an order's ship-to (1) or billing (2) address."""
    return gid("MailingAddress", f"{order_number}{which}?model_name=Address")


def _line(order: Record, line: OrderLine, number: int, variant: Record | None) -> Record:
    return {
        "id": gid("LineItem", number * 1000 + line.line_number),
        "sku": line.sku,
        "title": variant["product"]["title"] if variant else (line.sku or "Custom item"),
        "quantity": line.quantity,
        "currentQuantity": line.current,
        "unfulfilledQuantity": line.current,
        "requiresShipping": line.requires_shipping,
        "variant": variant,
        "_world": line,
        "_order": order,
        "_fulfilled": 0,
    }


def _shipping_line(order: Record, number: int) -> Record | None:
    world: Order = order["_world"]
    if not any(line["requiresShipping"] for line in order["lineItems"]):
        return None
    usual = "Pickup" if world.delivery_method == "PICK_UP" else "Standard"
    title = world.shipping_method or usual
    return {
        "id": gid("ShippingLine", number),
        "title": title,
        "code": title,
        "source": "shopify",
        "_order": order,
    }


def recalculate(order: Record) -> None:
    """Derive the fulfillment status from the fulfillment orders."""
    order["displayFulfillmentStatus"] = _fulfillment_status(order)
    order["fulfillable"] = any(f["status"] == "OPEN" for f in order["fulfillmentOrders"])


def _fulfillment_status(order: Record) -> str:
    statuses = {f["status"] for f in order["fulfillmentOrders"]} - {"CANCELLED"}
    if statuses == {"CLOSED"}:
        return "FULFILLED"
    if "CLOSED" in statuses:
        return "PARTIALLY_FULFILLED"
    return next(
        (s for s in ("ON_HOLD", "IN_PROGRESS", "SCHEDULED") if s in statuses), "UNFULFILLED"
    )
