"""What apps change in the shop: they tell of parcels.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentCreate,
https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentTrackingInfoUpdate
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.shopify import changes, fulfillment, tracking
from sandbox.shopify.ids import kind_of
from sandbox.shopify.store import Record, stamp

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from sandbox.shopify.context import Context

    Info = GraphQLResolveInfo[Any]
    Shipped = list[tuple[Record, list[tuple[Record, int]]]]

MOST_LINES = 512
# The shop makes links for the carriers that it knows, by their exact names.
_PAGES = {
    "DHL Express": "https://www.dhl.com/track?tracking-id={}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={}",
    "UPS": "https://www.ups.com/track?tracknum={}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}


class Refused(Exception):  # noqa: N818
    """The shop does not do it; nothing has changed."""

    def __init__(self, message: str, *field: str) -> None:
        super().__init__(message)
        self.error = {"message": message, "field": list(field)}


def fulfillment_create(
    _: None,
    info: Info,
    fulfillment: Record,
    message: str | None = None,
) -> Record:
    """`fulfillmentCreate`: some units of an order have left."""
    context: Context = info.context
    try:
        shipped = _read(context, fulfillment["lineItemsByFulfillmentOrder"])
        told = _tracking_info(fulfillment.get("trackingInfo") or {})
    except Refused as refused:
        return {"fulfillment": None, "userErrors": [refused.error]}
    return {"fulfillment": _ship(context, shipped, told, fulfillment), "userErrors": []}


def tracking_info_update(
    _: None,
    info: Info,
    fulfillmentId: str,  # noqa: N803
    trackingInfoInput: Record,  # noqa: N803
    notifyCustomer: bool | None = None,  # noqa: N803
) -> Record:
    """`fulfillmentTrackingInfoUpdate`: the carrier, the numbers or their links are others."""
    context: Context = info.context
    record = context.store.get(fulfillmentId) if kind_of(fulfillmentId) == "Fulfillment" else None
    try:
        if record is None:
            raise Refused("Fulfillment does not exist.", "fulfillmentId")
        if record["status"] == "CANCELLED":
            raise Refused("The fulfillment is cancelled.", "fulfillmentId")
        told = _tracking_info(trackingInfoInput)
    except Refused as refused:
        return {"fulfillment": None, "userErrors": [refused.error]}
    at = stamp(context.now)
    record |= {"trackingInfo": told, "updatedAt": at}
    changes.touch(record["order"], at)
    context.store.changed()
    fields = {"trackingInfo": told, "notifyCustomer": bool(notifyCustomer)}
    _log(context, record, "update", fields)
    return {"fulfillment": record, "userErrors": []}


def _ship(context: Context, shipped: Shipped, told: list[Record], asked: Record) -> Record:
    at, order = stamp(context.now), shipped[0][0]["order"]
    record = fulfillment.add_partial(context.store, order, shipped, told, at)
    tracking.start(context.store, record, context.now)
    if not fulfillment.open_ones(order):
        order |= {"closed": True, "closedAt": at}
    changes.touch(order, at)
    context.store.changed()
    lines = [{"id": line["id"], "quantity": n} for _, units in shipped for line, n in units]
    fields = {
        "order": order["name"],
        "lines": lines,
        "trackingInfo": told,
        "notifyCustomer": bool(asked.get("notifyCustomer")),
    }
    _log(context, record, "create", fields)
    return record


def _log(context: Context, record: Record, operation: str, fields: Record) -> None:
    context.effects.record(
        vendor=context.vendor,
        actor="api",
        object="fulfillment",
        id=record["id"],
        external_id=record["legacyResourceId"],
        operation=operation,
        fields=fields,
    )


def _read(context: Context, asked: list[Record]) -> Shipped:
    """What is to be shipped, or why it cannot be.

    Raises:
        Refused: It cannot.
    """
    place = ("fulfillment", "lineItemsByFulfillmentOrder")
    if not asked:
        raise Refused("At least one fulfillment order is required.", *place)
    shipped: Shipped = []
    for entry in asked:
        found = context.store.get(entry["fulfillmentOrderId"])
        if found is None or kind_of(found["id"]) != "FulfillmentOrder":
            raise Refused("Fulfillment order does not exist.", *place)
        number = found["id"].rsplit("/", 1)[1]
        if found["status"] not in ("OPEN", "IN_PROGRESS"):
            state = found["status"].lower()
            raise Refused(f"Fulfillment order {number} has an unfulfillable status= {state}.",
                          *place)  # fmt: skip
        shipped.append((found, _units(found, entry.get("fulfillmentOrderLineItems"), place)))
    if len({found["order"]["id"] for found, _ in shipped}) > 1:
        raise Refused("All fulfillment orders must belong to the same order.", *place)
    if len({found["_location"]["id"] for found, _ in shipped}) > 1:
        raise Refused("All fulfillment orders must be assigned to the same location.", *place)
    return shipped


def _units(
    found: Record, asked: list[Record] | None, place: tuple[str, ...]
) -> list[tuple[Record, int]]:
    if not asked:
        return [(line, line["remainingQuantity"]) for line in found["lineItems"]]
    if len(asked) > MOST_LINES:
        raise Refused(f"The limit of {MOST_LINES} line items was exceeded.", *place)
    own = {line["id"]: line for line in found["lineItems"]}
    units = []
    for entry in asked:
        line, count = own.get(entry["id"]), entry["quantity"]
        if line is None:
            raise Refused("Fulfillment order line item does not exist.", *place)
        if not 0 < count <= line["remainingQuantity"]:
            raise Refused("Invalid fulfillment order line item quantity requested.", *place)
        units.append((line, count))
    return units


def _tracking_info(told: Record) -> list[Record]:
    numbers = told.get("numbers") or [n for n in [told.get("number")] if n]
    urls = told.get("urls") or [u for u in [told.get("url")] if u]
    company = told.get("company") or None
    page = _PAGES.get(company or "")
    own = [page.format(quote(number)) if page else None for number in numbers]
    found = [urls[n] if n < len(urls) else own[n] for n in range(len(numbers))]
    return [
        {"company": company, "number": number, "url": url}
        for number, url in zip(numbers, found, strict=True)
    ]
