"""ShipHero's GraphQL: tokens, credits, errors, paging, filters, and the schema itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from graphql import build_schema, find_breaking_changes

from sandbox.shiphero.resolvers import schema
from tests.sandbox.crm_and_wms import CREATE, ORDERS, Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTA = "{ user_quota { credits_remaining max_available increment_rate } }"
PAGE = """query($after: String, $first: Int, $sort: String, $sku: String) {
  orders(sku: $sku) { complexity data(first: $first, after: $after, sort: $sort) {
    pageInfo { hasNextPage endCursor } edges { node { order_number } } } } }"""
UPDATE = "mutation($data: UpdateOrderInput!) { order_update(data: $data) { order { id } } }"
CANCEL = """mutation($data: CancelOrderInput!) {
  order_cancel(data: $data) { order { fulfillment_status } } }"""


@pytest.fixture
def running() -> Iterator[Served]:
    with served() as running:
        running.login()
        yield running


def numbers(answer: dict[str, Any]) -> list[str]:
    return [edge["node"]["order_number"] for edge in answer["data"]["orders"]["data"]["edges"]]


@pytest.mark.reference
def test_the_schema_is_a_subset_of_the_vendors() -> None:
    folder = os.environ.get("CROSSDOCK_REFERENCE")
    if not folder:
        pytest.skip("CROSSDOCK_REFERENCE is not set: the vendor's schema is not there")
    theirs = Path(folder, "vendor/shiphero/schema_2023-02.graphql").read_text()
    assert find_breaking_changes(schema(), build_schema(theirs)) == []


def test_tokens_last_28_days(running: Served) -> None:
    wrong = running.http.post("/shiphero/auth/token", json={"username": "x", "password": "y"})
    assert wrong.status_code == 401
    running.advance(hours=28 * 24 + 1)
    late = running.http.post("/shiphero/graphql", json={"query": QUOTA})
    assert late.status_code == 401
    body = {"refresh_token": "sandbox-refresh"}
    fresh = running.http.post("/shiphero/auth/refresh", json=body).json()
    assert fresh["expires_in"] == 2_419_200
    assert "refresh_token" not in fresh
    running.http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert running.graphql(QUOTA)["data"]["user_quota"]["max_available"] == 4004


def test_credits_are_charged_for_what_was_answered(running: Served) -> None:
    assert running.send("1001", ("A-1", 2))["data"]["order_create"]["complexity"] == 6
    answer = running.graphql(ORDERS, partner="shop_1001")
    assert answer["data"]["orders"]["complexity"] == 2  # the order and its line
    assert running.graphql(QUOTA)["data"]["user_quota"]["credits_remaining"] == 4004 - 6 - 2


def test_too_few_credits_are_code_30(running: Served) -> None:
    big = "{ orders { complexity data(first: 4000) { edges { node { id } } } } }"
    running.send("1001", ("A-1", 2))
    refused = running.graphql(big)
    (error,) = refused["errors"]
    assert refused["data"] == {"orders": None}
    assert error["code"] == error["extensions"]["code"] == 30
    assert (error["required_credits"], error["remaining_credits"]) == (4000, 3998)
    assert error["time_remaining"] == "1 seconds"
    assert "which requires 4000 credits, but there are only 3998 left" in error["message"]
    assert running.state("shiphero")["refusals"] == 1
    running.advance(seconds=1)
    assert running.graphql(big)["data"]["orders"]["complexity"] == 1


def test_analyze_tells_the_cost_and_takes_nothing(running: Served) -> None:
    query = """{ orders(analyze: true) { complexity
        data(first: 50) { edges { node { line_items(first: 4) { edges { node { id } } } } } } } }"""
    assert running.graphql(query)["data"]["orders"]["complexity"] == 250
    assert running.graphql(QUOTA)["data"]["user_quota"]["credits_remaining"] == 4004


def test_7000_requests_in_five_minutes(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.shiphero.credits.HARD_CAP", 3)
    codes = [
        running.http.post("/shiphero/graphql", json={"query": QUOTA}).status_code for _ in range(4)
    ]
    assert codes == [200, 200, 200, 429]


def test_pages_reach_every_order_once(running: Served) -> None:
    for number in range(7):
        running.send(str(number), ("A-1", 1))
    for sort in (None, "-order_number"):
        seen: list[str] = []
        after = None
        while True:
            answer = running.graphql(PAGE, first=3, after=after, sort=sort)
            seen += numbers(answer)
            page = answer["data"]["orders"]["data"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            after = page["endCursor"]
        assert seen == sorted(map(str, range(7)), reverse=bool(sort))


def test_a_record_that_leaves_the_list_hides_no_other(running: Served) -> None:
    for number in range(4):
        running.send(str(number), ("A-1", 1))
    query = PAGE.replace("sku: $sku", 'fulfillment_status: "pending"').replace(", $sku: String", "")
    first = running.graphql(query, first=2)
    running.edit(vendor="shiphero", object="order", number="0", set={"cancelled": True})
    after = first["data"]["orders"]["data"]["pageInfo"]["endCursor"]
    assert numbers(running.graphql(query, first=2, after=after)) == ["2", "3"]


def test_filters(running: Served) -> None:
    running.send("1001", ("A-1", 1), email="a@b.cd")
    running.advance(hours=0.5)
    running.send("1003", ("B-2", 1), holds={"fraud_hold": True})

    def found(arguments: str) -> list[str]:
        query = f"{{ orders({arguments}) {{ data {{ edges {{ node {{ order_number }} }} }} }} }}"
        return numbers(running.graphql(query))

    assert found('sku: "B-2"') == ["1003"]
    assert found('email: "a@b.cd"') == ["1001"]
    assert found('partner_order_id: "shop_1003"') == ["1003"]
    assert found('shop_name: "crossdock-main"') == ["1001", "1003"]
    assert found("fraud_hold: true") == ["1003"]
    assert found('updated_from: "2026-03-02T09:10:00Z"') == ["1003"]
    assert found('updated_from: "2026-03-02T09:30:00"') == ["1003"]
    assert found('updated_to: "2026-03-02T10:10:00+01:00"') == ["1001"]
    assert found('fulfillment_status: "fulfilled"') == []


def test_an_address_is_required_and_duplicates_are_welcome(running: Served) -> None:
    refused = running.graphql(CREATE, data={"order_number": "1"})
    assert "shipping_address" in refused["errors"][0]["message"]
    no_lines = running.send("1")
    assert no_lines["errors"][0]["code"] == 3
    assert no_lines["data"] == {"order_create": None}
    ids = {
        running.send("1001", ("A-1", 1))["data"]["order_create"]["order"]["id"] for _ in range(2)
    }
    assert len(ids) == 2


def test_an_unknown_sku_is_accepted_and_flagged(running: Served) -> None:
    running.send("1001", ("NOPE", 1))
    order = running.order("shop_1001")
    assert order["flagged"]
    (line,) = (edge["node"] for edge in order["line_items"]["edges"])
    assert (line["quantity_allocated"], line["backorder_quantity"]) == (0, 1)


def test_an_update_merges_the_address(running: Served) -> None:
    running.send("1001", ("A-1", 1))
    order = running.order("shop_1001")
    data = {"order_id": order["id"], "shipping_address": {"address2": "Hof 2"}}
    running.advance(seconds=90)
    running.graphql(UPDATE, data=data)
    changed = running.order("shop_1001")
    assert changed["shipping_address"] == order["shipping_address"] | {"address2": "Hof 2"}
    assert changed["updated_at"] > order["updated_at"]
    effect = running.sandbox.effects.since(0)[-1]
    assert effect["external_id"] == "shop_1001"
    assert effect["fields"] == {"shipping_address": {"address2": "Hof 2"}}


def test_refusals_carry_operation_field_and_code(running: Served) -> None:
    refused = running.graphql(UPDATE, data={"order_id": "T3JkZXI6MQ=="})
    (error,) = refused["errors"]
    assert (error["message"], error["code"]) == ("Order not found", 5)
    assert error["operation"] == error["field"] == "order_update"
    assert error["request_id"]
    assert refused["data"] == {"order_update": None}


def test_a_cancelled_order_takes_no_update(running: Served) -> None:
    running.send("1001", ("A-1", 1))
    order_id = running.order("shop_1001")["id"]
    data = {"order_id": order_id, "void_on_platform": False}
    answer = running.graphql(CANCEL, data=data)
    assert answer["data"]["order_cancel"]["order"]["fulfillment_status"] == "canceled"
    for query in (CANCEL, UPDATE):
        (error,) = running.graphql(query, data={"order_id": order_id})["errors"]
        assert error["code"] == 9


def test_catalogue_warehouses_and_stock(running: Served) -> None:
    answer = running.graphql("""{ account { data { warehouses { id identifier profile } } }
      products { data(first: 9) { edges { node { sku barcode name kit } } } }
      warehouse_products { data(first: 9) { edges { node { sku warehouse_id on_hand allocated
        available backorder reserve_inventory sell_ahead reorder_level updated_at } } } } }""")
    (warehouse,) = answer["data"]["account"]["data"]["warehouses"]
    assert warehouse["identifier"] == "Main"
    products = [edge["node"] for edge in answer["data"]["products"]["data"]["edges"]]
    assert [(p["sku"], p["barcode"]) for p in products] == [("A-1", "0001"), ("B-2", None)]
    rows = [edge["node"] for edge in answer["data"]["warehouse_products"]["data"]["edges"]]
    assert {row["warehouse_id"] for row in rows} == {warehouse["id"]}
    assert [(row["sku"], row["on_hand"]) for row in rows] == [("A-1", 21), ("B-2", 3)]


def test_a_query_that_the_vendor_would_not_take(running: Served) -> None:
    body = {"query": "{ orders { data { edges { node { colour } } } } }"}
    response = running.http.post("/shiphero/graphql", json=body)
    assert response.status_code == 400
    assert "colour" in response.json()["errors"][0]["message"]
