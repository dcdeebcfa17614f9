from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crossdock.http.errors import AuthError, OutcomeUnknown, Rejected
from crossdock.operation import Acknowledged, Refused
from taps.shiphero.client import ShipHeroClient
from targets.shiphero.check import check
from targets.shiphero.destination import ShipHeroDestination, flat, nested, why_too_late
from tests.targets.conftest import Sandbox, operation, ready

CREDENTIALS = {"username": "sandbox@crossdock.test", "password": "sandbox", "share": 1}


@pytest.fixture
def config(sandbox: Sandbox) -> dict[str, Any]:
    return {**CREDENTIALS, "api_url": f"{sandbox.url}/shiphero"}


@pytest.fixture
def shiphero(config: dict[str, Any]) -> Iterator[ShipHeroDestination]:
    with ShipHeroClient.from_config(config, connector="target-shiphero") as client:
        yield ShipHeroDestination(client)


def order(number: int = 1000, **values: Any) -> Any:
    partner_id = f"shop_{number}"
    wanted = {
        "partner_order_id": partner_id,
        "order_number": f"#{number}",
        "shop_name": "crossdock-main",
        "order_date": "2026-11-02T09:00:00Z",
        "currency": "EUR",
        "email": "ada@example.com",
        "shipping_address__first_name": "Ada",
        "shipping_address__last_name": "Lovelace",
        "shipping_address__address1": "12 St James's Square",
        "shipping_address__address2": "",
        "shipping_address__city": "London",
        "shipping_address__country": "GB",
        "shipping_lines": {"title": "Standard", "carrier": "DHL", "method": "", "price": "5.00"},
        "line_items": [
            {"sku": "TEA", "partner_line_item_id": "1", "quantity": 2, "price": "4.50"},
        ],
        **values,
    }
    return ready("create", key=partner_id, match={"partner_order_id": partner_id}, set=wanted)


def update(order_id: str, **values: Any) -> Any:
    return ready("update", destination_id=order_id, set=values)


def create(shiphero: ShipHeroDestination, number: int = 1000) -> str:
    (outcome,) = shiphero.send([order(number)])
    assert isinstance(outcome, Acknowledged)
    return outcome.destination_id


def test_a_create_brings_the_order_as_wanted(
    shiphero: ShipHeroDestination, sandbox: Sandbox
) -> None:
    order_id = create(shiphero)
    (held,) = sandbox.state("shiphero")["orders"]
    assert held["id"] == order_id
    assert held["partner_order_id"] == "shop_1000"
    assert held["shop_name"] == "crossdock-main"
    assert held["shipping_address"]["city"] == "London"
    assert [line["sku"] for line in held["line_items"]] == ["TEA"]


def test_an_update_sends_only_what_changed(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1001)
    (outcome,) = shiphero.send([update(order_id, shipping_address__address2="Flat 3")])
    assert outcome == Acknowledged(order_id)
    effect = sandbox.effects("shiphero")[-1]
    assert effect["operation"] == "update"
    assert effect["fields"] == {"shipping_address": {"address2": "Flat 3"}}
    (held,) = sandbox.state("shiphero")["orders"]
    assert held["shipping_address"]["address1"] == "12 St James's Square"
    assert held["shipping_address"]["address2"] == "Flat 3"


def test_what_became_empty_is_emptied(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1001)
    shiphero.send([update(order_id, shipping_address__address2="Flat 3")])
    shiphero.send([update(order_id, shipping_address__address2=None)])
    (held,) = sandbox.state("shiphero")["orders"]
    assert held["shipping_address"]["address2"] == ""


def test_an_order_beyond_change_is_for_a_person(
    shiphero: ShipHeroDestination, sandbox: Sandbox
) -> None:
    order_id = create(shiphero)
    sandbox.advance(72)
    before = len(sandbox.effects("shiphero"))
    (outcome,) = shiphero.send([update(order_id, shipping_address__address2="Flat 3")])
    assert isinstance(outcome, Refused)
    assert outcome.code == "too_late"
    assert "a person" in outcome.reason
    assert not outcome.retry
    assert len(sandbox.effects("shiphero")) == before


def test_what_shiphero_cannot_change_is_not_sent(
    shiphero: ShipHeroDestination, sandbox: Sandbox
) -> None:
    order_id = create(shiphero)
    (outcome,) = shiphero.send([update(order_id, line_items=[], shipping_address__city="Bath")])
    assert isinstance(outcome, Refused)
    assert "line_items" in outcome.reason
    assert len(sandbox.effects("shiphero")) == 1


def test_an_update_of_what_is_gone_is_refused(shiphero: ShipHeroDestination) -> None:
    (outcome,) = shiphero.send([update("T3JkZXI6NQ==", shipping_address__city="Bath")])
    assert isinstance(outcome, Refused)
    assert outcome.code == "gone"


def test_a_wrong_order_is_refused_with_the_vendors_code(shiphero: ShipHeroDestination) -> None:
    (outcome,) = shiphero.send([order(line_items=[])])
    assert isinstance(outcome, Refused)
    assert outcome.code == "3"
    assert not outcome.whole_batch


def test_find_knows_an_order_by_partner_id_and_shop(shiphero: ShipHeroDestination) -> None:
    wanted = order().operation
    assert shiphero.find(wanted) is None
    order_id = create(shiphero)
    found = shiphero.find(wanted)
    assert found is not None
    assert found["id"] == order_id
    assert found["shipping_address__city"] == "London"
    assert found["shipping_lines"]["carrier"] == "DHL"
    elsewhere = order(shop_name="crossdock-eu").operation
    assert shiphero.find(elsewhere) is None
    by_id = shiphero.find(operation("update", destination_id=order_id))
    assert by_id == found
    assert shiphero.find(operation("update", destination_id="T3JkZXI6NQ==")) is None


def test_find_never_guesses_between_two(shiphero: ShipHeroDestination) -> None:
    create(shiphero)
    create(shiphero)
    with pytest.raises(Rejected, match="several orders") as caught:
        shiphero.find(order().operation)
    assert caught.value.code == "ambiguous"
    with pytest.raises(Rejected, match="without partner_order_id"):
        shiphero.find(operation("create"))


def test_creates_look_first(shiphero: ShipHeroDestination) -> None:
    assert shiphero.reads_before_create("orders")
    assert shiphero.batch_size("orders", "create") == 1


def test_a_lost_answer_is_unknown_and_found_again(
    shiphero: ShipHeroDestination, sandbox: Sandbox
) -> None:
    sandbox.faults(
        {"vendor": "shiphero", "match": "order_create", "kind": "lost_answer", "count": 1}
    )
    item = order()
    with pytest.raises(OutcomeUnknown):
        shiphero.send([item])
    assert shiphero.find(item.operation) is not None


def test_check_names_warehouses_and_credits(config: dict[str, Any]) -> None:
    findings = list(check(config, fix=False))
    assert all(f.ok for f in findings)
    assert "4004 credits" in findings[0].advice
    assert "Main warehouse" in findings[1].advice
    wrong = {**config, "password": "wrong"}
    assert not all(f.ok for f in check(wrong, fix=False))


def test_a_wrong_password_stops_everything(config: dict[str, Any]) -> None:
    client = ShipHeroClient.from_config({**config, "password": "no"}, connector="target-shiphero")
    with pytest.raises(AuthError):
        ShipHeroDestination(client).send([order()])


def test_a_refusal_quotes_no_values() -> None:
    body = {
        "errors": [{"message": "Address '12 Main St' of \"Ada\" is invalid", "code": 3}],
        "data": {"order_create": None},
    }
    config = {"access_token": "x", "api_url": "http://shiphero.test"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    client = ShipHeroClient.from_config(config, connector="target-shiphero", transport=transport)
    (outcome,) = ShipHeroDestination(client).send([order()])
    assert outcome == Refused("ShipHero refused: Address … of … is invalid", "3")


def test_names_nest_by_double_underscore() -> None:
    values = {"a__b": 1, "a__c__d": 2, "e": 3}
    assert nested(values) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert flat({"id": "1", "shipping_address": {"zip": "2"}}) == {
        "id": "1",
        "shipping_address__zip": "2",
    }


def stop(order_id: str, **values: Any) -> Any:
    return ready("adopt", destination_id=order_id, set=values)


def changes(sandbox: Sandbox) -> list[str]:
    return [e["operation"] for e in sandbox.effects("shiphero") if e["actor"] == "api"][1:]


def test_an_order_is_cancelled_once(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1001)
    for _ in range(2):
        [outcome] = shiphero.send([stop(order_id, fulfillment_status="canceled")])
        assert outcome == Acknowledged(order_id)
    assert changes(sandbox) == ["cancel"]
    (held,) = sandbox.state("shiphero")["orders"]
    assert held["fulfillment_status"] == "canceled"
    [late] = shiphero.send([stop(order_id, client_hold="true")])
    assert isinstance(late, Refused)
    assert late.code == "too_late"


def test_an_order_is_held_and_let_go(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1001)
    for value in ("true", "false"):
        wanted = stop(order_id, client_hold=value)
        assert shiphero.send([wanted]) == [Acknowledged(order_id)]
        found = shiphero.find(wanted.operation)
        assert found is not None
        assert found["client_hold"] is (value == "true")
    assert changes(sandbox) == ["hold", "hold"]


def test_what_is_packed_is_not_cancelled(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1000)
    sandbox.advance(72)
    (before,) = sandbox.state("shiphero")["orders"]
    for values in ({"fulfillment_status": "canceled"}, {"client_hold": "true"}):
        [outcome] = shiphero.send([stop(order_id, **values)])
        assert isinstance(outcome, Refused)
        assert outcome.code == "too_late"
        assert "a person must see to it" in outcome.reason
    assert changes(sandbox) == []
    assert sandbox.state("shiphero")["orders"] == [before]


def test_no_other_status_is_set(shiphero: ShipHeroDestination, sandbox: Sandbox) -> None:
    order_id = create(shiphero, 1001)
    for values in (
        {"fulfillment_status": "pending"},
        {"fulfillment_status": "canceled", "client_hold": "true"},
    ):
        [outcome] = shiphero.send([stop(order_id, **values)])
        assert isinstance(outcome, Refused)
    [gone] = shiphero.send([stop("T3JkZXI6OTk5OTk5", fulfillment_status="canceled")])
    assert isinstance(gone, Refused)
    assert gone.code == "gone"
    assert changes(sandbox) == []


def test_a_pick_is_seen_right_before() -> None:
    picked = {"edges": [{"node": {"tote_picks": [{"picked_quantity": 1}]}}]}
    waiting = {
        "edges": [
            {"node": {"tote_picks": [{"picked_quantity": 0}]}},
            {"node": {"tote_picks": None}},
        ]
    }
    assert why_too_late({"fulfillment_status": "pending", "floor": picked})
    assert not why_too_late({"fulfillment_status": "pending", "floor": waiting})
