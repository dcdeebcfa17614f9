"""Accounts that take minutes to read, each served by a process of its own, 100 ms away.

    python -m benchmarks.accounts VENDOR

The first line of the output is the address. `GET /consumed` there tells what the vendor's limit
was charged for so far, and how many answers it refused.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.app import build
from sandbox.core import Sandbox
from sandbox.easypost import EasyPostVendor
from sandbox.easypost.app import API_KEY
from sandbox.faults import Faults, Rule
from sandbox.hubspot import HubSpotVendor
from sandbox.hubspot.auth import SERVICE_KEY
from sandbox.hubspot.definitions import OBJECT_TYPES
from sandbox.server import address, listen, server
from sandbox.shiphero import ShipHeroVendor
from sandbox.shopify.auth import STATIC_TOKEN
from sandbox.shopify.many import world as shop_world
from sandbox.shopify.throttle import PLUS_CAPACITY, PLUS_RATE
from sandbox.shopify.vendor import ShopifyVendor
from sandbox.world import Customer, Location, Product, Stock, World

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LATENCY = 0.1
Charged = Callable[[], float]


@dataclass(frozen=True)
class Account:
    """One vendor's account and how its tap is told of it.

    Attributes:
        unit: What the limit counts.
        rate: How much of it comes back in a second.
        burst: How much is there at first.
        tap: The program that reads it.
        config: Settings of the tap, without address and share.
        make: Fills a sandbox of this world.
        world: What there is to be read.
        counts: Whether a request counts, where the limit counts requests.
    """

    unit: str
    rate: float
    burst: float
    tap: str
    config: Mapping[str, Any]
    world: Callable[[], World]
    make: Callable[[Sandbox], Charged | None]
    counts: Callable[[str], bool] = lambda path: False


class Counting:
    """Counts the requests that a limit counts, and those that it refused."""

    def __init__(self, app: ASGIApp, counts: Callable[[str], bool]) -> None:
        self._app = app
        self._counts = counts
        self.found: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                refused = message["status"] == 429
                self.found["refused" if refused else "taken"] += self._counts(scope["path"])
                self.found["answers"] += scope["path"] != "/consumed"
            await send(message)

        await self._app(scope, receive, seen)


def _shop(sandbox: Sandbox) -> Charged:
    vendor = ShopifyVendor(sandbox)
    sandbox.add(vendor)
    return lambda: vendor.bucket.consumed


def _crm(sandbox: Sandbox) -> None:
    vendor = HubSpotVendor(sandbox)
    at = sandbox.clock.now() - timedelta(days=1)
    for name, field in (("companies", "name"), ("tickets", "subject"), ("notes", "hs_note_body")):
        for number in range(30_000):
            values = {field: f"{name} {number}"}
            vendor._crm.store.create(OBJECT_TYPES[name], values, at + timedelta(seconds=number))
    sandbox.add(vendor)


def _crm_world() -> World:
    """The contacts of a CRM; `_crm` adds what else there is."""
    people = [
        Customer(str(n), f"buyer{n}@example.com", None, "Ana", f"Buyer {n}", None, "Rue 1", None,
                 "Lyon", None, "69001", "France")
        for n in range(40_000)
    ]  # fmt: skip
    return World(people, [], [Location("1", "Main")], [], [], [])


def _wms(sandbox: Sandbox) -> Charged:
    vendor = ShipHeroVendor(sandbox)
    sandbox.add(vendor)
    return lambda: vendor._api.credits_consumed


def _wms_world() -> World:
    skus = [f"SKU-{number:05}" for number in range(6_000)]
    return World(
        customers=[],
        products=[Product(sku, title=sku, unit_price=Decimal("4.50")) for sku in skus],
        locations=[Location("1", "Main"), Location("2", "Other")],
        inventory=[Stock(place, sku, 50) for place in ("1", "2") for sku in skus],
        orders=[],
        order_lines=[],
    )


def _carrier(sandbox: Sandbox) -> None:
    sandbox.add(ShipHeroVendor(sandbox))
    vendor = EasyPostVendor(sandbox)
    sandbox.add(vendor)
    for number in range(60_000):
        code = f"94001002083031{number:08}"
        vendor.trackers.create({"tracker": {"tracking_code": code, "carrier": "USPS"}})


ACCOUNTS: dict[str, Account] = {
    "shopify": Account(
        "points", PLUS_RATE, PLUS_CAPACITY, "tap-shopify",
        {"access_token": STATIC_TOKEN, "restore_rate": PLUS_RATE, "bulk": "never"},
        lambda: shop_world(40_000), _shop,
    ),
    "shiphero": Account(
        "credits", 60, 4_004, "tap-shiphero",
        {"username": "sandbox@crossdock.test", "password": "sandbox"},
        _wms_world, _wms,
    ),
    "hubspot": Account(
        "requests", 19, 0, "tap-hubspot",
        {"access_token": SERVICE_KEY, "requests_per_10s": 190, "index_lag": 10},
        _crm_world, _crm, lambda path: path != "/consumed" and not path.endswith("/search"),
    ),
    "easypost": Account(
        "lists", 5, 5, "tap-easypost",
        {"api_key": API_KEY},
        lambda: World([], [], [Location("1", "Main")], [], [], []), _carrier,
        lambda path: path.rsplit("/", 1)[-1] in ("trackers", "shipments", "addresses"),
    ),
}  # fmt: skip


def app(name: str) -> ASGIApp:
    """The account behind a way of 100 ms."""
    account = ACCOUNTS[name]
    faults = Faults([Rule("slow", vendor=name, seconds=LATENCY)])
    sandbox = Sandbox.of(account.world(), faults=faults)
    charged = account.make(sandbox)
    served = build(sandbox)
    counting = Counting(served, account.counts)

    async def consumed(_: Request) -> JSONResponse:
        refused = sandbox.counters.of(name)["refusals"]
        taken = charged() if charged else counting.found["taken"]
        told = {"consumed": taken, "refused": refused, "answers": counting.found["answers"]}
        return JSONResponse(told)

    served.router.routes.insert(0, Route("/consumed", consumed))
    return counting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vendor", choices=sorted(ACCOUNTS))
    name = parser.parse_args().vendor
    served = app(name)
    listener = listen(0)
    sys.stdout.write(f"{address(listener)}\n")
    sys.stdout.flush()
    server(served).run(sockets=[listener])


if __name__ == "__main__":
    main()
