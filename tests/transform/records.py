"""Records as the vendors give them, ordinary in all that a test does not care about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]

PLACED = "2026-11-01T09:00:00Z"
MAIN, ELSEWHERE = "Main warehouse", "Elsewhere"

ADDRESS: Record = {
    "firstName": "Maria", "lastName": "Anders", "name": "Maria Anders", "company": None,
    "address1": "Obere Str. 57", "address2": None, "city": "Berlin", "province": None,
    "provinceCode": None, "zip": "12209", "country": "Germany", "countryCodeV2": "DE",
    "phone": "+49300074321",
}  # fmt: skip


def gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def money(amount: str, currency: str = "USD") -> Record:
    one = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": one, "presentmentMoney": one}


def line(number: int, sku: str | None = "A", quantity: int = 1, **other: Any) -> Record:
    """A line of a shop's order; `number` makes its id."""
    return {
        "id": gid("LineItem", number),
        "sku": sku,
        "title": other.pop("title", f"Thing {sku}"),
        "quantity": quantity,
        "currentQuantity": quantity,
        "unfulfilledQuantity": quantity,
        "requiresShipping": True,
        "isGiftCard": False,
        "originalUnitPriceSet": money("10.00"),
        "discountedTotalSet": money(f"{10 * quantity}.00"),
        "totalDiscountSet": money("0.00"),
        "variant": None,
    } | other


def order(number: int, lines: Sequence[Record], **other: Any) -> Record:
    """A paid, open order of a shop."""
    total = money(f"{10 * sum(each['quantity'] for each in lines) + 5}.00")
    return {
        "id": gid("Order", number),
        "legacyResourceId": str(number),
        "name": f"#{number}",
        "createdAt": PLACED,
        "processedAt": PLACED,
        "updatedAt": PLACED,
        "test": False,
        "currencyCode": "USD",
        "presentmentCurrencyCode": "USD",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "email": "maria@example.com",
        "tags": [],
        "sourceName": "web",
        "customer": {"id": gid("Customer", 1)},
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
        "shippingLine": {"title": "Standard"},
        "subtotalPriceSet": money(f"{10 * sum(each['quantity'] for each in lines)}.00"),
        "totalShippingPriceSet": money("5.00"),
        "totalTaxSet": money("0.00"),
        "totalDiscountsSet": money("0.00"),
        "totalPriceSet": total,
        "currentTotalPriceSet": total,
        "lineItems": list(lines),
        "fulfillments": [],
    } | other


def request(number: int, of: Record, lines: Sequence[Record] | None = None, **other: Any) -> Record:
    """A shop's fulfillment order for lines of an order (all of them by default)."""
    own = [each for each in (lines or of["lineItems"]) if each["currentQuantity"]]
    location = other.pop("location", MAIN)
    return {
        "id": gid("FulfillmentOrder", number),
        "status": "OPEN",
        "requestStatus": "UNSUBMITTED",
        "createdAt": of["createdAt"],
        "updatedAt": of["createdAt"],
        "fulfillAt": of["createdAt"],
        "orderId": of["id"],
        "assignedLocation": {"name": location, "location": {"id": gid("Location", 1)}},
        "deliveryMethod": {"methodType": "SHIPPING"},
        "fulfillmentHolds": [],
        "lineItems": [
            {
                "id": gid("FulfillmentOrderLineItem", number * 10 + position),
                "totalQuantity": each["quantity"],
                "remainingQuantity": each["currentQuantity"],
                "requiresShipping": each["requiresShipping"],
                "sku": each["sku"],
                "lineItem": {"id": each["id"]},
            }
            for position, each in enumerate(own)
        ],
    } | other


def done(fulfillment_order: Record) -> Record:
    """The same fulfillment order, fulfilled in the shop."""
    lines = [each | {"remainingQuantity": 0} for each in fulfillment_order["lineItems"]]
    return fulfillment_order | {"status": "CLOSED", "lineItems": lines}


def warehouse(*names: str) -> list[Record]:
    return [{"id": f"W{i}", "legacy_id": i, "identifier": n} for i, n in enumerate(names, 1)]


def product(sku: str, **other: Any) -> Record:
    """A product of the WMS."""
    return {"id": f"P-{sku}", "sku": sku, "name": f"Thing {sku}", "active": True} | other


def stock(sku: str, on_hand: int, **other: Any) -> Record:
    """Stock of a product in the WMS."""
    return {"id": f"S-{sku}", "sku": sku, "warehouse_id": "W1", "on_hand": on_hand} | other


def wms_order(partner_order_id: str, lines: Sequence[tuple[str, str, int]], **other: Any) -> Record:
    """An order that the WMS holds; its lines are (partner_line_item_id, sku, quantity)."""
    return {
        "id": f"O-{partner_order_id}",
        "partner_order_id": partner_order_id,
        "order_number": partner_order_id,
        "shop_name": "crossdock-main",
        "fulfillment_status": "pending",
        "order_date": PLACED,
        "updated_at": PLACED,
        "shipping_address": {"address1": "Obere Str. 57", "city": "Berlin", "country": "DE"},
        "line_items": [
            {
                "id": f"L-{line_id}",
                "partner_line_item_id": line_id,
                "sku": sku,
                "quantity": quantity,
                "quantity_shipped": 0,
            }
            for line_id, sku, quantity in lines
        ],
    } | other


def shipment(of: Record, number: int = 1, *, parcels: int = 1, **other: Any) -> Record:
    """A shipment of everything in a WMS order; it has left unless told otherwise."""
    name = f"{of['partner_order_id']}-{number}"
    return {
        "id": f"H-{name}",
        "order_id": of["id"],
        "created_date": "2026-11-02T10:00:00Z",
        "completed": True,
        "warehouse_id": "W1",
        "shipping_labels": [
            {
                "id": f"B-{name}-{i}",
                "tracking_number": f"T{name}{i}",
                "carrier": "Speedy",
                "status": "valid",
                "created_date": "2026-11-02T09:00:00Z",
                "package_number": i,
            }
            for i in range(1, parcels + 1)
        ],
        "line_items": [
            {
                "id": f"I-{name}-{each['id']}",
                "line_item_id": each["id"],
                "quantity": each["quantity"],
                "shipping_label_id": f"B-{name}-1",
            }
            for each in of["line_items"]
        ],
    } | other
