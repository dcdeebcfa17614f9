"""What a shop keeps from us is told apart from what is empty."""

from __future__ import annotations

import httpx
import pytest
from played import TapShopify, played
from shop import ORDERS, read_shop, records_of, rich_world

from crossdock.errors import PartlyRead
from crossdock.http.errors import AuthError
from crossdock.http.tokens import TokenStore
from taps.shopify.check import check
from taps.shopify.client import TOKEN_HEADER, ShopifyClient
from taps.shopify.withheld import FIELD, Denial, impersonal, swallowed

NARROW = {"access_token": "shpat_narrow", "client_id": None, "client_secret": None}
BASIC = {**NARROW, "access_token": "shpat_basic"}


@pytest.fixture(scope="module")
def sandbox():
    with played(rich_world()) as running:
        running.advance(hours=5)
        yield running


def test_orders_survive_a_missing_scope_and_say_what_they_lack(sandbox, caplog):
    full = read_shop(sandbox, only="orders")
    narrow = read_shop(sandbox, only="orders", **NARROW)
    assert len(narrow.tables["orders"]) == ORDERS
    for key, order in narrow.tables["orders"].items():
        assert "customer" in order[FIELD]
        assert order.get("customer") is None
        whole = full.tables["orders"][key]
        assert order["lineItems"] == whole["lineItems"]
        assert order["totalPriceSet"] == whole["totalPriceSet"]
        assert whole[FIELD] is None
    said = [r.message for r in caplog.records if "customer is withheld" in r.getMessage()]
    assert len(said) == 1
    controls = [
        row for row in narrow.records("control_totals") if row["measure"] == "withheld:customer"
    ]
    assert len(controls) == 1
    assert "read_customers" in controls[0]["note"]


def test_stream_without_any_right_fails_and_the_others_are_read(sandbox):
    with pytest.raises(AuthError, match="read_customers") as caught:
        read_shop(sandbox, only="customers", **NARROW)
    assert "scope" in str(caught.value)
    with pytest.raises(PartlyRead, match="read_returns"):
        read_shop(sandbox, only="returns", **NARROW)


def test_levels_keep_their_figures_though_places_are_denied(sandbox):
    with pytest.raises(AuthError):  # without locations there is no way to the levels
        read_shop(sandbox, only="inventory_levels", **NARROW)
    items = read_shop(sandbox, only="inventory_items", **NARROW).tables["inventory_items"]
    assert items == read_shop(sandbox, only="inventory_items").tables["inventory_items"]


@pytest.mark.parametrize("stream", ["customers", "orders"])
def test_plan_that_hides_persons_is_told_apart_from_anonymity(sandbox, stream, caplog):
    full = read_shop(sandbox, only=stream).tables[stream]
    basic = read_shop(sandbox, only=stream, **BASIC).tables[stream]
    assert set(basic) == set(full)
    lacks = {
        "customers": {"firstName", "lastName", "defaultEmailAddress"},
        "orders": {"email", "shippingAddress.name", "shippingAddress.address1"},
    }[stream]
    assert all(lacks <= set(record[FIELD]) for record in basic.values())
    assert all(record[FIELD] is None for record in full.values())
    assert "withheld" in caplog.text


def test_silent_nulls_on_such_a_plan_are_marked_too(sandbox, monkeypatch):
    """As the shop answers where it gives no error beside the null."""
    stream = sandbox.make(TapShopify).streams["customers"]
    monkeypatch.setattr(stream.client, "_plan", "Basic")
    original = stream.reader.ask

    def ask(query, variables, root, points):
        answer = original(query, variables, root, points)
        for number, node in enumerate(answer.data["customers"]["nodes"]):
            if number:
                node |= dict.fromkeys(stream.personal)
        return answer

    monkeypatch.setattr(stream.reader, "ask", ask)
    first, *others = records_of(stream)
    assert first[FIELD] is None
    assert all(record[FIELD] == sorted(stream.personal) for record in others)


def test_anonymous_customers_on_other_plans_are_just_empty(sandbox, monkeypatch):
    stream = sandbox.make(TapShopify).streams["customers"]
    monkeypatch.setattr(stream.client, "_plan", "Shopify Plus")
    assert stream.finish({"id": "1", FIELD: None})[FIELD] is None


def test_denied_list_inside_a_record_is_left_out_and_the_rest_is_read(sandbox, monkeypatch):
    """A field that may not be null takes its whole record along: it is asked for no more."""
    stream = sandbox.make(TapShopify).streams["orders"]
    original = stream.client.query
    asked = []

    def query(document, variables=None, **options):
        asked.append(document)
        answer = original(document, variables, **options)
        if "duties {" not in document:
            return answer
        path = ["orders", "nodes", 0, "lineItems", "nodes", 0, "duties"]
        error = {"message": "no", "path": path, "extensions": {"code": "ACCESS_DENIED"}}
        return type(answer)({"orders": None}, {}, answer.sent_at, None, (error,))

    monkeypatch.setattr(stream.client, "query", query)
    monkeypatch.setattr(stream, "windowed", False)
    records = records_of(stream)
    assert len(records) == ORDERS
    assert all(record[FIELD] == ["lineItems.duties"] for record in records)
    lines = [line for record in records for line in record["lineItems"]]
    assert not any("duties" in line for line in lines)


def test_where_a_denial_stands():
    denial = Denial(("orders", "nodes", 3, "lineItems", "nodes", 0, "variant"), "no")
    assert denial.field(("orders", "nodes")) == ("lineItems", "variant")
    assert denial.index(("orders", "nodes")) == 3
    assert denial.field(("customers", "nodes")) == ()
    assert Denial(("orders",), "no").field(("orders", "nodes")) == ()
    assert swallowed(None, ("orders", "nodes"))
    assert swallowed({"order": None}, ("order", "lineItems", "nodes"))
    assert not swallowed({"orders": {"nodes": [{"customer": None}]}}, ("orders", "nodes", 0, "x"))
    assert impersonal({"shippingAddress": {"countryCodeV2": "DE"}}, ("shippingAddress", "email"))
    assert not impersonal({"shippingAddress": {"zip": "1", "phone": "1"}}, ("shippingAddress",))


def test_check_names_the_missing_scopes_and_the_plan(sandbox):
    findings = {f.what: f.ok for f in check(sandbox.config(TapShopify, **NARROW), fix=False)}
    assert findings["scope read_orders"]
    assert not findings["scope read_customers"]
    assert not findings["scope read_returns"]
    findings = {f.what: f.ok for f in check(sandbox.config(TapShopify, **BASIC), fix=False)}
    assert not findings["the shop's plan gives personal data to custom apps"]


def test_check_warns_before_the_version_ends(sandbox, monkeypatch):
    for now, ok in (("2027-08-15T00:00:00Z", True), ("2027-09-15T00:00:00Z", False)):
        monkeypatch.setenv("CROSSDOCK_NOW", now)
        found = [f for f in check(sandbox.config(TapShopify), fix=False) if "2026-10" in f.what]
        assert [finding.ok for finding in found] == [ok]
        assert ok or "2027-10-01" in found[0].advice


def test_refresh_token_rotates_and_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    exchanged = []

    def answer(request):
        if request.url.path.endswith("access_token"):
            exchanged.append(httpx.Response(200, content=request.content).json())
            number = len(exchanged)
            grant = {"access_token": f"shpat_{number}", "refresh_token": f"shprt_{number}"}
            return httpx.Response(200, json={**grant, "expires_in": 3600})
        if request.headers[TOKEN_HEADER] == "shpat_1" and len(exchanged) < 2:
            return httpx.Response(401, json={"errors": "[API] Invalid API key or access token"})
        return httpx.Response(200, json={"data": {"shop": {"plan": {"publicDisplayName": "Plus"}}}})

    config = {
        "api_url": "https://shop.example.com",
        "client_id": "app",
        "client_secret": "app-secret",
        "refresh_token": "shprt_0",
        "instance": "shopify:eu",
    }
    transport = httpx.MockTransport(answer)
    with ShopifyClient.from_config(config, connector="x", transport=transport) as client:
        assert client.plan == "Plus"
    assert [body["refresh_token"] for body in exchanged] == ["shprt_0", "shprt_1"]
    assert {body["grant_type"] for body in exchanged} == {"refresh_token"}
    kept = TokenStore.of("shopify:eu").read()
    assert (kept.access_token, kept.refresh_token) == ("shpat_2", "shprt_2")
    with ShopifyClient.from_config(config, connector="x", transport=transport) as client:
        assert client.plan == "Plus"
    assert len(exchanged) == 2  # the kept token is good for an hour
