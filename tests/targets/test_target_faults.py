"""Both destinations under delivery, while the vendor misbehaves: every effect exactly once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from crossdock.http.errors import VendorDown
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, from_row
from crossdock.operation import Destination, Operation
from crossdock.target import Delivery
from taps.hubspot.client import HubSpotClient
from taps.shiphero.client import ShipHeroClient
from targets.hubspot.check import check
from targets.hubspot.destination import HubSpotDestination
from targets.shiphero.destination import ShipHeroDestination
from tests.targets.conftest import Sandbox, operation
from tests.targets.test_hubspot_destination import CONFIG
from tests.targets.test_shiphero_destination import CREDENTIALS, order

SYNC = "sync_test"
COUNT = 12

FAULTS: dict[str, dict[str, Any]] = {
    "answers get lost": {"kind": "lost_answer", "every": 3},
    "answers get lost behind a 503": {"kind": "lost_answer", "every": 3, "status": 503},
    "requests get lost": {"kind": "drop_before", "every": 3},
    "a gateway answers": {"kind": "status", "every": 3, "status": 502},
    "answers are no JSON": {"kind": "garbage", "every": 3},
    "too many requests": {"kind": "status", "every": 4, "status": 429},
}


@pytest.fixture(params=["hubspot", "shiphero"])
def vendor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def destination(vendor: str, sandbox: Sandbox, journal: Journal) -> Destination:
    url = f"{sandbox.url}/{vendor}"
    if vendor == "shiphero":
        config = {**CREDENTIALS, "api_url": url}
        return ShipHeroDestination(
            ShipHeroClient.from_config(config, connector="t", limiter_store=journal.buckets)
        )
    config = {**CONFIG, "api_url": url}
    assert all(finding.ok for finding in check(config, fix=True))
    hubspot = HubSpotDestination(
        HubSpotClient.from_config(config, connector="t", limiter_store=journal.buckets)
    )
    hubspot.batch_size = lambda object_name, action: 2  # type: ignore[method-assign]
    return hubspot


def wanted(vendor: str) -> list[Operation]:
    found = []
    for number in range(1, COUNT + 1):
        item = order(number).operation
        match, values = dict(item.match), dict(item.set)
        if vendor == "hubspot":
            match = {"crossdock_order_id": item.key}
            values = {**match, "hs_order_name": f"#{number}", "hs_total_price": "12.50"}
        found.append(
            operation(
                "create",
                key=item.key,
                sync=SYNC,
                destination=f"{vendor}:main",
                match=match,
                set=values,
            )
        )
    return found


def run(destination: Destination, journal: Journal, operations: list[Operation]) -> Delivery:
    journal.operations.write_plan("run", [Planned(o, dict(o.set)) for o in operations], ())
    rows = journal.operations.get([o.op_key for o in operations])
    going = [r for r in rows.values() if r["state"] in (states.PLANNED, states.UNKNOWN)]
    delivery = Delivery(destination, journal, "run", rollout="live")
    delivery.deliver([from_row(row) for row in going])
    return delivery


def counts(journal: Journal, vendor: str) -> dict[str, int]:
    return journal.operations.counts("run")[SYNC, f"{vendor}:main"]


def creates(sandbox: Sandbox, vendor: str) -> Counter[str]:
    name = {"hubspot": "crossdock_order_id", "shiphero": "partner_order_id"}[vendor]
    found = (e["fields"].get(name) for e in sandbox.effects(vendor) if e["operation"] == "create")
    return Counter(key for key in found if key)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_effect_happens_once(
    fault: str, vendor: str, sandbox: Sandbox, destination: Destination, journal: Journal
) -> None:
    operations = wanted(vendor)
    match = {"hubspot": "batch/create", "shiphero": "order_create"}[vendor]
    sandbox.faults({"vendor": vendor, "match": match, **FAULTS[fault]})
    for _ in range(4):
        run(destination, journal, operations)
        if counts(journal, vendor) == {"acknowledged": COUNT}:
            break
    assert counts(journal, vendor) == {"acknowledged": COUNT}
    assert creates(sandbox, vendor) == {o.key: 1 for o in operations}


def test_a_vendor_that_is_down_is_caught_up_with(
    vendor: str, sandbox: Sandbox, destination: Destination, journal: Journal
) -> None:
    operations = wanted(vendor)
    sandbox.faults({"vendor": vendor, "kind": "down", "after": 5})
    assert isinstance(run(destination, journal, operations).stopped, VendorDown)
    assert states.IN_FLIGHT not in counts(journal, vendor)
    sandbox.faults()
    assert run(destination, journal, operations).stopped is None
    assert counts(journal, vendor) == {"acknowledged": COUNT}
    assert creates(sandbox, vendor) == {o.key: 1 for o in operations}
