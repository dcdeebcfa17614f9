"""What people at the WMS do: labels, returns, the log of stock, kits, merges, shifting pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.crm_and_wms import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGES = """query($from: ISODateTime, $to: ISODateTime, $sku: String) {
  inventory_changes(date_from: $from, date_to: $to, sku: $sku) { complexity data(first: 50) {
    edges { node { created_at sku previous_on_hand change_in_on_hand reason location_id
      location { name } warehouse_id user_id product { sku } } } } } }"""
RETURNS = """query($from: ISODateTime) { returns(date_from: $from) { data(first: 9) { edges { node {
    id status order_id total_items_expected total_items_received total_items_restocked
    label_type address { city name }
    line_items { quantity quantity_received restock line_item { sku } } } } } } }"""
SHIPPED = """{ orders { data(first: 9) { edges { node { id partner_order_id
    merged_orders { order_id is_master }
    allocations { warehouse_id line_items { sku quantity_allocated } }
    line_items(first: 9) { edges { node {
      sku tote_picks { inventory_bin picked_quantity tote_id } } } }
    shipments { total_packages shipping_labels { tracking_number status package_number
      needs_refund } line_items(first: 9) { edges { node { shipping_label_id } } } } } } } } }"""
PAGE = """query($after: String, $first: Int, $from: ISODateTime, $to: ISODateTime) {
  products(updated_from: $from, updated_to: $to) { data(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { sku } } } } }"""


@pytest.fixture
def running() -> Iterator[Served]:
    with served() as running:
        running.login()
        yield running


def nodes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    (root,) = answer["data"].values()
    return [edge["node"] for edge in root["data"]["edges"]]


def shipped(running: Served) -> dict[str, Any]:
    """The world's first order, on its way."""
    running.send("1001", ("A-1", 2))
    running.advance(hours=25)
    (order,) = nodes(running.graphql(SHIPPED))
    return order


def on_hand(running: Served, sku: str) -> int:
    rows = running.state("shiphero")["stock"]
    return next(row["on_hand"] for row in rows if row["sku"] == sku)


def test_the_log_of_stock_adds_up(running: Served) -> None:
    before = on_hand(running, "A-1")
    shipped(running)
    counted = {"on_hand": 30, "reason": "Found behind a shelf"}
    running.edit(vendor="shiphero", object="warehouse_product", number="A-1", set=counted)
    running.edit(vendor="shiphero", object="warehouse_product", number="A-1", set={"on_hand": 30})
    log = nodes(running.graphql(CHANGES, sku="A-1"))
    assert [entry["change_in_on_hand"] for entry in log] == [-2, 30 - (before - 2)]
    assert [entry["previous_on_hand"] for entry in log] == [before, before - 2]
    assert [entry["reason"] for entry in log] == ["Order 1001 shipped", "Found behind a shelf"]
    assert log[0]["location"]["name"]
    assert nodes(running.graphql(CHANGES, sku="B-2")) == []
    assert nodes(running.graphql(CHANGES, **{"from": "2026-03-03T10:00:00Z"})) == log[1:]
    assert nodes(running.graphql(CHANGES, to="2026-03-03T09:59:00Z")) == log[:1]


def test_a_return_is_announced_received_and_restocked(running: Served) -> None:
    order = shipped(running)
    before = on_hand(running, "A-1")

    def act(changes: dict[str, Any], **named: Any) -> dict[str, Any]:
        answer = running.edit(vendor="shiphero", object="return", set=changes, **named)
        assert answer.status_code == 200, answer.text
        return answer.json()

    made = act({"lines": {"A-1": 2}, "reason": "Too small"}, number="shop_1001")
    (found,) = nodes(running.graphql(RETURNS))
    assert (found["status"], found["order_id"]) == ("pending", order["id"])
    assert act({"received": {"A-1": 1}}, id=made["id"])["status"] == "pending"
    assert act({"received": {"A-1": 1}}, id=made["id"])["status"] == "warehouse_complete"
    assert on_hand(running, "A-1") == before
    assert act({"restocked": {"A-1": 2}}, id=made["id"])["status"] == "complete"
    assert on_hand(running, "A-1") == before + 2
    (found,) = nodes(running.graphql(RETURNS))
    assert [line["restock"] for line in found["line_items"]] == [2]
    assert "return" in nodes(running.graphql(CHANGES, sku="A-1"))[-1]["reason"]
    assert running.state("shiphero")["returns"][0]["restocked"] == 2


def test_only_what_was_shipped_comes_back(running: Served) -> None:
    shipped(running)
    too_many = {"lines": {"A-1": 3}}
    refused = running.edit(vendor="shiphero", object="return", number="1001", set=too_many)
    assert (refused.status_code, "shipped" in refused.json()["error"]) == (400, True)


def test_a_voided_label_is_printed_anew(running: Served) -> None:
    order = shipped(running)
    (label,) = order["shipments"][0]["shipping_labels"]
    voided = {"voided": True, "reprinted": True}
    number = label["tracking_number"]
    assert running.edit(vendor="shiphero", object="label", number=number, set=voided).is_success
    (order,) = nodes(running.graphql(SHIPPED))
    shipment = order["shipments"][0]
    assert [label["status"] for label in shipment["shipping_labels"]] == ["voided", "valid"]
    assert shipment["shipping_labels"][1]["tracking_number"] != number
    assert shipment["total_packages"] == 1
    again = running.edit(vendor="shiphero", object="label", number=number, set=voided)
    assert again.status_code == 400


def test_the_floor_knows_bins_and_totes(running: Served) -> None:
    running.send("1004", ("A-1", 3))
    (order,) = nodes(running.graphql(SHIPPED))
    assert order["allocations"][0]["line_items"] == [{"sku": "A-1", "quantity_allocated": 3}]
    running.edit(vendor="shiphero", object="order", number="1004", set={"cancelled": True})
    assert nodes(running.graphql(SHIPPED))[0]["allocations"] == []
    running.send("1001", ("A-1", 2))
    running.advance(hours=25)
    order = nodes(running.graphql(SHIPPED))[1]
    (line,) = (edge["node"] for edge in order["line_items"]["edges"])
    (pick,) = line["tote_picks"]
    assert (pick["picked_quantity"], pick["inventory_bin"][:2]) == (2, "A-")


def test_a_cancel_after_shipping_is_refused_and_nothing_changes(running: Served) -> None:
    before = shipped(running)
    cancel = {"cancelled": True}
    refused = running.edit(vendor="shiphero", object="order", number="1001", set=cancel)
    assert refused.status_code == 400
    assert nodes(running.graphql(SHIPPED)) == [before]


def test_orders_are_merged(running: Served) -> None:
    running.send("1003", ("A-1", 1))
    running.send("1004", ("A-1", 1))
    running.edit(vendor="shiphero", object="order", number="1003", set={"merge": ["1004"]})
    orders = nodes(running.graphql(SHIPPED))
    assert orders[0]["merged_orders"] == orders[1]["merged_orders"]
    assert [m["is_master"] for m in orders[0]["merged_orders"]] == [True, False]


def test_the_catalogue_changes(running: Served) -> None:
    def product(number: str, **changes: Any) -> int:
        answer = running.edit(vendor="shiphero", object="product", number=number, set=changes)
        return answer.status_code

    assert product("KIT", create=True, name="Both") == 200
    assert product("KIT", create=True) == 400
    assert product("KIT", kit_components={"A-1": 2, "B-2": 1}) == 200
    assert product("B-2", deleted=True) == 200
    query = """{ products(has_kits: true) { data(first: 9) { edges { node {
        sku name kit kit_components { sku quantity } } } } } }"""
    (kit,) = nodes(running.graphql(query))
    assert kit["kit_components"] == [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "quantity": 1}]
    assert {row["sku"] for row in running.state("shiphero")["stock"]} == {"A-1", "KIT"}


def test_pages_shift_where_a_cursor_is_a_position(running: Served) -> None:
    for number in range(4):
        running.edit(vendor="shiphero", object="product", number=f"N{number}", set={"create": True})
    running.advance(seconds=60)
    style = {"positions": True, "order": "updated_at"}
    running.edit(vendor="shiphero", object="account", set=style)
    first = running.graphql(PAGE, first=3)
    assert [node["sku"] for node in nodes(first)] == ["A-1", "B-2", "N0"]
    running.edit(vendor="shiphero", object="product", number="A-1", set={"name": "Changed"})
    after = first["data"]["products"]["data"]["pageInfo"]["endCursor"]
    rest = nodes(running.graphql(PAGE, first=9, after=after))
    assert [node["sku"] for node in rest] == ["N2", "N3", "A-1"]  # N1 slipped through


def test_credits_are_counted(running: Served) -> None:
    before = running.state("shiphero")["credits_consumed"]
    answer = running.graphql(PAGE, first=9)
    assert answer["data"]["products"]["data"]["edges"]
    assert running.state("shiphero")["credits_consumed"] == before + 2
