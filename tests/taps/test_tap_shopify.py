"""What is special about a shop."""

from __future__ import annotations

import gzip
import json

import pytest
from played import LINES, ORDERS, PRODUCTS, TapShopify, played

from taps.shopify import queries, streams
from taps.shopify.client import ShopifyClient

DOCUMENTS = {
    name: text for name, text in vars(queries).items() if name.isupper() and name[0] != "_"
}


@pytest.fixture(scope="module")
def sandbox():
    with played() as running:
        yield running


@pytest.fixture(scope="module")
def read(sandbox):
    return sandbox.read(TapShopify)


@pytest.fixture(scope="module")
def schema(reference):
    from graphql import build_client_schema

    with gzip.open(reference / "vendor" / "shopify" / "admin_2026-10.json.gz") as file:
        return build_client_schema(json.load(file)["data"], assume_valid=True)


@pytest.mark.reference
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_query_is_valid_against_shopifys_schema(schema, name):
    from graphql import parse, validate

    assert validate(schema, parse(DOCUMENTS[name])) == []


def test_all_streams_are_read(read):
    counts = {stream: len(rows) for stream, rows in read.tables.items()}
    assert counts == {
        "customers": 11,
        "orders": ORDERS,
        "fulfillment_orders": ORDERS,
        "products": len(PRODUCTS),
        "locations": 2,
        "inventory_levels": 2 * len(PRODUCTS),
    }


def test_long_lists_inside_records_are_complete(read):
    orders = {order["legacyResourceId"]: order for order in read.records("orders")}
    assert [line["sku"] for line in orders["1000"]["lineItems"]] == PRODUCTS[:LINES]
    requests = {item["orderId"]: item for item in read.records("fulfillment_orders")}
    assert len(requests["gid://shopify/Order/1000"]["lineItems"]) == LINES


def test_list_below_a_long_list_has_both_moneys(read):
    (order,) = [o for o in read.records("orders") if o["legacyResourceId"] == "1000"]
    for line in order["lineItems"]:
        price = line["originalUnitPriceSet"]
        assert (
            price["presentmentMoney"]
            == price["shopMoney"]
            == {
                "amount": "4.50",
                "currencyCode": "EUR",
            }
        )
    assert set(order["totalPriceSet"]) == {"shopMoney", "presentmentMoney"}


def test_order_in_another_currency_is_asked_for_both_moneys(sandbox, monkeypatch):
    stream = sandbox.make(TapShopify).streams["orders"]
    asked = []
    original = stream.ask

    def ask(query, variables, points):
        answer = original(query, variables, points)
        if query is queries.ORDERS:
            for order in answer.data["orders"]["nodes"][:2]:
                order["presentmentCurrencyCode"] = "JPY"
        asked.append((query, variables))
        return answer

    monkeypatch.setattr(stream, "ask", ask)
    orders = [order for page in stream.read(None).parts[0] for order in page.records]
    assert len(orders) == ORDERS
    assert all("presentmentMoney" in order["totalPriceSet"] for order in orders)
    foreign = [variables["ids"] for query, variables in asked if query is queries.FOREIGN_ORDERS]
    assert all(len(ids) == 2 for ids in foreign)
    assert foreign


def test_what_is_charged_is_what_shopify_asks(sandbox):
    """And never more than one query may ask for."""
    for stream in sandbox.make(TapShopify).streams.values():
        asked = []
        original = stream.client.query

        def query(document, variables, *, stream, cost, asked=asked, original=original):
            answer = original(document, variables, stream=stream, cost=cost)
            asked.append((cost, float(answer.extensions["cost"]["requestedQueryCost"])))
            return answer

        stream._tap.client.query = query
        for part in stream.read(None).parts:
            list(part)
        stream._tap.client.query = original
        assert asked
        for charged, requested in asked:
            assert charged * 0.95 <= requested <= charged <= 1000


def test_edit_in_the_shop_is_read_with_its_lines(sandbox, read):
    sandbox.advance(minutes=2)
    address = {"shipping_address.address2": "Hinterhaus"}
    sandbox.edit("shopify", "order", number="1000", set=address)
    again = sandbox.read(TapShopify, read.state)
    order = again.tables["orders"]["gid://shopify/Order/1000"]
    assert order["shippingAddress"]["address2"] == "Hinterhaus"
    assert len(order["lineItems"]) == LINES
    requests = {item["orderId"]: item for item in again.records("fulfillment_orders")}
    request = requests["gid://shopify/Order/1000"]
    assert request["destination"]["address2"] == "Hinterhaus"


def test_closed_fulfillment_orders_are_read_too(sandbox, read):
    sandbox.edit("shopify", "order", number="1001", set={"cancelled": True})
    again = sandbox.read(TapShopify, read.state, only="fulfillment_orders")
    statuses = {item["orderId"]: item["status"] for item in again.records("fulfillment_orders")}
    assert statuses["gid://shopify/Order/1001"] in ("CLOSED", "CANCELLED")


def test_search_is_in_whole_seconds():
    from datetime import UTC, datetime

    since = datetime(2026, 11, 23, 9, 0, 0, 999, tzinfo=UTC)
    assert streams.changed_since(since) == "updated_at:>='2026-11-23T09:00:00Z'"


def test_settings_reach_the_client(sandbox):
    config = sandbox.config(TapShopify, api_version="2026-07", share=0.25)
    client = ShopifyClient.from_config(config, connector="x")
    assert client.graphql_path == "/admin/api/2026-07/graphql.json"
    assert client.limiter.rate == 250
