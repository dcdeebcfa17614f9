"""Shopify's own Python client speaks with the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import shopify

from tests.sandbox.shop import Shop, shop, world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        shopify.ShopifyResource.site = f"{served.http.base_url}admin/api/2026-10"
        shopify.ShopifyResource.headers = {"X-Shopify-Access-Token": "shpat_sandbox"}
        yield served
        shopify.ShopifyResource.clear_session()


def test_it_reads_orders(running: Shop) -> None:
    query = "query($n: Int!) { orders(first: $n) { nodes { name } } }"
    answer = json.loads(shopify.GraphQL().execute(query, {"n": 50}))
    names = [node["name"] for node in answer["data"]["orders"]["nodes"]]
    assert names == [f"#{o.order_id}" for o in world().orders if o.instance == "main"]


def test_it_reads_the_shop(running: Shop) -> None:
    current = shopify.Shop.current()
    assert (current.name, current.currency) == ("Crossdock main", "USD")
