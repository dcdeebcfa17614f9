"""tap-shiphero."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from taps.shiphero import streams
from taps.shiphero.client import ShipHeroClient
from taps.shiphero.tap import TapShipHero
from targets.shiphero.destination import ShipHeroDestination
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.conformance.churn import SKUS
from tests.conformance.graphql import shiphero_problems
from tests.conformance.operations import shiphero_creates
from tests.taps.played import CREATE_ORDER, PRODUCTS

if TYPE_CHECKING:
    from random import Random

    from crossdock.journal import Journal


def _prepare(stage: Stage) -> None:
    """Orders and a count; what has been shipped could not be changed any more."""
    stage.send_to_wms(*range(1000, 1006))
    count = {"on_hand": 7, "reason": "count"}
    stage.edit("shiphero", "warehouse_product", number=PRODUCTS[2], set=count)


def _change(stage: Stage, number: int, text: str) -> None:
    where = {"shipping_address.address2": text}
    stage.edit("shiphero", "order", number=f"shop_{1000 + number % 6}", set=where)


def _remove(stage: Stage) -> str:
    stage.edit("shiphero", "order", number="shop_1003", set={"deleted": True})
    return "orders"


def _settings(url: str) -> dict[str, Any]:
    return {
        "api_url": f"{url}/shiphero",
        "username": "sandbox@crossdock.test",
        "password": "sandbox",
        "share": 1,
    }


def _destination(config: dict[str, Any], journal: Journal) -> ShipHeroDestination:
    return ShipHeroDestination(
        ShipHeroClient.from_config(
            config, connector="target-shiphero", limiter_store=journal.buckets
        )
    )


def _changed(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, "order", set={"shipping_address.address2": f"floor {number}"})


def _deleted(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, "order", set={"deleted": True})


def _counted(stage: Stage, random: Random, number: int) -> None:
    assert stage.sandbox is not None
    sku = random.choice(stage.sandbox.world.products).sku
    change = {"on_hand": number, "reason": "count"}
    stage.edit_at_once("shiphero", object="warehouse_product", number=sku, set=change)


def _added(stage: Stage, random: Random, number: int) -> None:
    new = {"create": True, "name": f"New {number}"}
    stage.edit_at_once("shiphero", object="product", number=f"NEW-{number}", set=new)


def _edit(stage: Stage, random: Random, kind: str, **change: Any) -> None:
    """Somebody changes a record, if it is still there."""
    with suppress(EditError):
        number = f"shop_{10_000 + random.randrange(100)}"
        stage.edit_at_once("shiphero", object=kind, number=number, **change)


def _populate(stage: Stage, count: int) -> None:
    config = _settings(stage.url)
    with ShipHeroClient.from_config(config, connector="test") as client:
        for number in range(10_000, 10_000 + min(count, 100)):
            data = {
                "order_number": str(number),
                "partner_order_id": f"shop_{number}",
                "shop_name": "crossdock-main",
                "shipping_address": {"first_name": "Ada", "address1": "Lange Straße 5"},
                "line_items": [
                    {"sku": SKUS[0], "quantity": 1, "price": "4.50", "partner_line_item_id": "1"}
                ],
            }
            client.execute(CREATE_ORDER, {"data": data}, stream="orders", write=True)


BENCHES = [
    TapBench(
        name="tap-shiphero",
        vendor="shiphero",
        config=lambda stage: stage.config(TapShipHero),
        change=_change,
        prepare=_prepare,
        shrink=tuple((stream, "page_size", 4) for stream in streams.STREAMS),
        whole=frozenset({"warehouses"}),
        secrets=("sandbox-password", "sandbox-refresh"),
        problems=shiphero_problems,
        remove=_remove,
        # Credits bound what it reads; test_tap_shiphero_moving.py makes 10,000 with larger pages.
        most_changes=3_000,
        acts=(_changed, _changed, _counted, _deleted, _added),
        populate=_populate,
        empty=frozenset({"shipments", "returns"}),
        without={
            "unknown_fields": "GraphQL answers hold what was asked for, and no field more",
        },
    ),
    TargetBench(
        name="target-shiphero",
        vendor="shiphero",
        config=_settings,
        destination=_destination,
        creates=shiphero_creates,
        made=lambda effect: effect["fields"].get("partner_order_id"),
    ),
]
