"""What apps may tell the shop, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE = """mutation Create($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status totalQuantity trackingInfo { company number url } }
    userErrors { field message } } }"""
UPDATE = """mutation Update($id: ID!, $info: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info) {
    fulfillment { id trackingInfo { company number url } } userErrors { field message } } }"""
PLACES = """{ order(id: "gid://shopify/Order/%s") { fulfillmentOrders(first: 5) { nodes {
  id status lineItems(first: 5) { nodes { id remainingQuantity lineItem { id } } } } } } }"""


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        yield served


def places(running: Shop, number: str) -> list[Any]:
    nodes: list[Any] = running.ask(PLACES % number)["order"]["fulfillmentOrders"]["nodes"]
    return nodes


def create(running: Shop, *entries: Any, **more: Any) -> Any:
    fulfillment = {"lineItemsByFulfillmentOrder": list(entries), **more}
    return running.ask(CREATE, fulfillment=fulfillment)["fulfillmentCreate"]


def of(place: Any, *quantities: int) -> Any:
    lines = place["lineItems"]["nodes"]
    asked = [
        {"id": line["id"], "quantity": n} for line, n in zip(lines, quantities, strict=False) if n
    ]
    return {"fulfillmentOrderId": place["id"], "fulfillmentOrderLineItems": asked}


def refused(running: Shop, *entries: Any) -> str:
    before = running.vendor.sandbox.effects.last
    answer = create(running, *entries)
    assert answer["fulfillment"] is None
    assert running.vendor.sandbox.effects.last == before
    [error] = answer["userErrors"]
    return str(error["message"])


def test_some_units_and_then_the_rest(running: Shop) -> None:
    [place] = places(running, "1001")
    info = {"company": "UPS", "numbers": ["1Z1", "1Z2"], "urls": ["https://t/1"]}
    first = create(running, of(place, 1), trackingInfo=info)["fulfillment"]
    assert first["totalQuantity"] == 1
    assert first["trackingInfo"] == [
        {"company": "UPS", "number": "1Z1", "url": "https://t/1"},
        {"company": "UPS", "number": "1Z2", "url": "https://www.ups.com/track?tracknum=1Z2"},
    ]
    [after] = places(running, "1001")
    assert after["status"] == "IN_PROGRESS"
    assert after["lineItems"]["nodes"][0]["remainingQuantity"] == 1
    rest = create(running, {"fulfillmentOrderId": place["id"]})["fulfillment"]
    assert rest["id"] != first["id"]
    [closed] = places(running, "1001")
    assert closed["status"] == "CLOSED"
    assert {line["remainingQuantity"] for line in closed["lineItems"]["nodes"]} == {0}


def test_what_makes_no_sense_is_refused(running: Shop) -> None:
    [place] = places(running, "1001")
    assert "quantity" in refused(running, of(place, 3))
    assert "does not exist" in refused(running, {**of(place, 1), "fulfillmentOrderId": "gid://x"})
    strange = {"id": "gid://shopify/FulfillmentOrderLineItem/1", "quantity": 1}
    entry = {"fulfillmentOrderId": place["id"], "fulfillmentOrderLineItems": [strange]}
    assert "line item does not exist" in refused(running, entry)
    assert "At least one" in refused(running)
    two = places(running, "1003")
    assert len(two) == 2
    assert "same location" in refused(running, of(two[0], 1), of(two[1], 1))
    [other] = places(running, "1002")
    assert "same order" in refused(running, of(place, 1), of(other, 1))
    [held] = places(running, "1004")
    assert "on_hold" in refused(running, of(held, 1))
    [gone] = places(running, "1005")
    assert "cancelled" in refused(running, of(gone, 1))


def test_tracking_is_replaced_as_a_whole(running: Shop) -> None:
    [place] = places(running, "1001")
    made = create(running, of(place, 1), trackingInfo={"company": "UPS", "number": "1Z1"})
    found_id = made["fulfillment"]["id"]
    info = {"numbers": ["X"], "urls": ["https://t/x"]}
    answer = running.ask(UPDATE, id=found_id, info=info)["fulfillmentTrackingInfoUpdate"]
    assert answer["fulfillment"]["trackingInfo"] == [
        {"company": None, "number": "X", "url": "https://t/x"}
    ]
    missing = running.ask(UPDATE, id="gid://shopify/Fulfillment/1", info=info)
    payload = missing["fulfillmentTrackingInfoUpdate"]
    assert payload["fulfillment"] is None
    assert "does not exist" in payload["userErrors"][0]["message"]


def test_time_goes_on_for_a_parcel_that_was_told(running: Shop) -> None:
    [place] = places(running, "1002")
    made = create(running, of(place, 1), trackingInfo={"company": "UPS", "number": "1Z1"})
    found_id = made["fulfillment"]["id"]
    running.control("advance", {"hours": 30})
    query = f'{{ fulfillment(id: "{found_id}") {{ displayStatus order {{ closed }} }} }}'
    found = running.ask(query)["fulfillment"]
    assert found == {"displayStatus": "DELIVERED", "order": {"closed": True}}
