"""Parcels on their way, and goods that come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = "2026-03-02T10:00:00Z"
FULFILLMENT = """name status displayStatus createdAt updatedAt inTransitAt deliveredAt
  estimatedDeliveryAt requiresShipping totalQuantity trackingInfo { company number url }
  events(first: 9) { nodes { status happenedAt city message } }
  fulfillmentLineItems(first: 5) { nodes { id quantity lineItem { sku } } }
  fulfillmentOrders(first: 5) { nodes { status } }"""
RETURN = """id name status createdAt requestApprovedAt closedAt totalQuantity decline { reason }
  order { name } refunds(first: 3) { nodes { id } }
  returnLineItems(first: 5) { nodes { id quantity processedQuantity unprocessedQuantity
    refundedQuantity refundableQuantity returnReason returnReasonNote
    returnReasonDefinition { handle name }
    ... on ReturnLineItem { fulfillmentLineItem { lineItem { sku } } } } }"""
ORDER = f"""updatedAt returnStatus displayFulfillmentStatus closed
  lineItems(first: 9) {{ nodes {{ sku currentQuantity unfulfilledQuantity fulfillmentStatus }} }}
  fulfillments {{ {FULFILLMENT} }} returns(first: 5) {{ nodes {{ {RETURN} }} }}
  refunds {{ return {{ name }} }}"""


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        served.pass_time(3600)
        yield served


def read(running: Shop, number: str) -> Any:
    query = f'{{ order(id: "gid://shopify/Order/{number}") {{ {ORDER} }} }}'
    return running.ask(query)["order"]


def states(fulfillment: Any) -> list[str]:
    return [event["status"] for event in fulfillment["events"]["nodes"]]


def test_a_parcel_moves_as_time_passes(running: Shop) -> None:
    running.edit("1003", fulfilled={"number": "1Z999", "company": "UPS"})
    found = read(running, "1003")
    first, second = found["fulfillments"]
    assert found["displayFulfillmentStatus"] == "FULFILLED"
    assert (first["displayStatus"], states(first)) == ("CONFIRMED", ["CONFIRMED"])
    assert first["trackingInfo"] == [{"company": "UPS", "number": "1Z9991", "url": None}]
    assert second["trackingInfo"][0]["number"] == "1Z9992"
    assert first["estimatedDeliveryAt"] == "2026-03-03T12:00:00Z"
    assert first["fulfillmentOrders"]["nodes"] == [{"status": "CLOSED"}]
    running.control("advance", {"hours": 5})
    found = read(running, "1003")
    assert found["fulfillments"][0]["displayStatus"] == "IN_TRANSIT"
    assert found["fulfillments"][0]["inTransitAt"] == "2026-03-02T14:00:00Z"
    assert found["fulfillments"][0]["deliveredAt"] is None
    assert found["updatedAt"] == "2026-03-02T14:00:00Z"
    running.control("advance", {"hours": 48})
    (first, _) = read(running, "1003")["fulfillments"]
    assert states(first) == ["CONFIRMED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]
    assert first["deliveredAt"] == first["updatedAt"] == "2026-03-03T12:00:00Z"
    assert first["events"]["nodes"][-1]["city"] == "Köln"


def test_a_parcel_without_a_number_is_not_followed(running: Shop) -> None:
    running.edit("1002", fulfilled=True)
    (shipped,) = read(running, "1002")["fulfillments"]
    assert (shipped["displayStatus"], shipped["trackingInfo"]) == ("MARKED_AS_FULFILLED", [])
    running.change("fulfillment", "#1002-F1", set={"number": "X1", "company": "DHL"})
    (shipped,) = read(running, "1002")["fulfillments"]
    assert shipped["trackingInfo"] == [{"company": "DHL", "number": "X1", "url": None}]
    running.change("fulfillment", "#1002-F1", set={"event": "delayed"})
    assert read(running, "1002")["fulfillments"][0]["displayStatus"] == "DELAYED"
    assert "FLYING" in running.refused("fulfillment", "#1002-F1", set={"event": "FLYING"})


def test_one_fulfillment_order_is_held_and_released(running: Shop) -> None:
    def statuses() -> list[str]:
        nodes = running.all("fulfillmentOrders", "orderName status", ", includeClosed: true")
        return [each["status"] for each in nodes if each["orderName"] == "#1003"]

    running.change("fulfillment_order", "100301", set={"hold_reason": "INCORRECT_ADDRESS"})
    assert statuses() == ["OPEN", "ON_HOLD"]
    running.change("fulfillment_order", "100301", set={"hold_reason": None})
    assert statuses() == ["OPEN", "OPEN"]
    running.edit("1003", cancelled=True)
    assert "CANCELLED" in running.refused("fulfillment_order", "100301", set={"hold_reason": "X"})


def test_a_return_from_the_request_to_the_refund(running: Shop) -> None:
    running.edit("1003", fulfilled=True)
    asked = {"lines": {"1": 2}, "reason": "size_too_small", "note": "too tight", "requested": True}
    running.edit("1003", **{"return": asked})
    found = read(running, "1003")
    assert (found["returnStatus"], found["updatedAt"]) == ("RETURN_REQUESTED", LATER)
    (back,) = found["returns"]["nodes"]
    assert (back["name"], back["status"], back["totalQuantity"]) == ("#1003-R1", "REQUESTED", 2)
    (item,) = back["returnLineItems"]["nodes"]
    assert item["fulfillmentLineItem"]["lineItem"] == {"sku": "A-1"}
    assert item["returnReasonDefinition"] == {"handle": "size-too-small", "name": "Size too small"}
    running.change("return", "#1003-R1", set={"status": "OPEN"})
    running.change("return", "#1003-R1", set={"processed": True})
    running.edit("1003", refund={"lines": {"1": 2}, "restock": "RETURN", "return": "#1003-R1"})
    running.change("return", "#1003-R1", set={"status": "CLOSED"})
    found = read(running, "1003")
    (back,) = found["returns"]["nodes"]
    assert (back["requestApprovedAt"], back["closedAt"]) == (LATER, LATER)
    (item,) = back["returnLineItems"]["nodes"]
    assert (item["processedQuantity"], item["unprocessedQuantity"]) == (2, 0)
    assert (item["refundedQuantity"], item["refundableQuantity"]) == (2, 0)
    assert found["returnStatus"] == "RETURNED"
    assert found["refunds"] == [{"return": {"name": "#1003-R1"}}]
    assert len(back["refunds"]["nodes"]) == 1
    assert found["lineItems"]["nodes"][0]["currentQuantity"] == 1


def test_goods_that_come_back_are_in_stock_again(running: Shop) -> None:
    def on_hand() -> int:
        query = """{ inventoryItems(first: 5, query: "sku:A-1") { nodes {
            inventoryLevels(first: 5) { nodes { location { name }
                quantities(names: ["on_hand"]) { quantity } } } } } }"""
        (item,) = running.ask(query)["inventoryItems"]["nodes"]
        levels = item["inventoryLevels"]["nodes"]
        main = next(level for level in levels if level["location"]["name"] == "Main")
        return int(main["quantities"][0]["quantity"])

    before = on_hand()
    running.edit("1006", refund={"lines": {"1": 1}, "restock": "RETURN"})
    assert on_hand() == before + 1


def test_a_return_is_found_by_its_id_and_declined(running: Shop) -> None:
    running.edit("1006", **{"return": {"lines": {"A-1": 1}, "requested": True}})
    (back,) = read(running, "1006")["returns"]["nodes"]
    running.change("return", back["id"], set={"status": "DECLINED"})
    query = f"query($id: ID!) {{ return(id: $id) {{ {RETURN} }} node(id: $id) {{ __typename }} }}"
    data = running.ask(query, id=back["id"])
    assert data["return"]["status"] == "DECLINED"
    assert data["return"]["decline"] == {"reason": "OTHER"}
    assert data["return"]["order"] == {"name": "#1006"}
    assert data["node"] == {"__typename": "Return"}
    assert read(running, "1006")["returnStatus"] == "NO_RETURN"


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("1001", {"lines": {"1": 1}}),  # not shipped yet
        ("1006", {"lines": {"1": 2}}),
        ("1006", {"lines": {"1": 0}}),
        ("1006", {"lines": {}}),
        ("1006", {"lines": {"1": 1}, "reason": "BOREDOM"}),
        ("1006", {"lines": {"1": 1}, "colour": "red"}),
    ],
)
def test_a_return_that_makes_no_sense(running: Shop, number: str, wanted: Any) -> None:
    running.refused("order", number, set={"return": wanted})
    assert read(running, number)["returns"]["nodes"] == []


def test_a_return_moves_only_along_its_way(running: Shop) -> None:
    running.edit("1006", **{"return": {"lines": {"1": 1}}})
    running.refused("order", "1006", set={"return": {"lines": {"1": 1}}})  # on its way already
    running.refused("return", "#1006-R1", set={"status": "DECLINED"})
    running.refused("return", "#1006-R1", set={"colour": "red"})
    running.change("return", "#1006-R1", set={"status": "CANCELED"})
    running.refused("return", "#1006-R1", set={"status": "OPEN"})
    running.refused("return", "#1006-R1", set={"processed": True})
