"""What a token without a scope sees, and a shop on a plan without personal data."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.shopify.access import FIELDS, TYPES
from sandbox.shopify.auth import BASIC_TOKEN, NARROW, NARROW_TOKEN
from sandbox.shopify.many import world as many
from sandbox.shopify.schema import admin_schema
from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = "{ orders(first: 1) { nodes { id name email customer { id } } } }"


@pytest.fixture
def narrow() -> Iterator[Shop]:
    with shop(token=NARROW_TOKEN) as served:
        yield served


@pytest.fixture
def basic() -> Iterator[Shop]:
    with shop(token=BASIC_TOKEN) as served:
        yield served


def denied(body: Any) -> list[tuple[str, list[Any]]]:
    """Field and path of each refusal; there are no other errors."""
    assert all(e["extensions"]["code"] == "ACCESS_DENIED" for e in body["errors"])
    return [(e["message"].split()[3], e["path"]) for e in body["errors"]]


def test_a_field_that_is_not_granted_is_null_and_says_why(narrow: Shop) -> None:
    body = narrow.post(ORDERS).json()
    (node,) = body["data"]["orders"]["nodes"]
    assert (node["name"], node["email"]) == ("#1001", "ana@example.com")
    assert node["customer"] is None
    (error,) = body["errors"]
    assert error["path"] == ["orders", "nodes", 0, "customer"]
    assert error["message"] == (
        "Access denied for customer field. Required access: `read_customers` access scope."
    )
    assert error["extensions"] == {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": "`read_customers` access scope.",
    }


def test_an_empty_field_is_null_without_an_error() -> None:
    with shop() as served:
        query = '{ orders(first: 1, query: "name:1002") { nodes { customer { id } } } }'
        assert served.ask(query)["orders"]["nodes"] == [{"customer": None}]


def test_a_list_that_is_not_granted_leaves_no_data(narrow: Shop) -> None:
    for query, field in (
        ("{ customers(first: 2) { nodes { id } } }", "customers"),
        ("{ orders(first: 2) { nodes { returns(first: 2) { nodes { id } } } } }", "returns"),
    ):
        body = narrow.post(query).json()
        assert body["data"] is None
        assert {name for name, _ in denied(body)} == {field}


def test_some_fields_ask_for_more_than_their_type(narrow: Shop) -> None:
    query = (
        "{ fulfillmentOrders(first: 1) { nodes { assignedLocation { name location { %s } } } } }"
    )
    place = narrow.ask(query % "id")["fulfillmentOrders"]["nodes"][0]["assignedLocation"]
    assert place["location"]["id"].startswith("gid://shopify/Location/")
    body = narrow.post(query % "id name").json()
    place = body["data"]["fulfillmentOrders"]["nodes"][0]["assignedLocation"]
    assert place == {"name": "Main", "location": None}
    (error,) = body["errors"]
    assert error["path"][-2:] == ["location", "name"]
    assert error["extensions"]["requiredAccess"] == (
        "`read_locations` access scope or `read_markets_home` access scope."
    )


def test_counts_nodes_and_mutations_are_guarded_too(narrow: Shop) -> None:
    body = narrow.post("{ customersCount { count } ordersCount { count } }").json()
    assert body["data"] == {"customersCount": None, "ordersCount": {"count": 11}}
    ids = ["gid://shopify/Order/1001", "gid://shopify/Customer/7"]
    query = "query($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } node(id: $id) { id } }"
    body = narrow.post(query, ids=ids, id=ids[1]).json()
    assert body["data"] == {"nodes": [{"id": ids[0]}, None], "node": None}
    assert denied(body) == [("nodes", ["nodes", 1]), ("node", ["node"])]


def test_the_app_tells_its_scopes(narrow: Shop) -> None:
    query = "{ currentAppInstallation { accessScopes { handle } } }"
    scopes = narrow.ask(query)["currentAppInstallation"]["accessScopes"]
    assert {scope["handle"] for scope in scopes} == set(NARROW)


def test_only_recent_orders_without_the_scope_for_all() -> None:
    played = many(10)
    with shop(played, token=NARROW_TOKEN) as served:
        assert served.ask("{ ordersCount { count } }")["ordersCount"]["count"] == 10
        served.pass_time(60 * 24 * 3600 - 120)  # they were placed half a minute apart
        assert len(served.all("orders", "id")) == 5
        assert len(served.lines("{ orders { edges { node { id } } } }")) == 5


def test_a_bulk_operation_fails_for_want_of_a_scope(narrow: Shop) -> None:
    ended = narrow.finished(narrow.bulk("{ orders { edges { node { id customer { id } } } } }"))
    assert (ended["status"], ended["errorCode"]) == ("FAILED", "ACCESS_DENIED")
    assert (ended["url"], ended["partialDataUrl"]) == (None, None)
    assert len(narrow.lines("{ orders { edges { node { id name } } } }")) == 11


ADDRESS = "firstName lastName name company address1 address2 city zip phone"


def test_a_basic_plan_withholds_personal_data(basic: Shop) -> None:
    query = f"""{{ orders(first: 1) {{ nodes {{ name email phone customer {{ id firstName
        displayName defaultEmailAddress {{ emailAddress }} }}
        shippingAddress {{ {ADDRESS} country countryCodeV2 provinceCode }} }} }} }}"""
    body = basic.post(query).json()
    (found,) = body["data"]["orders"]["nodes"]
    assert (found["name"], found["email"], found["phone"]) == ("#1001", None, None)
    assert found["customer"] == {
        "id": "gid://shopify/Customer/7",
        "firstName": None,
        "displayName": "",
        "defaultEmailAddress": None,
    }
    address = found["shippingAddress"]
    assert {name: address[name] for name in ADDRESS.split()} == dict.fromkeys(ADDRESS.split())
    assert (address["country"], address["countryCodeV2"]) == ("Germany", "DE")
    paths = {tuple(error["path"][3:]) for error in body["errors"]}
    assert ("email",) in paths
    assert ("shippingAddress", "zip") in paths
    assert all("Advanced, and Plus plans" in error["message"] for error in body["errors"])
    assert all(error["extensions"]["code"] == "ACCESS_DENIED" for error in body["errors"])


def test_a_basic_plan_says_so(basic: Shop) -> None:
    query = "{ shop { plan { publicDisplayName shopifyPlus } } }"
    assert basic.ask(query)["shop"]["plan"] == {"publicDisplayName": "Basic", "shopifyPlus": False}


def test_personal_data_fails_a_bulk_operation_too(basic: Shop) -> None:
    ended = basic.finished(basic.bulk("{ customers { edges { node { id lastName } } } }"))
    assert (ended["status"], ended["errorCode"]) == ("FAILED", "ACCESS_DENIED")
    assert len(basic.lines("{ customers { edges { node { id displayName } } } }")) == 2


@pytest.mark.reference
def test_the_scopes_are_the_vendors(reference: Path) -> None:
    """Each type and field that we serve asks for what it asks for there, and for nothing else."""
    path = reference / "vendor" / "shopify" / "admin_2026-10.json.gz"
    items = json.loads(gzip.decompress(path.read_bytes()))["offline_scopes"]["items"]
    of_types = {i["typeName"]: i["offlineScopes"] for i in items if i["type"] == "type"}
    of_fields = {
        (i["typeName"], i["fieldName"]): i["offlineScopes"] for i in items if i["type"] == "field"
    }
    for name, kind in admin_schema().type_map.items():
        fields = getattr(kind, "fields", None)
        if not isinstance(fields, dict) or name.startswith("__") or name == "Mutation":
            continue
        known = {s for s in of_types.get(name, ()) if s.startswith("read_")}
        assert set(TYPES.get(name, ())) == known, name
        for field in fields:
            known = {s for s in of_fields.get((name, field), ()) if s.startswith("read_")}
            assert set(FIELDS.get((name, field), ())) == known, (name, field)
