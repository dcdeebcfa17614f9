"""The carriers' word, switched on by its documented entries: parcels are followed to the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loop.harness import Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop

#: What docs/warehouses-and-carriers.md says to change in meltano.yml, before and after.
ENTRIES = {
    "CROSSDOCK_INSTANCES: ": "CROSSDOCK_INSTANCES: easypost:main ",
    "    - tap-shiphero target-duckdb\n": "    - tap-shiphero target-duckdb\n"
    "    - tap-easypost target-duckdb\n",
    "    - plan-hubspot target-hubspot\n": "    - plan-hubspot target-hubspot\n"
    "    - plan-easypost target-easypost\n",
}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with playing(tmp_path / "project", small_world()) as found:
        found.switch_on(ENTRIES)
        checked = found.run("crossdock", "check", "--fix")
        assert checked.returncode == 0, checked.stdout
        yield found


def statuses(loop: Loop) -> set[tuple[str, str | None]]:
    return set(
        loop.fetch(
            "select tracking_status, shipped_at_source from canonical.fulfillment_packages"
            " where is_followed"
        )
    )


def test_parcels_are_followed_to_the_door(loop: Loop) -> None:
    loop.sync()
    loop.post("/_sandbox/advance", {"hours": 24})
    loop.sync()
    assert len(loop.wms_orders()) == len(loop.world.orders)
    loop.post("/_sandbox/advance", {"hours": 24 * 10})
    loop.sync()
    found = statuses(loop)
    assert ("delivered", "carrier") in found
    assert found <= {("delivered", "carrier"), ("returned_to_sender", "carrier")}
    [(parcels,)] = loop.fetch("select count(*) from canonical.fulfillment_packages")
    assert parcels == len(loop.world.orders)
    exceptions = loop.fetch("select distinct exception_type from canonical.fulfillment_exceptions")
    assert set(exceptions) <= {("returned_to_sender",)}

    # Each address was asked about once, and what the WMS had followed is left to it.
    asked = [e for e in loop.effects() if e["vendor"] == "easypost"]
    [(judged,)] = loop.fetch("select count(*) from canonical.address_verifications")
    assert {e["object"] for e in asked} == {"address"}
    assert len({e["fields"]["name"] for e in asked}) == len(asked) >= judged > 0

    # What was read again is no news.
    events = "select count(*) from canonical.events where event_type = 'tracking.update'"
    before = loop.fetch(events)
    loop.sync()
    assert loop.fetch(events) == before
    assert loop.plan()["operations"] == []
