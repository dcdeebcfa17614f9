"""A warehouse that speaks files, switched on by its documented entries: orders go, parcels come."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loop.harness import ROOT, Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop
LAYOUTS = "taps/wms_sftp/layouts"

#: What docs/warehouses-and-carriers.md says to change in meltano.yml, before and after.
ENTRIES = {
    "CROSSDOCK_INSTANCES: ": "CROSSDOCK_INSTANCES: wms_sftp:main ",
    "CROSSDOCK_WAREHOUSES: shiphero": "CROSSDOCK_WAREHOUSES: wms_sftp",
    "    - tap-shiphero target-duckdb\n": "    - tap-shiphero target-duckdb\n"
    "    - tap-wms-sftp target-duckdb\n",
    "    - plan-hubspot target-hubspot\n": "    - plan-hubspot target-hubspot\n"
    "    - plan-wms-sftp target-wms-sftp\n",
}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with playing(tmp_path / "project", small_world()) as found:
        found.switch_on(ENTRIES)
        shutil.copytree(ROOT / LAYOUTS, found.folder / LAYOUTS)
        names = found.folder / "transform/dbt/seeds/warehouse_names.csv"
        names.write_text(names.read_text() + "wms_sftp:main,WH1,Main warehouse\n")
        checked = found.run("crossdock", "check", "--fix")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        yield found


def accepted(loop: Loop) -> Counter[str]:
    """Order to how many of its lines the warehouse took on."""
    effects: list[dict[str, Any]] = loop.effects()
    return Counter(str(e["external_id"]) for e in effects if e["object"] == "order_line")


def test_orders_go_as_files_and_parcels_come_back(loop: Loop) -> None:
    for _ in range(3):
        loop.sync()
        loop.post("/_sandbox/advance", {"hours": 1})
    assert accepted(loop) == {f"shop_{o.order_id}": 1 for o in loop.world.orders}
    assert loop.wms_orders() == []
    statuses = loop.fetch(
        "select distinct gate_result, wms_status from canonical.fulfillment_requests"
    )
    assert statuses == [("sent", "open")]

    loop.post("/_sandbox/advance", {"hours": 48})
    for _ in range(2):
        loop.sync()
    assert accepted(loop) == {f"shop_{o.order_id}": 1 for o in loop.world.orders}
    assert loop.fetch("select distinct status from canonical.orders") == [("shipped",)]
    shipped = [
        o["properties"]["hs_shipping_tracking_number"]
        for o in loop.crm("orders")
        if o["properties"].get("hs_fulfillment_status") == "shipped"
    ]
    assert len(shipped) == len(loop.world.orders)
    assert all(shipped)
    assert loop.plan()["operations"] == []
