"""Errors that arrive with status 200, and the vendors' own words for them."""

from __future__ import annotations

import pytest
from fakes import FakeClock, FakeVendor, answer, client_of, ok

from crossdock.errors import SettingsError
from crossdock.http.errors import (
    ApiError,
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    VendorDown,
)
from crossdock.http.graphql import GraphQLClient
from taps.hubspot.client import HubSpotClient, window
from taps.shiphero.client import ShipHeroClient
from taps.shopify.client import ShopifyClient

SHOPIFY = {"api_url": "http://vendor.test/shopify", "access_token": "shpat_x", "share": 1}
SHIPHERO = {"api_url": "http://vendor.test/shiphero", "access_token": "x", "share": 1}
HUBSPOT = {"api_url": "http://vendor.test/hubspot", "access_token": "pat-na1-x", "share": 1}
DATA = {"data": {"shop": {"name": "x"}}}


def vendor_client(kind, config, *replies):
    vendor, clock = FakeVendor(list(replies)), FakeClock()
    client = kind.from_config(config, connector="tap-test", transport=vendor.transport)
    client._sleep = clock.sleep
    for limiter in (client.limiter, *client._buckets.values()):
        limiter._clock, limiter._sleep = clock, clock.sleep
    return client, vendor, clock


def error(message, **extra):
    return {"data": None, "errors": [{"message": message, **extra}]}


def throttled(requested, available, restore=50.0):
    cost = {
        "requestedQueryCost": requested,
        "actualQueryCost": None,
        "throttleStatus": {
            "maximumAvailable": 1000.0,
            "currentlyAvailable": available,
            "restoreRate": restore,
        },
    }
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return {"errors": errors, "extensions": {"cost": cost}}


def test_data_comes_back():
    client, vendor, _ = client_of(ok(DATA), kind=GraphQLClient)
    assert client.execute("{ shop { name } }", stream="shop") == DATA["data"]
    assert vendor.requests[0].url.path == "/base/graphql"


def test_errors_in_a_200_are_a_refusal():
    client, _, _ = client_of(ok(error("Field 'x' doesn't exist")), kind=GraphQLClient)
    with pytest.raises(Rejected, match="doesn't exist"):
        client.execute("{ x }", stream="x")


def test_answer_without_data_is_a_refusal():
    client, _, _ = client_of(ok({}), kind=GraphQLClient)
    with pytest.raises(Rejected, match="no data"):
        client.execute("{ x }", stream="x")


@pytest.mark.parametrize("status", [200, 429])
def test_shopify_waits_until_the_bucket_holds_the_cost(status):
    client, vendor, clock = vendor_client(
        ShopifyClient, SHOPIFY, answer(status, throttled(752, 702)), ok(DATA)
    )
    client.execute("{ shop { name } }", stream="shop", cost=752)
    assert len(vendor.requests) == 2
    assert clock.slept == [1.0]


def test_shopify_write_that_is_throttled_is_sent_again():
    client, vendor, _ = vendor_client(
        ShopifyClient, SHOPIFY, ok(throttled(10, 0)), ok({"data": {"x": {}}})
    )
    client.execute("mutation { x }", stream="x", write=True)
    assert len(vendor.requests) == 2


def test_shopify_query_that_is_too_dear_is_not_tried_again():
    body = error("Query cost is 1200", extensions={"code": "MAX_COST_EXCEEDED"})
    client, vendor, _ = vendor_client(ShopifyClient, SHOPIFY, ok(body))
    with pytest.raises(Rejected, match="smaller pages"):
        client.execute("{ x }", stream="x")
    assert len(vendor.requests) == 1


def test_shopify_names_a_missing_scope():
    body = error("Access denied for orders field.", extensions={"code": "ACCESS_DENIED"})
    client, _, _ = vendor_client(ShopifyClient, SHOPIFY, ok(body))
    with pytest.raises(AuthError, match="scope"):
        client.execute("{ x }", stream="x")


def test_shopify_internal_error_of_a_write_is_unknown():
    body = error("Internal error", extensions={"code": "INTERNAL_SERVER_ERROR"})
    client, _, _ = vendor_client(ShopifyClient, SHOPIFY, ok(body))
    with pytest.raises(OutcomeUnknown):
        client.execute("mutation { x }", stream="x", write=True)


def test_shopify_internal_error_of_a_read_is_tried_again():
    body = error("Internal error", extensions={"code": "INTERNAL_SERVER_ERROR"})
    client, vendor, _ = vendor_client(ShopifyClient, SHOPIFY, ok(body), ok(DATA))
    client.execute("{ x }", stream="x")
    assert len(vendor.requests) == 2


def test_shopify_learns_its_plan_and_refunds_the_difference():
    cost = {
        "requestedQueryCost": 500,
        "actualQueryCost": 20,
        "throttleStatus": {
            "maximumAvailable": 20000.0,
            "currentlyAvailable": 19980,
            "restoreRate": 1000.0,
        },
    }
    client, _, clock = vendor_client(
        ShopifyClient, SHOPIFY, ok({**DATA, "extensions": {"cost": cost}})
    )
    for _ in range(50):
        client.execute("{ x }", stream="x", cost=500)
    assert (client.limiter.capacity, client.limiter.rate) == (20000, 1000)
    assert clock.slept == []


def test_shopify_token_by_client_credentials():
    def reply(request):
        if request.url.path.endswith("/admin/oauth/access_token"):
            return ok({"access_token": "fresh", "expires_in": 86399})
        return ok(DATA)

    config = {"api_url": SHOPIFY["api_url"], "client_id": "id", "client_secret": "secret"}
    client, vendor, _ = vendor_client(ShopifyClient, config, reply)
    client.execute("{ x }", stream="x")
    assert vendor.requests[1].headers["X-Shopify-Access-Token"] == "fresh"


def test_wrong_client_credentials():
    config = {"api_url": SHOPIFY["api_url"], "client_id": "id", "client_secret": "wrong-secret"}
    client, _, _ = vendor_client(ShopifyClient, config, answer(400, {"error": "invalid_client"}))
    with pytest.raises(AuthError) as caught:
        client.execute("{ x }", stream="orders", write=True)
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (ShopifyClient, {"api_url": "http://x.test"}),
        (HubSpotClient, {}),
        (ShipHeroClient, {"username": "x"}),
    ],
)
def test_missing_credentials_are_named(kind, config):
    with pytest.raises(SettingsError, match="is missing"):
        kind.from_config(config, connector="tap-test")


CREDITS = (
    "There are not enough credits to perform the requested operation, which requires 1301 "
    "credits, but there are only 263 left. In 18 seconds you will have enough credits to "
    "perform the operation"
)


@pytest.mark.parametrize(
    "extra",
    [
        {"code": 30, "required_credits": 1301, "time_remaining": "18 seconds"},
        {"code": 30},
        {"extensions": {"code": 30, "time_remaining": "18 seconds"}},
    ],
)
def test_shiphero_waits_as_long_as_it_says(extra):
    body = {"errors": [{"message": CREDITS, **extra}], "data": {"orders": None}}
    client, vendor, clock = vendor_client(ShipHeroClient, SHIPHERO, ok(body), ok(DATA))
    client.execute("mutation { x }", stream="orders", cost=1301, write=True)
    assert len(vendor.requests) == 2
    assert clock.slept == [19.0]


def test_shiphero_refusal_keeps_its_code():
    body = {"errors": [{"message": "Order not found", "code": 5}], "data": {"order": None}}
    client, _, _ = vendor_client(ShipHeroClient, SHIPHERO, ok(body))
    with pytest.raises(Rejected) as caught:
        client.execute("{ x }", stream="orders")
    assert caught.value.code == "5"


def test_shiphero_pays_what_the_answer_did_cost():
    body = {"data": {"orders": {"complexity": 3, "data": {}}}}
    client, _, clock = vendor_client(ShipHeroClient, SHIPHERO, ok(body))
    for _ in range(40):
        client.execute("{ orders }", stream="orders", cost=2000)
    assert clock.slept == []


def test_shiphero_falls_back_to_the_password():
    def reply(request):
        if request.url.path.endswith("/auth/refresh"):
            return answer(401, {"message": "invalid refresh token"})
        if request.url.path.endswith("/auth/token"):
            return ok({"access_token": "by-password", "expires_in": 2419200})
        return ok(DATA)

    config = {"refresh_token": "old", "username": "u", "password": "p", "api_url": "http://x.test"}
    client, vendor, _ = vendor_client(ShipHeroClient, config, reply)
    client.execute("{ x }", stream="x")
    assert vendor.requests[-1].headers["Authorization"] == "Bearer by-password"


@pytest.mark.parametrize(
    ("policy", "headers", "wait"),
    [
        ("SECONDLY", {}, 1.0),
        ("TEN_SECONDLY_ROLLING", {}, 10.0),
        ("TEN_SECONDLY_ROLLING", {"Retry-After": "3"}, 3.0),
    ],
)
def test_hubspot_waits_for_the_window_that_was_hit(policy, headers, wait):
    body = {"status": "error", "message": "limit", "policyName": policy}
    client, vendor, clock = vendor_client(
        HubSpotClient, HUBSPOT, answer(429, body, **headers), ok({"results": []})
    )
    client.request("POST", "/crm/x", stream="contacts", json={}, write=True)
    assert len(vendor.requests) == 2
    assert clock.slept == [wait]


def test_hubspot_daily_limit_ends_the_run():
    body = {"status": "error", "message": "limit", "policyName": "DAILY"}
    client, _, clock = vendor_client(HubSpotClient, HUBSPOT, answer(429, body))
    with pytest.raises(RateLimited):
        client.request("GET", "/crm/x", stream="contacts")
    assert clock.slept == []


def test_hubspot_refusal_names_its_category():
    body = {"status": "error", "message": "Contact already exists", "category": "CONFLICT"}
    client, _, _ = vendor_client(HubSpotClient, HUBSPOT, answer(409, body))
    with pytest.raises(Rejected) as caught:
        client.request("POST", "/crm/x", stream="contacts", json={}, write=True)
    assert (caught.value.status, caught.value.code) == (409, "CONFLICT")


def test_hubspot_locked_record_is_tried_again():
    client, vendor, clock = vendor_client(HubSpotClient, HUBSPOT, answer(423, {}), ok({}))
    client.request("POST", "/crm/x", stream="contacts", json={}, write=True)
    assert len(vendor.requests) == 2
    assert clock.slept == [2.0]


def test_hubspot_token_by_refresh():
    def reply(request):
        if request.url.path.endswith("/oauth/2026-09/token"):
            assert b"grant_type=refresh_token" in request.content
            return ok({"access_token": "fresh", "expires_in": 1800})
        return ok({})

    config = {
        "api_url": "http://x.test",
        "client_id": "a",
        "client_secret": "b",
        "refresh_token": "c",
    }
    client, vendor, _ = vendor_client(HubSpotClient, config, reply)
    client.request("GET", "/crm/x", stream="contacts")
    assert vendor.requests[-1].headers["Authorization"] == "Bearer fresh"


def test_hubspot_paths_of_both_families():
    client, _, _ = vendor_client(HubSpotClient, HUBSPOT, ok({}))
    assert client.objects("contacts", "search") == "/crm/objects/2026-09/contacts/search"
    assert client.properties("orders") == "/crm/properties/2026-09/orders"
    client.version = "v3"
    assert client.objects("contacts", "search") == "/crm/v3/objects/contacts/search"
    assert client.properties("orders") == "/crm/v3/properties/orders"
    assert client.associate("orders", "1", "contacts", "2") == (
        "/crm/v4/objects/orders/1/associations/default/contacts/2"
    )


@pytest.mark.parametrize("limit", [100, 190, 250])
def test_hubspot_window_is_never_exceeded(limit):
    burst, rate = window(limit)
    assert burst + rate * 10 <= limit
    assert rate * 10 >= limit * 0.94


def test_down_for_good_is_one_clear_line():
    client, _, _ = vendor_client(HubSpotClient, HUBSPOT, answer(503, {}))
    with pytest.raises(VendorDown) as caught:
        client.request("GET", "/crm/objects", stream="contacts")
    assert isinstance(caught.value, ApiError)
    assert "\n" not in str(caught.value)
    assert "next run" in str(caught.value)
