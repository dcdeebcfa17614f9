"""A shop that is told what left, switched on by its documented entries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loop.harness import Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop

#: What docs/warehouses-and-carriers.md says to change in meltano.yml, before and after.
ENTRIES = {
    'CROSSDOCK_TOLD_CHANNELS: ""': "CROSSDOCK_TOLD_CHANNELS: shopify",
    "    - plan-hubspot target-hubspot\n": "    - plan-hubspot target-hubspot\n"
    "    - plan-shopify target-shopify\n"
    "    - plan-shopify-eu target-shopify-eu\n",
}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with playing(tmp_path / "project", small_world()) as found:
        found.switch_on(ENTRIES)
        checked = found.run("crossdock", "check", "--fix")
        assert checked.returncode == 0, checked.stdout
        assert "scope write_merchant_managed_fulfillment_orders" in checked.stdout
        yield found


def told(loop: Loop) -> list[dict[str, Any]]:
    """What we told the shops, in order."""
    found = loop.get("/_sandbox/effects?since=0")["effects"]
    return [e for e in found if e["vendor"].startswith("shopify") and e["actor"] == "api"]


def test_the_shop_hears_of_each_parcel_once(loop: Loop) -> None:
    loop.sync()
    assert told(loop) == []  # nothing has left
    for hours in (24, 48):
        loop.post("/_sandbox/advance", {"hours": hours})
        loop.sync()
    effects = told(loop)
    packages = loop.fetch(
        "select order_number, tracking_number from canonical.fulfillment_packages"
        " inner join canonical.orders using (order_id)"
        " where is_shipped and not is_voided order by 1, 2"
    )
    assert packages
    numbers = [p["number"] for e in effects for p in e["fields"]["trackingInfo"]]
    assert sorted(numbers) == sorted(number for _, number in packages)
    assert {e["operation"] for e in effects} == {"create"}
    assert not any(e["fields"]["notifyCustomer"] for e in effects)

    # The shop counts those units as shipped now, and nothing is told twice.
    loop.sync()
    assert told(loop) == effects
    assert loop.plan()["operations"] == []
    [(wrong,)] = loop.fetch(
        "select count(*) from canonical.orders as o inner join canonical.order_lines as l"
        " using (order_id) where o.status = 'shipped' and l.open_quantity > 0"
    )
    assert wrong == 0
