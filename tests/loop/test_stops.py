"""The shop changes its mind after sending: cancelled, held, let go, and too late for any of it."""

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
        found.sync()
        yield found


def in_shop(loop: Loop, number: str, **values: Any) -> None:
    loop.post(
        "/_sandbox/edit", {"vendor": "shopify", "object": "order", "id": number, "set": values}
    )


def writes(loop: Loop, since: int) -> list[tuple[str, str]]:
    """What we changed in the WMS since: operation and order."""
    return [
        (e["operation"], str(e["external_id"]))
        for e in loop.effects(since)
        if e["vendor"] == "shiphero"
    ]


def in_wms(loop: Loop, number: str) -> dict[str, Any]:
    [found] = [o for o in loop.wms_orders() if o["partner_order_id"] == f"shop_{number}"]
    return found


def exceptions(loop: Loop) -> set[tuple[str, str]]:
    return set(
        loop.fetch(
            "select source_order_id, kind from canonical.order_exceptions"
            " inner join canonical.orders using (order_id)"
        )
    )


def crm_status(loop: Loop, number: str) -> str:
    [found] = [
        o["properties"]["hs_fulfillment_status"]
        for o in loop.crm("orders")
        if o["properties"].get("hs_external_order_id") == f"shop_{number}"
    ]
    return str(found)


def test_cancelled_held_and_let_go(loop: Loop) -> None:
    loop.sync()  # it reads what the warehouse made of the orders
    since = loop.last_effect
    in_shop(loop, "7001", cancelled=True)
    in_shop(loop, "7002", hold_reason="HIGH_RISK_OF_FRAUD")
    loop.sync("orders")  # the minute job is quick enough for the floor
    assert sorted(writes(loop, since)) == [("cancel", "shop_7001"), ("hold", "shop_7002")]
    assert in_wms(loop, "7001")["fulfillment_status"] == "canceled"

    since = loop.last_effect
    loop.sync()
    assert writes(loop, since) == []
    assert crm_status(loop, "7001") == "cancelled"
    assert exceptions(loop) == {("shop_7002", "hold_after_sending")}

    since = loop.last_effect
    in_shop(loop, "7002", hold_reason="")
    loop.sync()
    assert writes(loop, since) == [("hold", "shop_7002")]
    assert exceptions(loop) == set()
    since = loop.last_effect
    loop.sync()
    assert writes(loop, since) == []
    assert loop.plan()["operations"] == []

    # All but the cancelled one leave.
    loop.post("/_sandbox/advance", {"hours": 48})
    loop.sync()
    shipped = {o["partner_order_id"] for o in loop.wms_orders() if o["shipments"]}
    assert shipped == {"shop_7002", "shop_7003", "shop_7004", "shop_7005"}


def test_too_late_is_for_a_person(loop: Loop) -> None:
    loop.post("/_sandbox/advance", {"hours": 48})
    since = loop.last_effect
    in_shop(loop, "7001", cancelled=True)
    in_shop(loop, "7002", hold_reason="HIGH_RISK_OF_FRAUD")
    for _ in range(2):
        loop.sync()
    assert writes(loop, since) == []
    assert in_wms(loop, "7001")["fulfillment_status"] == "fulfilled"
    assert ("shop_7001", "intercept") in exceptions(loop)
    [(status,)] = loop.fetch(
        "select status from canonical.orders where source_order_id = 'shop_7001'"
    )
    assert status == "shipped"
    assert crm_status(loop, "7001") == "shipped"
    since = loop.last_effect
    loop.sync()
    assert writes(loop, since) == []
    assert loop.plan()["operations"] == []
