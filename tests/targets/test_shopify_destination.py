from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crossdock.http.errors import Rejected
from crossdock.operation import Acknowledged, Refused
from sandbox.shopify.auth import NARROW_TOKEN, STATIC_TOKEN
from taps.shopify.client import ShopifyClient
from targets.shopify.destination import ShopifyDestination
from tests.targets.conftest import Sandbox, ready

#: The fulfillment order of the second order of the tiny world, and its line of two TEA.
PLACE = "gid://shopify/FulfillmentOrder/100100"
LINE = "gid://shopify/FulfillmentOrderLineItem/100100000"


@pytest.fixture
def config(sandbox: Sandbox) -> dict[str, Any]:
    url = f"{sandbox.url}/shopify"
    return {"api_url": url, "access_token": STATIC_TOKEN, "share": 1, "restore_rate": 1000}


@pytest.fixture
def shopify(config: dict[str, Any]) -> Iterator[ShopifyDestination]:
    with ShopifyClient.from_config(config, connector="target-shopify") as client:
        yield ShopifyDestination(client)


def shipment(numbers: tuple[str, ...] = ("1Z 1",), quantity: int = 1, **values: Any) -> Any:
    wanted = {
        "fulfillment_order_id": PLACE,
        "line_items": [{"id": LINE, "quantity": quantity}],
        "tracking_company": "UPS" if numbers else "",
        "tracking_numbers": list(numbers),
        "tracking_urls": [f"https://t/{n.replace(' ', '')}" for n in numbers] or None,
        "notify_customer": "false",
        **values,
    }
    return ready("create", object="fulfillments", destination="shopify:main", set=wanted)


def correction(found_id: str, **values: Any) -> Any:
    return ready(
        "update",
        object="fulfillments",
        destination="shopify:main",
        destination_id=found_id,
        set=values,
    )


def made(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [e for e in sandbox.effects("shopify") if e["actor"] == "api"]


def sent(shopify: ShopifyDestination, item: Any) -> str:
    [outcome] = shopify.send([item])
    assert isinstance(outcome, Acknowledged), outcome
    return outcome.destination_id


def test_a_shipment_is_told_with_its_units_and_numbers(
    shopify: ShopifyDestination, sandbox: Sandbox
) -> None:
    item = shipment(("1Z1", "1Z2"), notify_customer="true")
    assert shopify.find(item.operation) is None
    found_id = sent(shopify, item)
    [effect] = made(sandbox)
    assert effect["fields"] == {
        "order": "#1001",
        "lines": [{"id": LINE, "quantity": 1}],
        "trackingInfo": [
            {"company": "UPS", "number": "1Z1", "url": "https://t/1Z1"},
            {"company": "UPS", "number": "1Z2", "url": "https://t/1Z2"},
        ],
        "notifyCustomer": True,
    }
    read = shopify.find(correction(found_id).operation)
    assert read == {
        "id": found_id,
        "tracking_company": "UPS",
        "tracking_numbers": ["1Z1", "1Z2"],
        "tracking_urls": ["https://t/1Z1", "https://t/1Z2"],
    }


def test_what_was_told_is_found_by_its_number_however_it_is_written(
    shopify: ShopifyDestination,
) -> None:
    found_id = sent(shopify, shipment(("1z-1",)))
    found = shopify.find(shipment(("1Z 1",)).operation)
    assert found is not None
    assert found["id"] == found_id
    assert shopify.find(shipment(("1Z9",)).operation) is None


def test_without_a_number_the_units_tell(shopify: ShopifyDestination) -> None:
    found_id = sent(shopify, shipment((), quantity=1))
    found = shopify.find(shipment((), quantity=1).operation)
    assert found is not None
    assert found["id"] == found_id
    assert shopify.find(shipment((), quantity=2).operation) is None


def test_more_lines_than_are_read_are_not_compared(
    shopify: ShopifyDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(shopify, shipment((), quantity=1))
    execute = ShopifyClient.execute

    def with_a_further_page(self: ShopifyClient, *words: Any, **more: Any) -> dict[str, Any]:
        answer = execute(self, *words, **more)
        answer["fulfillmentOrder"]["lineItems"]["pageInfo"]["hasNextPage"] = True
        return answer

    monkeypatch.setattr(ShopifyClient, "execute", with_a_further_page)
    with pytest.raises(Rejected, match="more lines than are read"):
        shopify.find(shipment((), quantity=1).operation)


def test_two_that_fit_are_not_guessed(shopify: ShopifyDestination) -> None:
    sent(shopify, shipment(("1Z1",)))
    sent(shopify, shipment(("1Z1", "1Z2")))
    with pytest.raises(Rejected, match="several fulfillments"):
        shopify.find(shipment(("1Z1",)).operation)


def test_more_than_is_open_is_refused(shopify: ShopifyDestination, sandbox: Sandbox) -> None:
    [outcome] = shopify.send([shipment(quantity=3)])
    assert isinstance(outcome, Refused)
    assert "Invalid fulfillment order line item quantity" in outcome.reason
    assert made(sandbox) == []


def test_a_request_that_is_gone_is_refused(shopify: ShopifyDestination) -> None:
    gone = shipment(fulfillment_order_id="gid://shopify/FulfillmentOrder/99")
    with pytest.raises(Rejected, match="not in the shop any more"):
        shopify.find(gone.operation)
    [outcome] = shopify.send([gone])
    assert isinstance(outcome, Refused)


def test_a_new_label_is_corrected_without_a_word_to_the_customer(
    shopify: ShopifyDestination, sandbox: Sandbox
) -> None:
    found_id = sent(shopify, shipment(("1Z1",)))
    assert sent(shopify, correction(found_id, tracking_numbers=["1Z2"])) == found_id
    effect = made(sandbox)[-1]
    # The carrier stays; the page of the old number does not.
    page = "https://www.ups.com/track?tracknum=1Z2"
    told = [{"company": "UPS", "number": "1Z2", "url": page}]
    assert effect["fields"] == {"trackingInfo": told, "notifyCustomer": False}
    assert sent(shopify, correction(found_id, tracking_urls=["https://t/2"])) == found_id
    assert made(sandbox)[-1]["fields"]["trackingInfo"] == [
        {"company": "UPS", "number": "1Z2", "url": "https://t/2"}
    ]


def test_what_cannot_be_changed_is_refused(shopify: ShopifyDestination, sandbox: Sandbox) -> None:
    found_id = sent(shopify, shipment())
    fixed = correction(found_id, line_items=[])
    gone = correction("gid://shopify/Fulfillment/1", tracking_numbers=["1Z2"])
    archived = ready("archive", object="fulfillments", destination_id=found_id)
    strange = ready("create", object="orders")
    for item, word in ((fixed, "line_items"), (gone, "any more"), (archived, "archive"),
                       (strange, "orders")):  # fmt: skip
        [outcome] = shopify.send([item])
        assert isinstance(outcome, Refused)
        assert word in outcome.reason
    assert len(made(sandbox)) == 1


def test_a_token_without_the_right_changes_nothing(
    config: dict[str, Any], sandbox: Sandbox
) -> None:
    from crossdock.http.errors import AuthError

    narrow = {**config, "access_token": NARROW_TOKEN}
    with (
        ShopifyClient.from_config(narrow, connector="target-shopify") as client,
        pytest.raises(AuthError, match="scope"),
    ):
        ShopifyDestination(client).send([shipment()])
    assert made(sandbox) == []


def test_the_shop_shows_what_is_left(shopify: ShopifyDestination, sandbox: Sandbox) -> None:
    sent(shopify, shipment(quantity=1))
    query = f'{{ fulfillmentOrder(id: "{PLACE}") {{ status order {{ closed }} }} }}'
    answers = []
    for _ in range(2):
        answer = httpx.post(
            f"{sandbox.url}/shopify/admin/api/2026-10/graphql.json",
            json={"query": query},
            headers={"X-Shopify-Access-Token": STATIC_TOKEN},
        ).json()["data"]["fulfillmentOrder"]
        answers.append((answer["status"], answer["order"]["closed"]))
        if len(answers) == 1:
            sent(shopify, shipment(("1Z2",), quantity=1))
    assert answers == [("IN_PROGRESS", False), ("CLOSED", True)]
