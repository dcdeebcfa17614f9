"""What a shop refuses: strangers, expired tokens, queries that cost too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.shopify.throttle import Bucket
from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

CREDENTIALS = {
    "client_id": "sandbox",
    "client_secret": "sandbox-secret",
    "grant_type": "client_credentials",
}


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        yield served


def cost(running: Shop, query: str, **variables: Any) -> tuple[int, int]:
    charged = running.post(query, **variables).json()["extensions"]["cost"]
    return charged["requestedQueryCost"], charged["actualQueryCost"]


@pytest.mark.parametrize(
    ("query", "requested", "actual"),
    [
        ("{ shop { name } }", 1, 1),
        ("{ shop { name plan { shopifyPlus } } }", 2, 2),
        ("{ orders(first: 20) { nodes { id name } } }", 22, 13),
        ("{ orders(first: 3) { edges { node { id } } pageInfo { hasNextPage } } }", 5, 5),
        ("{ orders(first: 2) { nodes { customer { id } } } }", 6, 5),
        ("{ orders(first: 2) { nodes { lineItems(first: 10) { nodes { id } } } } }", 28, 13),
        ("{ orders(first: 2) { ...P } } fragment P on OrderConnection { nodes { id } }", 4, 4),
        ('{ node(id: "gid://shopify/Order/1001") { id ... on Order { customer { id } } } }', 2, 2),
    ],
)
def test_cost(running: Shop, query: str, requested: int, actual: int) -> None:
    assert cost(running, query) == (requested, actual)


def test_cost_counts_variables(running: Shop) -> None:
    query = "query($n: Int!) { orders(first: $n) { nodes { id } } }"
    assert cost(running, query, n=4) == (6, 6)


def test_a_query_over_the_maximum_is_refused_before_it_runs(running: Shop) -> None:
    body = running.post(
        "{ orders(first: 100) { nodes { lineItems(first: 10) { nodes { id } } } } }"
    ).json()
    (error,) = body["errors"]
    assert error["message"].startswith(
        "Query cost is 1302, which exceeds the single query max cost limit (1000)"
    )
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert "data" not in body


def test_throttled_is_an_answer_with_status_200(running: Shop) -> None:
    seconds = [0.0]
    running.vendor.bucket = Bucket(20, 5, monotonic=lambda: seconds[0])
    query = "{ orders(first: 10) { nodes { id } } }"
    assert "data" in running.post(query).json()
    response = running.post(query)
    assert response.status_code == 200
    assert response.json() == {
        "errors": [
            {
                "message": "Throttled",
                "extensions": {
                    "code": "THROTTLED",
                    "documentation": "https://shopify.dev/api/usage/rate-limits",
                },
            }
        ],
        "extensions": {
            "cost": {
                "requestedQueryCost": 12,
                "actualQueryCost": None,
                "throttleStatus": {
                    "maximumAvailable": 20,
                    "currentlyAvailable": 8,
                    "restoreRate": 5,
                },
            }
        },
    }
    assert running.vendor.sandbox.counters.of("shopify")["refusals"] == 1
    seconds[0] += 1
    assert "data" in running.post(query).json()


def test_what_was_not_used_is_given_back(running: Shop) -> None:
    running.vendor.bucket = Bucket(1000, 0)
    answer = running.post("{ orders(first: 250) { nodes { id } } }").json()
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1000 - 13
    assert running.vendor.state()["points_consumed"] == 13


@pytest.mark.parametrize("token", [None, "", "shpat_other"])
def test_a_stranger_is_turned_away(running: Shop, token: str | None) -> None:
    headers = {"X-Shopify-Access-Token": token} if token is not None else {}
    url = f"{running.http.base_url}admin/api/2026-10/graphql.json"
    response = httpx.post(url, json={"query": "{ shop { id } }"}, headers=headers)
    assert response.status_code == 401
    assert response.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


@pytest.mark.parametrize("form", [True, False])
def test_client_credentials_give_a_token_for_24_hours(running: Shop, form: bool) -> None:
    body: dict[str, Any] = {"data": CREDENTIALS} if form else {"json": CREDENTIALS}
    answer = running.http.post("/admin/oauth/access_token", **body).json()
    assert answer["expires_in"] == 86399
    assert "read_orders" in answer["scope"].split(",")
    running.http.headers["X-Shopify-Access-Token"] = answer["access_token"]
    running.pass_time(23 * 3600)
    assert running.post("{ shop { id } }").status_code == 200
    running.pass_time(3601)
    assert running.post("{ shop { id } }").status_code == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"client_secret": "guess"}, 401), ({"client_id": "x"}, 401), ({"grant_type": "x"}, 400)],
)
def test_wrong_credentials(running: Shop, changed: dict[str, str], status: int) -> None:
    response = running.http.post("/admin/oauth/access_token", json=CREDENTIALS | changed)
    assert response.status_code == status
    assert "access_token" not in response.json()


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("2026-10", "2026-10"),
        ("2026-01", "2026-01"),
        ("2023-04", "2025-10"),
        ("unstable", "unstable"),
    ],
)
def test_an_expired_version_falls_forward(running: Shop, asked: str, served: str) -> None:
    response = running.http.post(
        f"/admin/api/{asked}/graphql.json", json={"query": "{ shop { id } }"}
    )
    assert response.headers["X-Shopify-API-Version"] == served
    assert response.headers["X-Request-Id"]


@pytest.mark.parametrize("asked", ["2099-01", "2026-02", "latest"])
def test_a_version_that_never_was_is_not_found(running: Shop, asked: str) -> None:
    response = running.http.post(
        f"/admin/api/{asked}/graphql.json", json={"query": "{ shop { id } }"}
    )
    assert response.status_code == 404


def test_a_body_without_a_query(running: Shop) -> None:
    response = running.http.post("/admin/api/2026-10/graphql.json", content=b"nonsense")
    assert response.status_code == 400
