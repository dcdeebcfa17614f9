"""People work in the CRM and in the WMS too: what is ours comes back, what is theirs stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loop.harness import Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with playing(tmp_path / "project", small_world()) as found:
        checked = found.run("crossdock", "check", "--fix")
        assert checked.returncode == 0, checked.stdout
        for _ in range(2):
            found.sync()
        yield found


def in_crm(loop: Loop, number: str) -> list[dict[str, Any]]:
    """The CRM's record of an order: none, if it was deleted."""
    return [
        order
        for order in loop.crm("orders")
        if order["properties"].get("hs_external_order_id") == f"shop_{number}"
    ]


def edit(loop: Loop, vendor: str, kind: str, found: str, **change: Any) -> None:
    loop.post("/_sandbox/edit", {"vendor": vendor, "object": kind, "id": found, **change})
    loop.post("/_sandbox/advance", {"hours": 0.1})  # the CRM's search tells of it a little later


def test_a_field_of_ours_comes_back_and_theirs_is_left_alone(loop: Loop) -> None:
    [order] = in_crm(loop, "7001")
    theirs = {"hs_order_note": "call before delivery"}
    edit(loop, "hubspot", "order", order["id"], set={"hs_total_price": "1.00", **theirs})
    [deleted] = in_crm(loop, "7002")
    edit(loop, "hubspot", "order", deleted["id"], archive=True)
    assert loop.meltano("intake", "model").returncode == 0
    [operation] = loop.plan()["operations"]
    assert operation["reason"].startswith("drift")
    assert operation["before"] == {"hs_total_price": "1.00"}
    assert list(operation["set"]) == ["hs_total_price"]

    since = loop.last_effect
    for _ in range(2):
        loop.sync()
    [effect] = loop.effects(since)
    assert list(effect["fields"]) == ["hs_total_price"]
    [after] = in_crm(loop, "7001")
    assert after["properties"]["hs_total_price"] == order["properties"]["hs_total_price"]
    assert after["properties"]["hs_order_note"] == theirs["hs_order_note"]
    # What a person deleted stays deleted, and is told.
    assert in_crm(loop, "7002") == []
    [book] = [b for b in loop.status()["books"] if b["sync"] == "sync_hubspot__orders"]
    assert book["blocked"] == {"gone": 1}


def test_both_sides_change_one_order_and_agree_within_two_runs(loop: Loop) -> None:
    [order] = in_crm(loop, "7003")
    street = {"hs_shipping_address_street": "1 Wrong Street"}
    edit(loop, "hubspot", "order", order["id"], set=street)
    loop.post("/_sandbox/advance", {"hours": 48})  # meanwhile the warehouse ships it
    for _ in range(2):
        loop.sync()
    [after] = in_crm(loop, "7003")
    held = after["properties"]
    assert held["hs_fulfillment_status"] == "shipped"
    assert held["hs_shipping_tracking_number"]
    name = "hs_shipping_address_street"
    assert held[name] == order["properties"][name]
    since = loop.last_effect
    loop.sync()
    assert loop.effects(since) == []
    assert loop.plan()["operations"] == []
