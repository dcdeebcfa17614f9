"""Northwind, Microsoft's sample company: real names, no e-mail addresses, known sums."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.world_files import load
from tests.loop.harness import Loop, playing

pytestmark = [pytest.mark.loop, pytest.mark.reference]


@pytest.fixture(scope="module")
def world(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """The world at rest."""
    played = load(reference / "data" / "worlds" / "northwind")
    with playing(tmp_path_factory.mktemp("northwind"), played) as loop:
        loop.demo.until_quiet()
        yield loop


def test_it_takes_at_most_four_loops(world: Loop) -> None:
    assert world.demo.loops <= 4


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select count(*) from canonical.customers", 91),
        ("select count(*) from canonical.items", 77),
        ("select count(*) from canonical.orders", 830),
        ("select count(*) from canonical.order_lines", 2155),
        ("select sum(line_total) from canonical.order_lines", Decimal("1265793.29")),
        ("select sum(shipping_total) from canonical.orders", Decimal("64942.69")),
        ("select sum(on_hand) from canonical.inventory_levels", 3119),
        ("select count(distinct order_id) from canonical.fulfillments", 809),
    ],
)
def test_canonical_holds_exactly_what_the_company_has(
    world: Loop, sql: str, expected: object
) -> None:
    assert world.fetch(sql)[0][0] == expected


def test_the_wms_holds_each_order_once(world: Loop) -> None:
    orders = world.wms_orders()
    assert len(orders) == len({o["partner_order_id"] for o in orders}) == 830


def test_the_crm_holds_every_customer_and_order_once(world: Loop) -> None:
    contacts, orders = world.crm("contacts"), world.crm("orders")
    assert len(contacts) == 91
    assert all(c["properties"].get("crossdock_customer_id") for c in contacts)
    assert len(orders) == len({o["properties"]["hs_external_order_id"] for o in orders}) == 830
    shipped = [o for o in orders if o["properties"]["hs_fulfillment_status"] == "shipped"]
    assert len(shipped) == 809
    assert all(o["properties"]["crossdock_carrier"] for o in shipped)
    assert all(o["properties"]["hs_shipping_tracking_number"] for o in shipped)


def test_again_with_nothing_changed_writes_nothing(world: Loop) -> None:
    before = world.last_effect
    done = world.meltano("sync")
    assert done.returncode == 0, done.stdout[-2000:]
    assert world.effects(before) == []
    assert world.plan() == {"operations": []}
