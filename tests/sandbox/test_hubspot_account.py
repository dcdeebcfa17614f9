"""HubSpot's tokens, limits, paging, search operators and people at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.crm_and_wms import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = {"Authorization": "Bearer pat-na1-sandbox"}
CONTACTS = "/crm/objects/2026-09/contacts"


@pytest.fixture
def running() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def http(running: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.hubspot, headers=KEY) as http:
        yield http


def test_a_wrong_token_is_told_so(running: Served) -> None:
    for headers in ({}, {"Authorization": "Bearer pat-na1-wrong"}):
        response = httpx.get(f"{running.hubspot}{CONTACTS}", headers=headers)
        assert response.status_code == 401
        assert response.json()["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize("version", ["v1", "v3", "2026-09"])
def test_oauth_tokens_expire_by_the_sandboxs_clock(running: Served, version: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "refresh_token": "sandbox-refresh",
    }
    url = f"{running.hubspot}/oauth/{version}/token"
    wrong = httpx.post(url, data=form | {"refresh_token": "x"})
    assert (wrong.status_code, wrong.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    token = httpx.post(url, data=form).json()
    assert token["expires_in"] == 1800
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    let_in = httpx.get(f"{running.hubspot}{CONTACTS}", headers=headers)
    assert let_in.status_code == 200
    assert "X-HubSpot-RateLimit-Daily" not in let_in.headers
    running.advance(seconds=1801)
    late = httpx.get(f"{running.hubspot}{CONTACTS}", headers=headers)
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")


def test_190_requests_in_ten_seconds(running: Served, http: httpx.Client) -> None:
    for left in range(189, -1, -1):
        response = http.get("/account-info/v3/details")
        assert response.headers["X-HubSpot-RateLimit-Remaining"] == str(left)
    refused = http.get("/account-info/v3/details")
    body = refused.json()
    assert (refused.status_code, body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert body["errorType"] == "RATE_LIMIT"
    assert running.state("hubspot")["refusals"] == 1
    running.advance(seconds=10.1)
    assert http.get("/account-info/2026-09/details").status_code == 200


def test_five_searches_a_second(running: Served, http: httpx.Client) -> None:
    for _ in range(5):
        response = http.post(f"{CONTACTS}/search", json={})
        assert response.status_code == 200
        assert not [name for name in response.headers if "ratelimit" in name.lower()]
    refused = http.post(f"{CONTACTS}/search", json={})
    assert (refused.status_code, refused.json()["policyName"]) == (429, "SECONDLY")
    running.advance(seconds=1.1)
    assert http.post(f"{CONTACTS}/search", json={}).status_code == 200


def test_lists_page_to_the_end(http: httpx.Client) -> None:
    seen, params = [], {"limit": "4"}
    while True:
        page = http.get(CONTACTS, params=params).json()
        seen += [item["id"] for item in page["results"]]
        if "paging" not in page:
            break
        params["after"] = page["paging"]["next"]["after"]
    assert len(seen) == len(set(seen)) == 11
    assert http.get(CONTACTS, params={"limit": "101"}).status_code == 400


def search(running: Served, http: httpx.Client, **body: Any) -> Any:
    running.advance(seconds=1)  # stay within the limit of searches
    response = http.post("/crm/objects/2026-09/orders/search", json=body)
    return response.json() if response.status_code == 200 else response.status_code


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("hs_total_price", "GT", {"value": "9"})], "bc"),
        ([("hs_total_price", "BETWEEN", {"value": "5", "highValue": "10"})], "ab"),
        ([("hs_total_price", "LTE", {"value": "10.00"})], "ab"),
        ([("hs_order_name", "IN", {"values": ["A", "c"]})], "ac"),
        ([("hs_order_name", "NOT_IN", {"values": ["a"]})], "bcd"),
        ([("hs_order_name", "NEQ", {"value": "a"})], "bcd"),
        ([("hs_total_price", "NOT_HAS_PROPERTY", {})], "d"),
        ([("hs_order_note", "CONTAINS_TOKEN", {"value": "fra*"})], "a"),
        ([("hs_order_note", "NOT_CONTAINS_TOKEN", {"value": "fragile"})], "bcd"),
        ([("hs_processed_date", "GTE", {"value": "1772355600000"})], "b"),
        ([("hs_total_price", "HAS_PROPERTY", {}), ("hs_order_name", "EQ", {"value": "b"})], "b"),
    ],
)
def test_search_operators(
    running: Served, http: httpx.Client, filters: list[tuple[str, str, dict[str, Any]]], found: str
) -> None:
    orders = [
        {"hs_order_name": "a", "hs_total_price": "5", "hs_order_note": "Very fragile!"},
        {"hs_order_name": "b", "hs_total_price": "10", "hs_processed_date": "2026-03-01T09:00Z"},
        {"hs_order_name": "c", "hs_total_price": "100"},
        {"hs_order_name": "d"},
    ]
    inputs = [{"properties": values} for values in orders]
    http.post("/crm/objects/2026-09/orders/batch/create", json={"inputs": inputs})
    running.advance(seconds=5)
    group = [{"propertyName": n, "operator": op, **more} for n, op, more in filters]
    answer = search(
        running, http, filterGroups=[{"filters": group}],
        properties=["hs_order_name"], sorts=["hs_order_name"],
    )  # fmt: skip
    assert "".join(item["properties"]["hs_order_name"] for item in answer["results"]) == found


def test_search_has_its_bounds(running: Served, http: httpx.Client) -> None:
    assert search(running, http, limit=201) == 400
    assert search(running, http, limit=200, after="9800")["total"] == 0
    assert search(running, http, limit=200, after="9801") == 400
    assert search(running, http, sorts=["hs_createdate", "hs_order_name"]) == 400
    has = {"propertyName": "hs_order_name", "operator": "HAS_PROPERTY"}
    assert search(running, http, filterGroups=[{"filters": [has]}] * 6) == 400
    assert search(running, http, filterGroups=[{"filters": [has] * 7}]) == 400
    assert search(running, http, filterGroups=[{"filters": [has | {"propertyName": "x"}]}]) == 400


def test_people_edit_delete_and_merge(running: Served, http: httpx.Client) -> None:
    contact = http.get(f"{CONTACTS}/ana@example.com", params={"idProperty": "email"}).json()
    edited = running.edit(
        vendor="hubspot", object="contact", number="ana@example.com", set={"city": "Ulm"}
    )
    assert edited.status_code == 200
    read = http.get(f"{CONTACTS}/{contact['id']}", params={"properties": "city"}).json()
    assert read["properties"]["city"] == "Ulm"
    assert read["updatedAt"] > contact["updatedAt"]
    wrong = running.edit(vendor="hubspot", object="contact", id="1", set={"city": "Ulm"})
    assert wrong.status_code == 400
    running.edit(vendor="hubspot", object="contact", id=contact["id"], archive=True)
    assert http.get(f"{CONTACTS}/{contact['id']}").status_code == 404
    operations = [(e["actor"], e["operation"]) for e in running.sandbox.effects.since(0)]
    assert operations == [("person", "update"), ("person", "archive")]
