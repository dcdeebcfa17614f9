"""Shopify as a destination: what has left, with its tracking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import Rejected
from crossdock.http.rules import without_values
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused
from targets.shopify import queries

if TYPE_CHECKING:
    from taps.shopify.client import ShopifyClient

FULFILLMENTS = "fulfillments"
AMBIGUOUS = "ambiguous"
_TRACKING = ("tracking_company", "tracking_numbers", "tracking_urls")
_BLANKS = re.compile(r"[\s-]")


class ShopifyDestination:
    """One shop.

    A second fulfillment of the same parcel would tell the customer of units that have not left, and
    the shop has no key against it: so a create looks first at what the fulfillment order was told.
    """

    concurrency = 4

    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    def batch_size(self, object_name: str, action: Action) -> int:
        """One mutation tells of one shipment."""
        return 1

    def reads_before_create(self, object_name: str) -> bool:
        """Another app, or a person, may have told the shop already."""
        return True

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Tell of shipments, or correct their tracking, one by one."""
        return [self._send(item.operation) for item in batch]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """Read a fulfillment by its id, or what its fulfillment order was told of the parcel.

        Raises:
            Rejected: Several fulfillments fit.
        """
        if operation.destination_id:
            found = self._fulfillment(operation.destination_id)
        else:
            found = self._told(operation.set)
        return None if found is None else flat(found)

    # Reading

    def _fulfillment(self, fulfillment_id: str) -> Mapping[str, Any] | None:
        data = self._client.execute(queries.READ, {"id": fulfillment_id}, stream=FULFILLMENTS)
        found: Mapping[str, Any] | None = data.get("fulfillment")
        return found

    def _told(self, wanted: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The fulfillment of the parcels with these numbers; without any, of the same units."""
        numbers = {_key(number) for number in wanted.get("tracking_numbers") or ()}
        place = self._place(wanted, with_units=not numbers)
        told = place["fulfillments"]
        standing = [f for f in told["nodes"] if f["status"] != "CANCELLED"]
        if numbers:
            found = [f for f in standing if numbers & _numbers(f)]
        else:
            if _is_cut(place):
                raise self._rejected("it has more lines than are read, and no number", None)
            units = _wanted_units(place, wanted)
            found = [f for f in standing if not _numbers(f) and _units(f) == units]
        if len(found) > 1:
            raise self._rejected("several fulfillments tell of this shipment", AMBIGUOUS)
        if not found and told["pageInfo"]["hasNextPage"]:
            raise self._rejected("the fulfillment order has more fulfillments than are read", None)
        return found[0] if found else None

    def _place(self, wanted: Mapping[str, Any], *, with_units: bool) -> Mapping[str, Any]:
        """The fulfillment order with what it was told."""
        query, cost = queries.FIND, queries.FIND_COST
        if with_units:
            query, cost = queries.FIND_UNITS, queries.FIND_UNITS_COST
        place: Mapping[str, Any] | None = self._client.execute(
            query, {"id": str(wanted.get("fulfillment_order_id"))}, stream=FULFILLMENTS, cost=cost
        )["fulfillmentOrder"]
        if place is None:
            raise self._rejected("the fulfillment order is not in the shop any more", "gone")
        return place

    def _rejected(self, reason: str, code: str | None) -> Rejected:
        return Rejected(
            reason,
            connector=self._client.connector,
            stream=FULFILLMENTS,
            path=self._client.graphql_path,
            code=code,
        )

    # Writing

    def _send(self, operation: Operation) -> Outcome:
        if operation.object != FULFILLMENTS or operation.action == "archive":
            return Refused(f"target-shopify cannot {operation.action} {operation.object}")
        try:
            if operation.action == "create":
                return self._create(operation)
            return self._correct(operation)
        except Rejected as error:
            return Refused(f"Shopify refused: {without_values(error.reason)}", error.code)

    def _create(self, operation: Operation) -> Outcome:
        wanted = operation.set
        entry = {
            "fulfillmentOrderId": wanted["fulfillment_order_id"],
            "fulfillmentOrderLineItems": wanted["line_items"],
        }
        fulfillment = {
            "lineItemsByFulfillmentOrder": [entry],
            "notifyCustomer": str(wanted.get("notify_customer")).lower() == "true",
            "trackingInfo": _tracking(wanted),
        }
        answer = self._client.execute(
            queries.CREATE,
            {"fulfillment": fulfillment},
            stream=FULFILLMENTS,
            cost=queries.MUTATION_COST,
            write=True,
        )
        return _outcome(answer["fulfillmentCreate"])

    def _correct(self, operation: Operation) -> Outcome:
        """Set the tracking, of which the shop takes all or nothing; nobody is notified."""
        fulfillment_id = str(operation.destination_id)
        if fixed := sorted(operation.set.keys() - set(_TRACKING)):
            return Refused(f"Shopify cannot change {', '.join(fixed)} of a fulfillment", "fixed")
        if not operation.set:
            return Acknowledged(fulfillment_id)
        held = self._fulfillment(fulfillment_id)
        if held is None or held["status"] == "CANCELLED":
            return Refused("the fulfillment is not in the shop any more", "gone")
        answer = self._client.execute(
            queries.UPDATE,
            {"id": fulfillment_id, "tracking": _tracking(_merged(flat(held), operation.set))},
            stream=FULFILLMENTS,
            cost=queries.MUTATION_COST,
            write=True,
        )
        return _outcome(answer["fulfillmentTrackingInfoUpdate"])


def flat(fulfillment: Mapping[str, Any]) -> dict[str, Any]:
    """A fulfillment with its tracking named as in a sync."""
    parcels = [p for p in fulfillment["trackingInfo"] if p["number"]]
    return {
        "id": fulfillment["id"],
        "tracking_company": next((p["company"] for p in parcels if p["company"]), ""),
        "tracking_numbers": sorted(p["number"] for p in parcels),
        "tracking_urls": [p["url"] for p in sorted(parcels, key=lambda p: p["number"])],
    }


def _merged(held: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tracking as it is to be: links of other numbers would lead customers astray."""
    wanted = {**held, **changes}
    if "tracking_urls" not in changes and "tracking_numbers" in changes:
        wanted["tracking_urls"] = []
    return wanted


def _tracking(wanted: Mapping[str, Any]) -> dict[str, Any]:
    numbers = list(wanted.get("tracking_numbers") or ())
    told: dict[str, Any] = {"numbers": numbers}
    if company := wanted.get("tracking_company"):
        told["company"] = company
    urls = [url for url in wanted.get("tracking_urls") or () if url]
    if urls and len(urls) == len(numbers):
        told["urls"] = urls
    return told


def _outcome(payload: Mapping[str, Any]) -> Outcome:
    if errors := payload["userErrors"]:
        return Refused(
            f"Shopify refused: {without_values(str(errors[0]['message']))}", "user_error"
        )
    return Acknowledged(str(payload["fulfillment"]["id"]))


def _key(number: str) -> str:
    return _BLANKS.sub("", number).upper()


def _numbers(fulfillment: Mapping[str, Any]) -> set[str]:
    return {_key(p["number"]) for p in fulfillment["trackingInfo"] if p["number"]}


def _is_cut(place: Mapping[str, Any]) -> bool:
    """Whether some of the units stand on a further page."""
    lists = [
        place["lineItems"],
        *(f["fulfillmentLineItems"] for f in place["fulfillments"]["nodes"]),
    ]
    return any(each["pageInfo"]["hasNextPage"] for each in lists)


def _units(fulfillment: Mapping[str, Any]) -> dict[str, int]:
    return {
        n["lineItem"]["id"]: n["quantity"] for n in fulfillment["fulfillmentLineItems"]["nodes"]
    }


def _wanted_units(place: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, int]:
    lines = {line["id"]: line["lineItem"]["id"] for line in place["lineItems"]["nodes"]}
    return {lines.get(unit["id"], ""): unit["quantity"] for unit in wanted.get("line_items") or ()}
