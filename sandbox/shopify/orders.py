"""Orders as a shop holds them, made from the world's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shopify import addresses, money
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store, stamp
from sandbox.world import Order, OrderLine, World, cents

if TYPE_CHECKING:
    from collections.abc import Mapping

ZERO = Decimal(0)


def add_order(
    store: Store,
    world: World,
    order: Order,
    customers: Mapping[str, Record],
    variants: Mapping[str, Record],
) -> Record:
    """Add an open order with its lines; what has happened to it since comes later."""
    number, placed = number_for(order.order_id), stamp(order.placed_at)
    person = world.customer_of.get(order.customer_id or "")
    lines = [
        _line(order, line, number, variants.get(line.sku or ""))
        for line in world.lines_of[order.key]
    ]
    customer = customers.get(order.customer_id or "")
    ship_to = addresses.of_order(order, person, address_gid(number, 1))
    bill_to = person and addresses.of_customer(person, address_gid(number, 2))
    record: Record = {
        "id": gid("Order", number),
        "legacyResourceId": str(number),
        "name": f"#{order.order_id}",
        "number": number if number < 2**31 else 0,
        "createdAt": placed,
        "processedAt": placed,
        "updatedAt": placed,
        "cancelledAt": None,
        "cancelReason": None,
        "closed": False,
        "closedAt": None,
        "confirmed": True,
        "test": order.test,
        "currencyCode": order.currency,
        "presentmentCurrencyCode": order.currency,
        "displayFinancialStatus": order.financial_status.upper(),
        "email": order.email or (person.email if person else None),
        "phone": order.phone,
        "note": order.note,
        "tags": [],
        "sourceName": "web",
        "customer": customer,
        "shippingAddress": ship_to,
        "billingAddress": bill_to or (dict(ship_to) if ship_to else None),
        "shippingLine": _shipping_line(order, number, lines),
        "lineItems": lines,
        "fulfillments": [],
        "fulfillmentOrders": [],
        "_world": order,
        "_refunded": ZERO,
    }
    record |= _original_totals(order, lines)
    recalculate(record)
    if customer:
        customer["orders"].append(record)
    for each in (*lines, record):
        store.add(each)
    return record


def address_gid(order_number: int | str, which: int) -> str:
    """Id of an order's ship-to (1) or billing (2) address."""
    return gid("MailingAddress", f"{order_number}{which}?model_name=Address")


def _line(order: Order, line: OrderLine, number: int, variant: Record | None) -> Record:
    currency = order.currency
    title = variant["product"]["title"] if variant else (line.sku or "Custom item")
    return {
        "id": gid("LineItem", number * 1000 + line.line_number),
        "sku": line.sku,
        "title": title,
        "name": title,
        "vendor": None,
        "quantity": line.quantity,
        "currentQuantity": line.current,
        "unfulfilledQuantity": line.current,
        "requiresShipping": line.requires_shipping,
        "isGiftCard": False,
        "originalUnitPriceSet": money.bag(line.unit_price, currency),
        "originalTotalSet": money.bag(line.gross, currency),
        "discountedTotalSet": money.bag(line.net, currency),
        "totalDiscountSet": money.bag(line.gross - line.net, currency),
        "variant": variant,
        "product": variant["product"] if variant else None,
        "_world": line,
    }


def _shipping_line(order: Order, number: int, lines: list[Record]) -> Record | None:
    if not any(line["requiresShipping"] for line in lines):
        return None
    usual = "Pickup" if order.delivery_method == "PICK_UP" else "Standard"
    title = order.shipping_method or usual
    price = money.bag(order.shipping_price, order.currency)
    return {
        "id": gid("ShippingLine", number),
        "title": title,
        "code": title,
        "source": "shopify",
        "carrierIdentifier": None,
        "originalPriceSet": price,
        "discountedPriceSet": price,
    }


def _original_totals(order: Order, lines: list[Record]) -> Record:
    currency = order.currency
    net = sum((line["_world"].net for line in lines), ZERO)
    gross = sum((line["_world"].gross for line in lines), ZERO)
    return {
        "subtotalPriceSet": money.bag(net, currency),
        "totalDiscountsSet": money.bag(gross - net, currency),
        "totalShippingPriceSet": money.bag(order.shipping_price, currency),
        "totalTaxSet": money.bag(ZERO, currency),
        "totalPriceSet": money.bag(net + order.shipping_price, currency),
    }


def recalculate(order: Record) -> None:
    """Derive the current totals and the fulfillment status from lines and fulfillment orders."""
    currency, shipping = order["currencyCode"], money.amount_of(order["totalShippingPriceSet"])
    subtotal = sum((_current_net(line) for line in order["lineItems"]), ZERO)
    gone = order["cancelledAt"] or order["displayFinancialStatus"] == "REFUNDED"
    total = ZERO if gone else subtotal + shipping
    order["currentSubtotalPriceSet"] = money.bag(subtotal, currency)
    order["currentTotalPriceSet"] = money.bag(total, currency)
    order["totalRefundedSet"] = money.bag(order["_refunded"], currency)
    order["displayFulfillmentStatus"] = _fulfillment_status(order)
    order["fulfillable"] = any(f["status"] == "OPEN" for f in order["fulfillmentOrders"])


def _current_net(line: Record) -> Decimal:
    world: OrderLine = line["_world"]
    return cents(line["currentQuantity"] * world.unit_price * (1 - world.discount_rate))


def _fulfillment_status(order: Record) -> str:
    statuses = {f["status"] for f in order["fulfillmentOrders"]} - {"CANCELLED"}
    if statuses == {"CLOSED"}:
        return "FULFILLED"
    if "CLOSED" in statuses:
        return "PARTIALLY_FULFILLED"
    return next(
        (s for s in ("ON_HOLD", "IN_PROGRESS", "SCHEDULED") if s in statuses), "UNFULFILLED"
    )
