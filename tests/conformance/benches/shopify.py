"""tap-shopify."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shopify.auth import CLIENT_ID, CLIENT_SECRET, STATIC_TOKEN
from taps.shopify import streams
from taps.shopify.client import ShopifyClient
from taps.shopify.tap import TapShopify
from targets.shopify.destination import ShopifyDestination
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.conformance.churn import SKUS, SOLD
from tests.conformance.graphql import shopify_problems
from tests.conformance.operations import shopify_creates
from tests.taps.played import ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from crossdock.journal import Journal


def _prepare(stage: Stage) -> None:
    """An order that was shipped, came back and was refunded."""
    returned = {"lines": {"1": 1}}
    for change in (
        {"fulfilled": {"number": "1Z999", "company": "UPS"}},
        {"return": returned},
        {"refund": {**returned, "restock": "RETURN", "return": "#1020-R1"}},
    ):
        stage.edit("shopify", "order", number="1020", set=change)


def _change(stage: Stage, number: int, text: str) -> None:
    stage.edit("shopify", "order", number=str(1000 + number % ORDERS), set={"note": text})


def _remove(stage: Stage) -> str:
    stage.edit("shopify", "product", id="SKU-07", delete=True)
    return "products"


def _pages() -> Iterator[tuple[object, str, int]]:
    for stream in streams.STREAMS:
        yield stream, "page_size", 4


def _changed(stage: Stage, random: Random, number: int) -> None:
    order = str(10_000 + random.randrange(100))
    stage.edit_at_once("shopify", object="order", number=order, set={"note": f"note {number}"})


def _placed(stage: Stage, random: Random, number: int) -> None:
    order = {
        "customer_id": "C1",
        "lines": [{"sku": random.choice(SKUS[:SOLD]), "unit_price": "4.50"}],
    }
    stage.edit_at_once("shopify", object="order", create={**order, "currency": "EUR"})


def _deleted(stage: Stage, random: Random, number: int) -> None:
    with suppress(EditError):
        stage.edit_at_once("shopify", object="product", id=random.choice(SKUS[SOLD:]), delete=True)


def _destination(config: dict[str, Any], journal: Journal) -> ShopifyDestination:
    return ShopifyDestination(
        ShopifyClient.from_config(config, connector="target-shopify", limiter_store=journal.buckets)
    )


def _told(effect: Mapping[str, Any]) -> str | None:
    parcels = effect["fields"].get("trackingInfo") or [{}]
    number: str | None = parcels[0].get("number")
    return number


BENCHES = [
    TapBench(
        name="tap-shopify",
        vendor="shopify",
        config=lambda stage: stage.config(TapShopify),
        prepare=_prepare,
        change=_change,
        remove=_remove,
        shrink=tuple(_pages()),
        whole=frozenset({"locations"}),
        secrets=("sandbox-secret", "shpat_"),
        problems=shopify_problems,
        paged={"bulk": "never"},
        acts=(_changed, _changed, _changed, _changed, _placed, _deleted),
        without={"unknown_fields": "GraphQL answers hold what was asked for, and no field more"},
    ),
    TargetBench(
        name="target-shopify",
        vendor="shopify",
        config=lambda url: {
            "api_url": f"{url}/shopify",
            "access_token": STATIC_TOKEN,
            "share": 1,
            "restore_rate": 1000,
        },
        destination=_destination,
        creates=shopify_creates,
        made=_told,
        secrets=(STATIC_TOKEN,),
        under={
            "revoked": {
                "access_token": None,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            }
        },
    ),
]
