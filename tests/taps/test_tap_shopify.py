"""What is special about a shop."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from played import LINES, ORDERS, PRODUCTS, TapShopify, played
from shop import asked_by, records_of, rich_world

from taps.shopify import bulk, documents, order_queries, order_streams, queries, streams
from taps.shopify.client import ShopifyClient
from taps.shopify.windows import Window

MODULES = (queries, order_queries, bulk)
DOCUMENTS = {
    name: text
    for module in MODULES
    for name, text in vars(module).items()
    if name.isupper() and name[0] != "_" and str(text).lstrip().startswith(("query ", "mutation "))
}
DOCUMENTS |= {f"ids of {s.name}": s.ids_query for s in streams.STREAMS if s.ids_query}
DOCUMENTS |= {
    f"count by {field}": queries.count_of(field)
    for field in ("customersCount", "ordersCount", "productsCount", "productVariantsCount")
}


def bulk_document(kind, search="updated_at:>='2026-01-01T00:00:00Z'"):
    stream = object.__new__(kind)
    return documents.bulk(stream.bulk_query, stream.records_root, kind.bulk_shell, search)


BULK = {s.name: bulk_document(s) for s in streams.STREAMS if s.bulk_shell}


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


@pytest.mark.reference
@pytest.mark.parametrize("name", BULK)
def test_every_bulk_query_is_valid_and_within_the_limits(schema, name):
    from graphql import parse, validate

    text, connections = BULK[name]
    assert validate(schema, parse(text)) == []
    assert 1 <= connections <= documents.MAX_BULK_CONNECTIONS
    assert "2026-01-01" in text
    assert not any(word in text for word in ("first:", "after:", "pageInfo", "nodes", "$"))


@pytest.mark.reference
@pytest.mark.parametrize("stream", streams.STREAMS)
def test_documents_without_denied_fields_are_valid_too(schema, stream):
    from graphql import parse, validate

    paths = frozenset({("lineItems", "variant"), ("customer",), ("location",), ("unheard", "of")})
    for text, root in (
        (object.__new__(stream).records_query, object.__new__(stream).records_root),
        (order_queries.ORDER_LINES, ("order",)),
        (order_queries.FOREIGN_ORDERS, ("nodes",)),
    ):
        left = documents.without(text, root, paths)
        assert validate(schema, parse(left)) == []
        assert " variant {" not in left
        assert " customer {" not in left


def test_all_streams_are_read(read):
    counts = {stream: len(rows) for stream, rows in read.tables.items()}
    assert counts == {
        "customers": 11,
        "orders": ORDERS,
        "fulfillment_orders": ORDERS,
        "products": len(PRODUCTS),
        "product_variants": len(PRODUCTS),
        "inventory_items": len(PRODUCTS),
        "locations": 2,
        "inventory_levels": 2 * len(PRODUCTS),
    }
    assert set(read.ends) == {stream.name for stream in streams.STREAMS}


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


def test_order_says_what_was_paid(read):
    (order,) = [o for o in read.records("orders") if o["legacyResourceId"] == "1001"]
    (paid,) = order["transactions"]
    assert (paid["kind"], paid["status"]) == ("SALE", "SUCCESS")
    assert paid["amountSet"]["presentmentMoney"]["amount"] == "4.50"
    assert order["totalReceivedSet"] == paid["amountSet"]


def test_order_in_another_currency_is_asked_for_both_moneys(sandbox, monkeypatch):
    stream = sandbox.make(TapShopify).streams["orders"]
    asked = []
    original = stream.reader.ask

    def ask(query, variables, root, points):
        answer = original(query, variables, root, points)
        if query is order_queries.ORDERS:
            for order in answer.data["orders"]["nodes"][:2]:
                order["presentmentCurrencyCode"] = "JPY"
        asked.append((query, variables))
        return answer

    monkeypatch.setattr(stream.reader, "ask", ask)
    orders = records_of(stream)
    assert len(orders) == ORDERS
    assert all("presentmentMoney" in order["totalPriceSet"] for order in orders)
    foreign = [v["ids"] for query, v in asked if query is order_queries.FOREIGN_ORDERS]
    assert foreign
    assert all(1 <= len(ids) <= 2 for ids in foreign)


def test_what_is_charged_is_what_shopify_asks(sandbox):
    """And never more than one query may ask for."""
    for stream in sandbox.make(TapShopify, bulk="never").streams.values():
        asked = []
        original = stream.client.query

        def query(document, variables=None, *, stream, cost=1.0, asked=asked, original=original):
            answer = original(document, variables, stream=stream, cost=cost)
            asked.append((cost, float(answer.extensions["cost"]["requestedQueryCost"])))
            return answer

        stream._tap.client.query = query
        records_of(stream)
        stream._tap.client.query = original
        assert asked
        for charged, requested in asked:
            assert charged * 0.95 - 1 <= requested <= charged + 1 <= 1001


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


def test_what_hangs_on_an_order_is_read_once_the_order_changes():
    with played(rich_world()) as sandbox:
        first = sandbox.read(TapShopify)
        assert "fulfillments" not in first.tables
        assert "refunds" not in first.tables
        sandbox.advance(hours=5)
        again = sandbox.read(TapShopify, first.state)
    orders = {order["id"]: order for order in again.records("orders")}
    refunds = {item["order"]["id"]: item for item in again.records("refunds")}
    refund = refunds["gid://shopify/Order/1010"]
    assert refund["transactions"][0]["kind"] == "REFUND"
    assert refund["orderUpdatedAt"] == orders["gid://shopify/Order/1010"]["updatedAt"]
    fulfillments = {item["order"]["id"]: item for item in again.records("fulfillments")}
    shipped = fulfillments["gid://shopify/Order/1007"]
    assert len(shipped["fulfillmentLineItems"]) == 8
    assert shipped["trackingInfo"][0]["company"] == "DHL"
    assert shipped["events"]
    order = orders["gid://shopify/Order/1007"]
    assert order["fulfillments"][0]["id"] == shipped["id"]


def test_incremental_reading_of_little_is_one_request(sandbox, read):
    sandbox.advance(minutes=3)
    state = sandbox.read(TapShopify, read.state).state
    sandbox.advance(minutes=3)
    sandbox.edit("shopify", "order", number="1003", set={"note": "one"})
    stream = sandbox.make(TapShopify, state).streams["orders"]
    asked = asked_by(stream)
    assert len(list(stream.read(stream.since).parts)) == 1
    assert [order["note"] for order in records_of(stream, stream.since)] == ["one"]
    assert len(asked) == 2  # one for each of the two readings


def test_totals_are_the_shops_own_counts(read):
    totals = {
        (row["stream"], row["measure"]): row
        for row in read.records("control_totals")
        if row["source"] == "vendor"
    }
    assert totals[("customers", "count")]["value"] == "11"
    assert totals[("products", "count")]["value"] == str(len(PRODUCTS))
    orders = totals[("orders", "count")]
    until = datetime.fromisoformat(orders["window_to"])
    before = [o for o in read.records("orders") if datetime.fromisoformat(o["updatedAt"]) < until]
    assert orders["value"] == str(len(before))


def test_sweep_names_all_that_exists(sandbox):
    tap = sandbox.make(TapShopify)
    tables = sandbox.read(TapShopify).tables
    for stream in tap.streams.values():
        pages = stream.sweep()
        if pages is None:
            assert stream.name == "locations"
            continue
        keys = [key for page in pages for key in page.keys]
        assert sorted(keys) == sorted(tables.get(stream.name, {}))
        assert len(set(keys)) == len(keys)


def test_search_is_in_whole_seconds():
    from taps.shopify.windows import whole

    since = datetime(2026, 11, 23, 9, 0, 0, 999, tzinfo=UTC)
    assert Window(whole(since)).search == "updated_at:>='2026-11-23T09:00:00Z'"


def test_settings_reach_the_client(sandbox):
    config = sandbox.config(TapShopify, api_version="2026-07", share=0.25)
    client = ShopifyClient.from_config(config, connector="x")
    assert client.graphql_path == "/admin/api/2026-07/graphql.json"
    assert client.limiter.rate == 250


def test_unknown_values_survive(sandbox, monkeypatch):
    """A status that did not exist when this was written is a text like any other."""
    stream = sandbox.make(TapShopify).streams["fulfillment_orders"]
    original = stream.reader.ask

    def ask(query, variables, root, points):
        answer = original(query, variables, root, points)
        for node in (answer.data.get("fulfillmentOrders") or {}).get("nodes", ()):
            node["status"], node["deliveryMethod"] = "TELEPORTED", {"methodType": "BEAM"}
        return answer

    monkeypatch.setattr(stream.reader, "ask", ask)
    assert {record["status"] for record in records_of(stream)} == {"TELEPORTED"}


def test_what_is_not_selected_is_not_asked_for(sandbox):
    tap = sandbox.make(TapShopify)
    orders = tap.streams["orders"]
    for name in orders.schema["properties"]:
        orders.metadata[("properties", name)].selected = name in ("id", "name", "lineItems")
    asked = asked_by(orders)
    assert len(records_of(orders)) == ORDERS
    assert all("shippingAddress" not in text and "transactions" not in text for text, _ in asked)
    assert any("lineItems" in text and "updatedAt" in text for text, _ in asked)
    order_streams._both_moneys({})  # nothing selected has money: nothing to complete
