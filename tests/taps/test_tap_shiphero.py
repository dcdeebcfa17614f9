"""What is special about the WMS: credits, and shipments that no filter finds again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from played import LINES, PRODUCTS, START, TapShipHero, played

from taps.shiphero import queries, reopened
from taps.shiphero.streams import STREAMS

DOCUMENTS = {
    name: text for name, text in vars(queries).items() if name.isupper() and name[0] != "_"
}


@pytest.fixture
def sandbox():
    with played() as running:
        yield running


@pytest.fixture(scope="module")
def schema(reference):
    from graphql import build_schema

    text = (reference / "vendor" / "shiphero" / "schema_2023-02.graphql").read_text()
    return build_schema(text, assume_valid=True)


@pytest.mark.reference
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_query_is_valid_against_shipheros_schema(schema, name):
    from graphql import parse, validate

    assert validate(schema, parse(DOCUMENTS[name])) == []


def test_all_streams_are_read(sandbox):
    sandbox.send_to_wms(1000, 1001)
    tables = sandbox.read(TapShipHero).tables
    assert len(tables["orders"]) == 2
    assert len(tables["products"]) == len(tables["warehouse_products"]) == len(PRODUCTS)
    assert len(tables["warehouses"]) == 1


def test_long_lists_inside_records_are_complete(sandbox):
    sandbox.send_to_wms(1000)
    (order,) = sandbox.read(TapShipHero).records("orders")
    assert [line["sku"] for line in order["line_items"]] == PRODUCTS[:LINES]
    sandbox.advance(days=4)
    (shipment,) = sandbox.read(TapShipHero).records("shipments")
    assert len(shipment["line_items"]) == LINES
    ordered = {line["id"] for line in order["line_items"]}
    assert {line["line_item_id"] for line in shipment["line_items"]} == ordered


def test_times_have_a_zone(sandbox):
    sandbox.send_to_wms(1001)
    (order,) = sandbox.read(TapShipHero).records("orders")
    assert order["updated_at"].endswith("Z")


def shipments(sandbox, state=None):
    return sandbox.read(TapShipHero, state, only="shipments")


def until(sandbox, hours_after_start):
    """Let time pass; the world's orders ship after 48 hours, their labels a bit before."""
    now = datetime.fromisoformat(sandbox.control("advance", hours=0)["now"])
    sandbox.advance(seconds=(START + timedelta(hours=hours_after_start) - now).total_seconds())


@pytest.mark.parametrize("by_id", [True, False])
def test_open_shipment_is_read_again_until_it_is_complete(sandbox, by_id, monkeypatch):
    if not by_id:
        monkeypatch.setattr(reopened, "MOST_OPEN", 0)
    sandbox.send_to_wms(1001)
    until(sandbox, 47.9)
    before = shipments(sandbox)
    bookmark = before.state["bookmarks"]["shipments"]
    assert (len(bookmark["open"]) == 1) is by_id
    assert (bookmark["open_since"] is None) is by_id
    until(sandbox, 48.1)
    sandbox.advance(minutes=2)
    after = shipments(sandbox, before.state)
    assert [s["completed"] for s in after.records("shipments")] == [True]
    assert after.state["bookmarks"]["shipments"]["open"] == {}
    assert shipments(sandbox, after.state).records("shipments") == []


def test_once_a_day_the_last_two_weeks_are_read(sandbox):
    sandbox.send_to_wms(1001)
    sandbox.advance(days=4)
    state = shipments(sandbox).state
    sandbox.advance(hours=1)
    read = shipments(sandbox, state)
    assert read.records("shipments") == []
    sandbox.advance(hours=24)
    read = shipments(sandbox, read.state)
    assert len(read.records("shipments")) == 1
    sandbox.advance(hours=1)
    assert shipments(sandbox, read.state).records("shipments") == []


def test_only_needed_credits_are_spent(sandbox, monkeypatch):
    """An idle reading costs one credit for each stream."""
    from taps.shiphero.client import ShipHeroClient

    state = sandbox.read(TapShipHero).state
    sandbox.advance(minutes=2)
    state = sandbox.read(TapShipHero, state).state
    spent = []
    original = ShipHeroClient.on_response

    def count(self, response, cost):
        data = response.json().get("data") or {}
        spent.extend(field["complexity"] for field in data.values() if "complexity" in field)
        original(self, response, cost)

    monkeypatch.setattr(ShipHeroClient, "on_response", count)
    sandbox.read(TapShipHero, state)
    assert spent == [1] * len(STREAMS)


def test_refresh_token(sandbox):
    from taps.shiphero.client import ShipHeroClient

    client = ShipHeroClient.from_config(sandbox.config(TapShipHero), connector="x")
    client.execute(queries.QUOTA, stream="x")
    import httpx

    login = {"username": "sandbox@crossdock.test", "password": "sandbox"}
    told = httpx.post(f"{sandbox.url}/shiphero/auth/token", json=login).json()
    by_refresh = {"username": None, "password": None, "refresh_token": told["refresh_token"]}
    assert sandbox.read(TapShipHero, only="warehouses", **by_refresh).records("warehouses")
