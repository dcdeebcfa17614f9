"""A shop with very many orders, and the command that serves one."""

from __future__ import annotations

import subprocess
import sys

import httpx

from sandbox.shopify.auth import STATIC_TOKEN
from sandbox.shopify.many import world
from tests.sandbox.shop import API, shop


def test_it_depends_on_the_seed_only() -> None:
    assert world(50, lines=3) == world(50, lines=3)
    assert world(50) != world(50, seed=1)
    played = world(50, lines=3)
    assert (len(played.orders), len(played.order_lines)) == (50, 150)


def test_its_orders_are_plain_ones() -> None:
    with shop(world(40)) as served:
        found = served.all("orders", "displayFinancialStatus displayFulfillmentStatus", size=40)
        assert found == 40 * [
            {"displayFinancialStatus": "PAID", "displayFulfillmentStatus": "UNFULFILLED"}
        ]
        spent = served.all("customers", "amountSpent { currencyCode } numberOfOrders")
        assert {each["amountSpent"]["currencyCode"] for each in spent} == {"EUR"}
        assert sum(int(each["numberOfOrders"]) for each in spent) == 40


def test_the_command_serves_it() -> None:
    command = [sys.executable, "-m", "sandbox.shopify.many", "--orders", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            body = {"query": "{ ordersCount { count } }"}
            headers = {"X-Shopify-Access-Token": STATIC_TOKEN}
            answer = httpx.post(url + API, json=body, headers=headers).json()
        finally:
            server.terminate()
    assert answer["data"]["ordersCount"]["count"] == 30
