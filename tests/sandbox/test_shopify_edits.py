"""What people do in a shop, and what time does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTED = "2026-03-02T09:00:00Z"
LATER = "2026-03-02T10:00:00Z"
SELECTION = """updatedAt cancelledAt note tags displayFinancialStatus displayFulfillmentStatus
  shippingAddress { name address1 address2 countryCodeV2 }
  currentTotalPriceSet { shopMoney { amount } }
  lineItems(first: 5) { nodes { quantity currentQuantity unfulfilledQuantity } }
  fulfillmentOrders(first: 5) { nodes { status updatedAt fulfillmentHolds { reason reasonNotes }
    destination { address2 countryCode }
    lineItems(first: 5) { nodes { totalQuantity remainingQuantity } } } }"""


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        served.pass_time(3600)
        yield served


def order(running: Shop, number: str) -> Any:
    query = f'{{ order(id: "gid://shopify/Order/{number}") {{ {SELECTION} }} }}'
    return running.ask(query)["order"]


def changed_since(running: Shop, field: str = "orders") -> list[str]:
    query = f"""{{ {field}(first: 50, query: "updated_at:>'{STARTED}'") {{ nodes {{ id }} }} }}"""
    return [node["id"].rsplit("/", 1)[1] for node in running.ask(query)[field]["nodes"]]


def test_a_new_ship_to_line_reaches_order_and_destination(running: Shop) -> None:
    answer = running.edit("1001", shipping_address__address2="Suite 5")
    assert answer["updated_at"] == LATER
    found = order(running, "1001")
    assert found["shippingAddress"]["address2"] == "Suite 5"
    (request,) = found["fulfillmentOrders"]["nodes"]
    assert request["destination"]["address2"] == "Suite 5"
    assert request["updatedAt"] == found["updatedAt"] == LATER
    assert changed_since(running) == ["1001"]
    assert changed_since(running, "fulfillmentOrders") == ["100100"]
    running.edit("1001", shipping_address__address2=None)
    assert order(running, "1001")["shippingAddress"]["address2"] is None


def test_name_and_country_of_an_address(running: Shop) -> None:
    running.edit("1001", shipping_address__name="Bo van Li", shipping_address__country="UK")
    address = order(running, "1001")["shippingAddress"]
    assert (address["name"], address["countryCodeV2"]) == ("Bo van Li", "GB")


def test_cancelling(running: Shop) -> None:
    running.edit("1001", cancelled=True)
    found = order(running, "1001")
    assert found["cancelledAt"] == LATER
    assert found["displayFinancialStatus"] == "REFUNDED"
    assert found["currentTotalPriceSet"]["shopMoney"]["amount"] == "0.00"
    (request,) = found["fulfillmentOrders"]["nodes"]
    assert request["status"] == "CANCELLED"
    assert {line["remainingQuantity"] for line in request["lineItems"]["nodes"]} == {0}


def test_paying(running: Shop) -> None:
    running.edit("1008", financial_status="paid")
    assert order(running, "1008")["displayFinancialStatus"] == "PAID"


def test_holding_and_releasing(running: Shop) -> None:
    running.edit("1001", hold_reason="waiting for the florist")
    found = order(running, "1001")
    (request,) = found["fulfillmentOrders"]["nodes"]
    assert request["fulfillmentHolds"] == [
        {"reason": "OTHER", "reasonNotes": "waiting for the florist"}
    ]
    assert found["displayFulfillmentStatus"] == "ON_HOLD"
    running.edit("1001", hold_reason=None)
    found = order(running, "1001")
    assert found["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"
    assert found["displayFulfillmentStatus"] == "UNFULFILLED"


def test_scheduling(running: Shop) -> None:
    running.edit("1001", fulfill_at="2026-04-01T00:00:00Z")
    assert order(running, "1001")["fulfillmentOrders"]["nodes"][0]["status"] == "SCHEDULED"


def test_taking_units_and_lines_out(running: Shop) -> None:
    running.edit("1003", **{"lines.1.current_quantity": 2, "lines.2.current_quantity": 0})
    found = order(running, "1003")
    first, second = found["lineItems"]["nodes"]
    assert first == {"quantity": 3, "currentQuantity": 2, "unfulfilledQuantity": 2}
    assert second["currentQuantity"] == 0
    here, there = found["fulfillmentOrders"]["nodes"]
    assert here["lineItems"]["nodes"] == [{"totalQuantity": 2, "remainingQuantity": 2}]
    assert there["status"] == "CANCELLED"
    assert found["currentTotalPriceSet"]["shopMoney"]["amount"] == "15.40"


def test_tags_and_notes(running: Shop) -> None:
    running.edit("1001", tags="gift, VIP", note="Ring twice")
    found = order(running, "1001")
    assert (found["tags"], found["note"]) == (["VIP", "gift"], "Ring twice")


def test_stock_follows_what_is_committed(running: Shop) -> None:
    query = """{ inventoryItems(first: 5, query: "sku:A-1") { nodes { inventoryLevels(first: 5) {
        nodes { updatedAt location { name } quantities(names: ["committed"]) { quantity } }
        } } } }"""

    def level() -> Any:
        (item,) = running.ask(query)["inventoryItems"]["nodes"]
        levels = item["inventoryLevels"]["nodes"]
        return next(found for found in levels if found["location"]["name"] == "Main")

    before = level()
    running.edit("1003", cancelled=True)
    after = level()
    assert before["quantities"][0]["quantity"] - after["quantities"][0]["quantity"] == 3
    assert after["updatedAt"] == LATER


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"object": "customer", "id": "7", "set": {"email": "new@example.com"}},
         '{ customer(id: "gid://shopify/Customer/7") { updatedAt } }'),
        ({"object": "customer", "id": "BOLI", "set": {"default_address.city": "Oakland"}}, None),
        ({"object": "product", "id": "A-1", "set": {"title": "Pear", "price": "1.5"}}, None),
        ({"object": "inventory_level", "id": "L1/A-1", "set": {"on_hand": 3}}, None),
        ({"object": "order", "number": "#1001", "set": {"note": "x"}}, None),
    ],
)  # fmt: skip
def test_other_records_can_be_edited(running: Shop, body: dict[str, Any], read: str | None) -> None:
    response = running.control("edit", {"vendor": "shopify", **body})
    assert response.json()["updated_at"] == LATER
    if read:
        assert running.ask(read)["customer"]["updatedAt"] == LATER
    (effect,) = running.vendor.sandbox.effects.since(0)
    assert effect["actor"] == "person"
    assert effect["fields"] == body["set"]


@pytest.mark.parametrize(
    "body",
    [
        {"object": "order", "id": "999", "set": {"note": "x"}},
        {"object": "order", "id": "1001", "set": {"colour": "red"}},
        {"object": "order", "id": "1001", "set": {"shipping_address.moon": "x"}},
        {"object": "order", "id": "1001", "set": {"lines.1.current_quantity": "many"}},
        {"object": "order", "id": "1001", "set": {"lines.1.current_quantity": -1}},
        {"object": "order", "id": "1001", "set": {"lines.9.current_quantity": 1}},
        {"object": "order", "id": "1001", "set": {"financial_status": "RICH"}},
        {"object": "order", "id": "1001", "set": {"note": "half done", "colour": "red"}},
        {"object": "order", "id": "1001", "set": {}},
        {"object": "planet", "id": "1001", "set": {"note": "x"}},
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(running: Shop, body: dict[str, Any]) -> None:
    response = running.control("edit", {"vendor": "shopify", **body})
    assert response.status_code == 400
    assert "\n" not in response.json()["error"]
    assert running.vendor.sandbox.effects.since(0) == []


def test_a_refund_comes_with_time_and_leaves_what_is_to_be_shipped(running: Shop) -> None:
    answer = running.control("advance", {"hours": 0}).json()
    assert answer["changed"] == 0
    assert answer["next_event_at"] == "2026-03-02T19:00:00Z"
    answer = running.control("advance", {"hours": 24}).json()
    assert (answer["changed"], answer["next_event_at"]) == (1, None)
    found = order(running, "1009")
    assert found["displayFinancialStatus"] == "REFUNDED"
    assert found["updatedAt"] == "2026-03-02T19:00:00Z"
    assert found["lineItems"]["nodes"][0]["currentQuantity"] == 0
    (request,) = found["fulfillmentOrders"]["nodes"]
    assert request["status"] == "OPEN"
    assert request["lineItems"]["nodes"] == [{"totalQuantity": 1, "remainingQuantity": 1}]


def test_what_is_due_happens_without_advance_too(running: Shop) -> None:
    running.pass_time(10 * 3600)
    assert order(running, "1009")["displayFinancialStatus"] == "REFUNDED"


def test_a_new_order_is_placed(running: Shop) -> None:
    lines = [{"sku": "A-1", "quantity": 2, "unit_price": "5.25"}, {"sku": None}]
    content = {"customer_id": "7", "ship_name": "Bo Li", "ship_city": "Lyon", "lines": lines}
    body = {"vendor": "shopify", "object": "order", "create": content}
    answer = running.control("edit", body).json()
    assert answer["id"] == "gid://shopify/Order/1011"
    assert changed_since(running) == ["1011"]
    assert changed_since(running, "fulfillmentOrders") == ["101100"]
    found = order(running, "1011")
    assert found["updatedAt"] == LATER
    assert found["currentTotalPriceSet"]["shopMoney"]["amount"] == "10.50"
    (effect,) = running.vendor.sandbox.effects.since(0)
    assert effect["operation"] == "create"


@pytest.mark.parametrize(
    "content",
    [
        {"lines": "none"},
        {"order_id": "1001", "lines": []},
        {"customer_id": "nobody", "lines": []},
        {"currency": "COWS", "lines": []},
        {"lines": [{"sku": "A-1", "quantity": "many"}]},
        {"location_id": "moon", "lines": []},
    ],
)
def test_an_order_that_cannot_be_placed(running: Shop, content: Any) -> None:
    body = {"vendor": "shopify", "object": "order", "create": content}
    assert running.control("edit", body).status_code == 400
    assert changed_since(running) == []
