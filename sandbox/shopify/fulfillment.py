"""Fulfillment orders (what one location is to ship of an order) and fulfillments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shopify import addresses
from sandbox.shopify.catalog import location_gid
from sandbox.shopify.ids import gid
from sandbox.shopify.store import Record, Store

if TYPE_CHECKING:
    from sandbox.world import Order, World

OPEN = ("OPEN", "ON_HOLD", "SCHEDULED", "IN_PROGRESS")


def add_fulfillment_orders(store: Store, world: World, order: Record) -> None:
    """Split an order's lines by the location that is to ship them."""
    source: Order = order["_world"]
    lines = [line for line in order["lineItems"] if line["currentQuantity"] > 0]
    by_location: dict[str, list[Record]] = {}
    for line in lines:
        place = location_gid(world.location_for(source, line["_world"]))
        by_location.setdefault(place, []).append(line)
    for index, (place, own) in enumerate(by_location.items()):
        location = store.get(place)
        assert location is not None  # noqa: S101 - every location of the world was added
        _add(store, order, location, own, int(order["legacyResourceId"]) * 100 + index)


def _add(store: Store, order: Record, location: Record, lines: list[Record], number: int) -> None:
    source: Order = order["_world"]
    ships = any(line["requiresShipping"] for line in lines)
    method = source.delivery_method.upper() if ships else "NONE"
    record: Record = {
        "id": gid("FulfillmentOrder", number),
        "status": "OPEN",
        "requestStatus": "UNSUBMITTED",
        "createdAt": order["createdAt"],
        "updatedAt": order["createdAt"],
        "fulfillAt": order["createdAt"],
        "order": order,
        "orderId": order["id"],
        "orderName": order["name"],
        "orderProcessedAt": order["processedAt"],
        "assignedLocation": location["_assigned"],
        "deliveryMethod": {
            "id": gid("DeliveryMethod", number),
            "methodType": method,
            "presentedName": source.shipping_method,
            "serviceCode": None,
        },
        "fulfillmentHolds": [],
        "fulfillments": [],
        "lineItems": [],
        "destination": None,
        "_location": location,
    }
    set_destination(order, record)
    for position, line in enumerate(lines):
        _add_line(store, record, line, number * 1000 + position)
    order["fulfillmentOrders"].append(store.add(record))


def set_destination(order: Record, fulfillment_order: Record) -> None:
    """Copy the order's ship-to address; what is picked up or not shipped has none."""
    shipped = fulfillment_order["deliveryMethod"]["methodType"] in ("SHIPPING", "LOCAL")
    number = fulfillment_order["id"].rsplit("/", 1)[1]
    fulfillment_order["destination"] = addresses.destination(
        order["shippingAddress"] if shipped else None,
        gid("FulfillmentOrderDestination", number),
        order["email"],
    )


def _add_line(store: Store, fulfillment_order: Record, line: Record, number: int) -> None:
    record: Record = {
        "id": gid("FulfillmentOrderLineItem", number),
        "lineItem": line,
        "productTitle": line["title"],
        "sku": line["sku"],
        "requiresShipping": line["requiresShipping"],
        "totalQuantity": line["currentQuantity"],
        "remainingQuantity": 0,
        "variant": line["variant"],
        "inventoryItemId": line["variant"]["inventoryItem"]["id"] if line["variant"] else None,
    }
    fulfillment_order["lineItems"].append(store.add(record))
    created = fulfillment_order["createdAt"]
    store.set_remaining(fulfillment_order, record, record["totalQuantity"], created)


def open_ones(order: Record) -> list[Record]:
    """The fulfillment orders that still wait for something."""
    return [f for f in order["fulfillmentOrders"] if f["status"] in OPEN]


def close(store: Store, fulfillment_order: Record, status: str, at: str) -> None:
    """End a fulfillment order: `CLOSED` or `CANCELLED`."""
    fulfillment_order |= {
        "status": status,
        "requestStatus": "CLOSED" if status == "CLOSED" else fulfillment_order["requestStatus"],
        "fulfillmentHolds": [],
        "updatedAt": at,
    }
    for line in fulfillment_order["lineItems"]:
        store.set_remaining(fulfillment_order, line, 0, at)


def take_out(store: Store, order: Record, line: Record, count: int, at: str) -> None:
    """Take units that were not shipped out of what is to be shipped."""
    line["unfulfilledQuantity"] = max(0, line["unfulfilledQuantity"] - count)
    for each in open_ones(order):
        for own in [own for own in each["lineItems"] if own["lineItem"] is line]:
            gone = min(count, own["remainingQuantity"])
            store.set_remaining(each, own, own["remainingQuantity"] - gone, at)
            own["totalQuantity"] -= gone
            each["updatedAt"] = at
            if not own["totalQuantity"]:
                each["lineItems"].remove(own)
            count -= gone
        if not each["lineItems"]:
            close(store, each, "CANCELLED", at)


def add_fulfillment(
    store: Store, order: Record, fulfillment_order: Record, tracking: list[Record], at: str
) -> Record:
    """Ship everything that is left of a fulfillment order."""
    number = int(fulfillment_order["id"].rsplit("/", 1)[1])
    units = [(line, line["remainingQuantity"]) for line in fulfillment_order["lineItems"]]
    return add_partial(store, order, [(fulfillment_order, units)], tracking, at, number)


def add_partial(
    store: Store,
    order: Record,
    shipped: list[tuple[Record, list[tuple[Record, int]]]],
    tracking: list[Record],
    at: str,
    number: int | None = None,
) -> Record:
    """Ship some units of some fulfillment orders of one order, which stand at one location."""
    number = number or _next_number(store, shipped[0][0])
    items: list[Record] = []
    for _, units in shipped:
        for line, count in units:
            line["lineItem"]["unfulfilledQuantity"] -= count
            line["lineItem"]["_fulfilled"] += count
            item_id = gid("FulfillmentLineItem", number * 1000 + len(items))
            items.append({"id": item_id, "lineItem": line["lineItem"], "quantity": count})
    record: Record = {
        "id": gid("Fulfillment", number),
        "legacyResourceId": str(number),
        "name": f"{order['name']}-F{len(order['fulfillments']) + 1}",
        "createdAt": at,
        "updatedAt": at,
        "status": "SUCCESS",
        "order": order,
        "location": shipped[0][0]["_location"],
        "totalQuantity": sum(item["quantity"] for item in items),
        "estimatedDeliveryAt": None,
        "events": [],
        "trackingInfo": tracking,
        "fulfillmentLineItems": [store.add(item) for item in items],
        "fulfillmentOrders": [fulfillment_order for fulfillment_order, _ in shipped],
    }
    order["fulfillments"].append(store.add(record))
    for fulfillment_order, units in shipped:
        fulfillment_order["fulfillments"].append(record)
        _count_down(store, fulfillment_order, units, at)
    return record


def _count_down(
    store: Store, fulfillment_order: Record, units: list[tuple[Record, int]], at: str
) -> None:
    for line, count in units:
        left = line["remainingQuantity"] - count
        store.set_remaining(fulfillment_order, line, left, at)
    if any(line["remainingQuantity"] for line in fulfillment_order["lineItems"]):
        fulfillment_order |= {"status": "IN_PROGRESS", "updatedAt": at}
    else:
        close(store, fulfillment_order, "CLOSED", at)


def _next_number(store: Store, fulfillment_order: Record) -> int:
    """A number that no fulfillment of the shop has."""
    number = int(fulfillment_order["id"].rsplit("/", 1)[1]) * 100
    while store.get(gid("Fulfillment", number)):
        number += 1
    return number
