"""Nothing is lost while people work: pages shift, labels are voided, returns arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from played import TapShipHero
from shiphero_account import People, account, after_each_answer, grant, loaded, world

from crossdock.tap import parse_time
from taps.shiphero.connection import ShipHeroStream
from taps.shiphero.streams import InventoryChanges
from taps.shiphero.walk import Walk

LARGE = 1_000_000


@pytest.fixture
def plenty(monkeypatch):
    grant(monkeypatch, LARGE, LARGE)


@pytest.fixture
def small():
    with account(world(12, orders=6)) as running:
        yield running


@pytest.mark.parametrize(
    ("order", "records", "changes"),
    [("updated_at", 3000, 10_000), ("-updated_at", 1200, 3000), (None, 1200, 3000)],
)
def test_changes_while_it_is_read(plenty, monkeypatch, order, records, changes):
    """Then an incremental reading and a sweep, and nothing differs from the account."""
    # So that what the first reading lost is not hidden by the overlap of the second one.
    monkeypatch.setattr(ShipHeroStream, "lag", timedelta(seconds=1))
    monkeypatch.setattr(InventoryChanges, "lag", timedelta(seconds=1))
    with account(world(records)) as running:
        running.advance(days=3)
        running.do("account", positions=True, order=order)
        people = People(running)
        before = set(people.skus)
        with monkeypatch.context() as moving:
            after_each_answer(moving, lambda: people.changes < changes and people.work(60))
            first = running.read(TapShipHero)
        people.work(max(0, changes - people.changes))
        stayed = before & set(people.skus)
        # A full reading says what exists: what only changed must not look deleted.
        for stream in ("products", "warehouse_products"):
            assert stayed <= {row["sku"] for row in first.records(stream)}
        second = running.read(TapShipHero, first.state, sweep_interval=0)
        held = loaded(first, second)
        for stream in ("products", "warehouse_products", "inventory_changes"):
            assert held[stream] == running.listed(stream)
            assert len(held[stream]) > 500


def test_blind_reading_would_lose_records_there(plenty, monkeypatch):
    """The sandbox shifts pages so that a reading which trusts cursors misses what stayed."""
    monkeypatch.setattr(Walk, "_joined", lambda self, edges: True)
    with account(world(1500)) as running:
        running.advance(days=3)
        running.do("account", positions=True, order="updated_at")
        before = running.listed("products")
        people = People(running)
        after_each_answer(monkeypatch, lambda: people.work(60))
        read = running.read(TapShipHero, only="products")
    names = {key: row["name"] for key, row in before.items()}
    assert any(key not in read.tables["products"] for key in names)


def test_a_label_voided_after_five_days_is_found(small):
    small.send(1000, "SKU-00000")
    small.advance(days=3)
    first = small.read(TapShipHero)
    small.advance(days=5)
    before = small.read(TapShipHero, first.state)
    (shipment,) = small.order(1000)["shipments"]
    small.do("label", shipment["tracking"][0], voided=True, reprinted=True)
    small.advance(hours=25)
    after = small.read(TapShipHero, before.state)
    (found,) = after.records("shipments")
    assert [label["status"] for label in found["shipping_labels"]] == ["voided", "valid"]
    assert {line["shipping_label_id"] for line in found["line_items"]} == {
        found["shipping_labels"][1]["id"]
    }


def test_a_label_of_an_open_order_is_watched_for_longer(small):
    """Half of the order left weeks ago; the rest waits for stock."""
    small.send(77, "SKU-00001", "SKU-00002")
    small.advance(days=3)
    state = small.read(TapShipHero).state
    small.advance(days=30)
    state = small.read(TapShipHero, state).state
    assert state["bookmarks"]["shipments"]["watched"]
    (shipment,) = small.order(77)["shipments"]
    small.do("label", shipment["tracking"][0], voided=True)
    small.advance(hours=25)
    read = small.read(TapShipHero, state)
    (found,) = read.records("shipments")
    assert found["shipping_labels"][0]["status"] == "voided"
    assert "order" not in found


def test_returns_are_read_again_until_they_are_restocked(small):
    small.send(1000, "SKU-00000")
    small.send(1001, "SKU-00001")
    small.advance(days=3)
    made = small.do("return", "shop_1000", lines={"SKU-00000": 1}, reason="Too small")
    read = small.read(TapShipHero)
    assert [r["status"] for r in read.records("returns")] == ["pending"]
    small.advance(days=40)
    read = small.read(TapShipHero, read.state)
    small.wms.edit({"object": "return", "id": made["id"], "set": {"received": {"SKU-00000": 1}}})
    small.advance(minutes=30)
    read = small.read(TapShipHero, read.state)
    assert read.records("returns") == []
    small.advance(minutes=45)
    read = small.read(TapShipHero, read.state)
    assert [r["status"] for r in read.records("returns")] == ["warehouse_complete"]
    small.wms.edit({"object": "return", "id": made["id"], "set": {"restocked": {"SKU-00000": 1}}})
    small.advance(minutes=65)
    read = small.read(TapShipHero, read.state)
    (found,) = read.records("returns")
    assert (found["status"], found["line_items"][0]["restock"]) == ("complete", 1)
    small.advance(hours=30)
    assert small.read(TapShipHero, read.state).records("returns") == []


def test_changes_of_stock_keep_their_ids(small):
    small.send(1000, "SKU-00000")
    small.send(1001, "SKU-00001")
    small.advance(days=3)
    small.do("warehouse_product", "SKU-00005", on_hand=7, reason="Counted")
    first, second = small.listed("inventory_changes"), small.listed("inventory_changes")
    assert first == second
    assert sorted(c["reason"] for c in first.values()) == [
        "Counted", "Order 1000 shipped", "Order 1001 shipped",
    ]  # fmt: skip
    assert all(change["location"]["name"] for change in first.values())


def test_what_was_deleted_is_swept_away(small):
    first = small.read(TapShipHero)
    small.do("product", "SKU-00003", deleted=True)
    small.advance(hours=25)
    calm = small.read(TapShipHero, first.state, sweep_interval=10**9)
    assert not calm.ends["products"]["swept"]
    swept = small.read(TapShipHero, first.state, sweep_interval=0)
    assert swept.ends["products"]["swept"]
    held = loaded(first, swept)
    assert "SKU-00003" not in {row["sku"] for row in held["products"].values()}
    assert len(held["warehouse_products"]) == 11


def test_a_sweep_that_costs_too_much_is_left_out(small):
    first = small.read(TapShipHero)
    small.advance(hours=25)
    read = small.read(TapShipHero, first.state, sweep_interval=0, sweep_credits=5)
    assert not read.ends["products"]["swept"]


def test_totals_count_ids_of_closed_days(small):
    for n in range(3):
        small.send(1000 + n, f"SKU-0000{n}")
    small.advance(days=2)
    read = small.read(TapShipHero)
    totals = {t["stream"]: t for t in read.records("control_totals")}
    assert {name: t["value"] for name, t in totals.items()} == {
        "orders": "3", "shipments": "3", "returns": "0", "inventory_changes": "3",
    }  # fmt: skip
    assert {t["source"] for t in totals.values()} == {"sweep"}
    assert all(t["window_from"] < t["window_to"] and t["note"] for t in totals.values())


def test_a_long_reading_goes_on_where_it_was_broken_off(small, monkeypatch):
    """Windows that are done are not read again."""
    small.advance(days=200)
    small.do("product", "SKU-00001", name="Later")
    small.advance(days=40)
    read = small.read(TapShipHero, only="products", concurrency=1)
    states = [state["bookmarks"]["products"] for state in read.states[1:]]
    times = [parse_time(state["replication_key_value"]) for state in states]
    assert len(set(times)) > 3
    assert times == sorted(times)
    rest = small.read(TapShipHero, read.states[1], only="products")
    assert [row["name"] for row in rest.records("products")] == ["Later"]
