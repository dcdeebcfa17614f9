"""What a carrier says of a parcel on its way, as the sandbox's time passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.shopify.ids import gid
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

# After the hand-over to the carrier, who needs a day.
STAGES = (
    (timedelta(hours=4), "IN_TRANSIT", "Left the sender's depot"),
    (timedelta(hours=22), "OUT_FOR_DELIVERY", "Out for delivery"),
    (timedelta(hours=26), "DELIVERED", "Delivered"),
)
STATUSES = (
    *("ATTEMPTED_DELIVERY", "CARRIER_PICKED_UP", "CONFIRMED", "DELAYED", "DELIVERED", "FAILURE"),
    *("IN_TRANSIT", "LABEL_PRINTED", "LABEL_PURCHASED", "OUT_FOR_DELIVERY", "READY_FOR_PICKUP"),
)
_FIRST = ("CONFIRMED", "Label created")


def start(store: Store, fulfillment: Record, at: datetime) -> None:
    """Follow a parcel that has a tracking number."""
    if not any(info["number"] for info in fulfillment["trackingInfo"]):
        return
    fulfillment["estimatedDeliveryAt"] = stamp(at + STAGES[-1][0])
    report(store, fulfillment, *_FIRST, stamp(at))
    for wait, status, message in STAGES:
        told = partial(report, store, fulfillment, status, message, stamp(at + wait))
        store.events.add(at + wait, "fulfillment.tracked", told)


def report(store: Store, fulfillment: Record, status: str, message: str, at: str) -> Record | None:
    """Add an event; a cancelled fulfillment gets no more."""
    if fulfillment["status"] == "CANCELLED" or fulfillment.get("_gone"):
        return None
    events: list[Record] = fulfillment["events"]
    number = int(fulfillment["legacyResourceId"]) * 100 + len(events)
    order = fulfillment["order"]
    destination = order["shippingAddress"] or {}
    there = status in ("OUT_FOR_DELIVERY", "DELIVERED", "ATTEMPTED_DELIVERY")
    place = {name: destination.get(name) if there else None for name in _PLACE}
    event = store.add(
        {
            "id": gid("FulfillmentEvent", number),
            "status": status,
            "message": message,
            "happenedAt": at,
            "createdAt": at,
            "estimatedDeliveryAt": fulfillment["estimatedDeliveryAt"],
            **place,
        }
    )
    events.append(event)
    for each in (fulfillment, order):
        each["updatedAt"] = max(each["updatedAt"], at)
    return event


def set_info(fulfillment: Record, name: str, value: str | None, at: str) -> None:
    """Change the carrier, number or link of the first parcel."""
    first, *others = fulfillment["trackingInfo"] or [dict.fromkeys(("company", "number", "url"))]
    fulfillment |= {"trackingInfo": [{**first, name: value}, *others], "updatedAt": at}


_PLACE = ("city", "province", "country")


def _display(fulfillment: Record) -> str:
    if fulfillment["status"] == "CANCELLED":
        return "CANCELED"
    if fulfillment["events"]:
        status: str = fulfillment["events"][-1]["status"]
        return status
    return "FULFILLED" if fulfillment["trackingInfo"] else "MARKED_AS_FULFILLED"


def _first_time(fulfillment: Record, status: str) -> str | None:
    return next((e["happenedAt"] for e in fulfillment["events"] if e["status"] == status), None)


FULFILLMENT: Mapping[str, Any] = {
    "deliveredAt": lambda f: _first_time(f, "DELIVERED"),
    "displayStatus": _display,
    "inTransitAt": lambda f: _first_time(f, "IN_TRANSIT"),
    "requiresShipping": lambda f: any(
        item["lineItem"]["requiresShipping"] for item in f["fulfillmentLineItems"]
    ),
}
