"""The warehouse floor: allocation, picking, shipments, stock, people."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import world_files
from sandbox.builtin import builtin_world
from tests.sandbox.crm_and_wms import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.world import Order, World


@pytest.fixture
def running() -> Iterator[Served]:
    with served() as running:
        running.login()
        yield running


def stock(running: Served) -> dict[str, tuple[int, int, int]]:
    return {
        row["sku"]: (row["on_hand"], row["allocated"], row["backorder"])
        for row in running.state("shiphero")["stock"]
    }


def lines(order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {edge["node"]["sku"]: edge["node"] for edge in order["line_items"]["edges"]}


def tracking(order: dict[str, Any]) -> list[list[str]]:
    labels = [shipment["shipping_labels"] for shipment in order["shipments"]]
    return [[label["tracking_number"] for label in printed] for printed in labels]


def test_an_accepted_order_waits_for_the_floor(running: Served) -> None:
    running.send("1001", ("A-1", 2))
    assert stock(running)["A-1"] == (21, 2, 0)
    running.advance(hours=23.5)  # the world ships it a day after it was placed
    order = running.order("shop_1001")
    assert (order["fulfillment_status"], order["shipments"]) == ("pending", [])


def test_a_label_is_printed_before_the_parcel_leaves(running: Served) -> None:
    running.send("1001", ("A-1", 2))
    running.advance(hours=23.8)
    order = running.order("shop_1001")
    (shipment,) = order["shipments"]
    assert (order["fulfillment_status"], shipment["completed"]) == ("fulfilled", False)
    assert stock(running)["A-1"] == (19, 0, 0)
    running.advance(hours=0.2)
    later = running.order("shop_1001")
    assert later["shipments"][0]["completed"]
    assert later["updated_at"] > order["updated_at"]
    (label,) = shipment["shipping_labels"]
    assert label["carrier"] == "Swift Post"
    (line,) = (edge["node"] for edge in shipment["line_items"]["edges"])
    assert line["line_item_id"] == lines(order)["A-1"]["id"]
    assert (line["quantity"], line["shipping_label_id"]) == (2, label["id"])


def test_a_late_order_still_gets_its_hour(running: Served) -> None:
    running.advance(hours=24 * 9)
    running.send("1001", ("A-1", 2))
    answer = running.advance(hours=0.9)
    assert (answer["changed"], answer["next_event_at"]) == (0, "2026-03-11T10:00:00Z")
    assert running.advance(hours=1)["changed"] == 2
    assert running.order("shop_1001")["fulfillment_status"] == "fulfilled"


def test_three_parcels_are_three_labels_of_one_shipment(running: Served) -> None:
    running.send("1002", ("A-1", 4))
    running.advance(hours=25)
    order = running.order("shop_1002")
    (shipment,) = order["shipments"]
    assert shipment["total_packages"] == 3
    assert [label["package_number"] for label in shipment["shipping_labels"]] == [1, 2, 3]
    assert len(set(tracking(order)[0])) == 3
    packed = Counter[str]()
    for edge in shipment["line_items"]["edges"]:
        packed[edge["node"]["shipping_label_id"]] += edge["node"]["quantity"]
    assert sorted(packed.values()) == [1, 1, 2]


def test_a_line_that_ships_later_is_a_second_shipment(running: Served) -> None:
    running.send("1003", ("A-1", 1), ("B-2", 1))
    running.advance(hours=25)
    first = running.order("shop_1003")
    assert first["fulfillment_status"] == "partially_fulfilled"
    assert [lines(first)[sku]["quantity_shipped"] for sku in ("A-1", "B-2")] == [1, 0]
    running.advance(hours=48)
    second = running.order("shop_1003")
    assert second["fulfillment_status"] == "fulfilled"
    assert len({number for numbers in tracking(second) for number in numbers}) == 2


def test_a_kit_ships_as_its_components(running: Served) -> None:
    running.send("1005", ("A-1", 4), ("B-2", 2))
    running.advance(hours=25)
    assert running.order("shop_1005")["fulfillment_status"] == "fulfilled"


def test_an_order_that_the_world_never_ships_stays_open(running: Served) -> None:
    running.send("1004", ("A-1", 99))
    assert stock(running)["A-1"] == (21, 21, 78)
    running.send("1001", ("A-1", 2))
    assert lines(running.order("shop_1001"))["A-1"]["backorder_quantity"] == 2
    answer = running.advance(hours=24 * 20)
    assert answer["next_event_at"] is None
    assert running.order("shop_1001")["fulfillment_status"] == "fulfilled"
    assert running.order("shop_1004")["fulfillment_status"] == "pending"
    assert stock(running)["A-1"] == (19, 19, 80)


def test_everything_shipped_leaves_the_worlds_stock(running: Served) -> None:
    running.send("1001", ("A-1", 2))
    running.send("1002", ("A-1", 4))
    running.send("1003", ("A-1", 1), ("B-2", 1))
    running.send("1005", ("A-1", 4), ("B-2", 2))
    running.advance(hours=24 * 4)
    assert stock(running) == {"A-1": (10, 0, 0), "B-2": (0, 0, 0)}


def test_tracking_numbers_follow_from_order_and_seed() -> None:
    def numbers(seed: int, *order_ids: str) -> dict[str, Any]:
        with served(seed=seed) as running:
            running.login()
            for order_id in order_ids:
                running.send(order_id, ("A-1", 1))
            running.advance(hours=25)
            return {id_: tracking(running.order(f"shop_{id_}")) for id_ in order_ids}

    assert numbers(1, "1001", "1002") == numbers(1, "1002", "1001")
    assert numbers(1, "1001") != numbers(2, "1001")


def test_an_order_of_a_persons_own_ships_after_a_day_if_stock_is_there(running: Served) -> None:
    running.send("X1", ("B-2", 2), shop_name="by hand", partner_order_id="x1")
    running.send("X2", ("B-2", 2), shop_name="by hand", partner_order_id="x2")
    running.advance(hours=25)
    assert running.order("x1")["fulfillment_status"] == "fulfilled"
    assert running.order("x2")["fulfillment_status"] == "pending"
    running.edit(vendor="shiphero", object="warehouse_product", number="B-2", set={"on_hand": 5})
    running.advance(hours=2)
    assert running.order("x2")["fulfillment_status"] == "fulfilled"


def test_a_hold_stops_the_floor_until_it_is_lifted(running: Served) -> None:
    running.send("1001", ("A-1", 2), holds={"fraud_hold": True})
    running.advance(hours=48)
    assert running.order("shop_1001")["shipments"] == []
    lift = """mutation($data: UpdateOrderHoldsInput!) {
      order_update_holds(data: $data) { order { id } } }"""
    order_id = running.order("shop_1001")["id"]
    running.graphql(lift, data={"order_id": order_id, "fraud_hold": False})
    running.advance(hours=2)
    assert running.order("shop_1001")["fulfillment_status"] == "fulfilled"


def test_a_cancelled_order_gives_its_stock_back(running: Served) -> None:
    running.send("1004", ("A-1", 99))
    running.send("1001", ("A-1", 2))
    edited = running.edit(
        vendor="shiphero", object="order", number="shop_1004", set={"cancelled": True}
    )
    assert edited.json()["fulfillment_status"] == "canceled"
    assert stock(running)["A-1"] == (21, 2, 0)
    running.advance(hours=24 * 3)
    assert running.order("shop_1004")["shipments"] == []


def test_people_edit_until_it_is_shipped(running: Served) -> None:
    running.send("1001", ("A-1", 2))
    change = {"shipping_address.address2": "Tür 3"}
    edited = running.edit(vendor="shiphero", object="order", number="1001", set=change)
    assert edited.json()["shipping_address"]["address2"] == "Tür 3"
    effect = running.sandbox.effects.since(0)[-1]
    assert (effect["actor"], effect["operation"]) == ("person", "update")
    running.advance(hours=25)
    late = running.edit(vendor="shiphero", object="order", number="1001", set=change)
    assert (late.status_code, late.json()["error"]) == (
        400, "Order is already fulfilled and can't be updated",
    )  # fmt: skip
    missing = running.edit(vendor="shiphero", object="order", number="9", set=change)
    assert missing.status_code == 400


def test_shipments_are_listed_by_date_and_order(running: Served) -> None:
    running.send("1001", ("A-1", 2))
    running.send("1003", ("A-1", 1), ("B-2", 1))
    running.advance(hours=24 * 4)

    def found(arguments: str) -> int:
        query = f"{{ shipments({arguments}) {{ data {{ edges {{ node {{ id }} }} }} }} }}"
        return len(running.graphql(query)["data"]["shipments"]["data"]["edges"])

    order = running.order("shop_1003")
    assert found('date_from: "2026-03-01"') == 3
    assert found('date_from: "2026-03-04"') == 1
    assert found(f'order_id: "{order["id"]}"') == 2
    assert found(f'tracking_number: "{tracking(order)[1][0]}"') == 1


def test_the_built_in_world_ends_with_its_own_stock() -> None:
    world = builtin_world(1)
    with served(world) as running:
        running.login()
        for order in world.orders:
            content = _components(world, order)
            if content and order.shipped_at:
                prefix = "shop" if order.instance == "main" else order.instance
                running.send_paced(
                    f"#{order.order_id}",
                    *content,
                    partner_order_id=f"{prefix}_{order.order_id}",
                    shop_name=f"crossdock-{order.instance}",
                )
        assert running.advance(hours=24 * 365)["next_event_at"] is None
        state = running.state("shiphero")
    assert {order["fulfillment_status"] for order in state["orders"]} == {"fulfilled"}
    assert Counter(len(order["shipments"]) for order in state["orders"])[2] == 2
    end = {row.sku: row.on_hand for row in world.inventory if row.location_id == "MAIN"}
    assert {row["sku"]: row["on_hand"] for row in state["stock"]} == end


def _components(world: World, order: Order) -> list[tuple[str, int]]:
    """What the warehouse should ship of an order, in the world's own SKUs."""
    return [
        (sku, quantity * line.current)
        for line in world.lines_of[order.key]
        if line.requires_shipping and line.current and world.location_for(order, line).wms
        for sku, quantity in world.components(order.instance, line.sku)
    ]


@pytest.mark.reference
def test_northwind_ends_with_its_own_stock() -> None:
    folder = os.environ.get("CROSSDOCK_REFERENCE")
    if not folder:
        pytest.skip("CROSSDOCK_REFERENCE is not set: the Northwind world is not there")
    world = world_files.load(Path(folder, "data/worlds/northwind"))
    with served(world) as running:
        running.login()
        for order in world.orders:
            running.send_paced(order.order_id, *_components(world, order))
        assert running.advance(hours=24 * 365)["next_event_at"] is None
        state = running.state("shiphero")
    statuses = Counter(order["fulfillment_status"] for order in state["orders"])
    assert statuses == {"fulfilled": 809, "pending": 21}
    assert sum(row["on_hand"] for row in state["stock"]) == 3119
    end = {row.sku: row.on_hand for row in world.inventory}
    assert {row["sku"]: row["on_hand"] for row in state["stock"]} == end
    parcels = [s for order in state["orders"] for s in order["shipments"]]
    assert all(s["completed"] and s["carrier"] for s in parcels)
    assert len({number for s in parcels for number in s["tracking"]}) == len(parcels) == 809
