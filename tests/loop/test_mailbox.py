"""The mailbox channel, switched on by its documented entries: orders in, tracking back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.mailbox.partner import HEADINGS, Partner, csv_of, row
from tests.loop.harness import Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop

#: What docs/add-a-channel.md says to change in meltano.yml, before and after.
ENTRIES = {
    "CROSSDOCK_INSTANCES: ": "CROSSDOCK_INSTANCES: mailbox:main ",
    "CROSSDOCK_CHANNELS: shopify\n": "CROSSDOCK_CHANNELS: shopify mailbox\n",
    "    - tap-hubspot target-duckdb\n": "    - tap-hubspot target-duckdb\n"
    "    - tap-mailbox target-duckdb\n",
    "    - plan-hubspot target-hubspot\n": "    - plan-hubspot target-hubspot\n"
    "    - plan-mailbox target-mailbox\n",
}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with playing(tmp_path / "project", small_world()) as found:
        found.switch_on(ENTRIES)
        (found.settings.state_dir / "mailbox").mkdir(parents=True)
        checked = found.run("crossdock", "check", "--fix")
        assert checked.returncode == 0, checked.stdout
        assert "mailbox:main: outbox can be written to" in checked.stdout
        yield found


def ours(loop: Loop) -> dict[str, dict[str, Any]]:
    """The mailbox's orders in the WMS."""
    held = [o for o in loop.wms_orders() if o["partner_order_id"].startswith("mailbox_")]
    found = {o["partner_order_id"].removeprefix("mailbox_"): o for o in held}
    assert len(found) == len(held)
    return found


def test_orders_by_spreadsheet_and_mail_are_shipped_and_their_tracking_comes_back(loop: Loop):
    partner = Partner(loop.settings.state_dir / "mailbox")
    senders = loop.folder / "senders.yml"
    senders.write_text("senders: [orders@partner.example]\n")
    skus = [product.sku for product in loop.world.products]
    day = loop.world.ends_at.date().isoformat()
    partner.sends_csv("monday.csv", [row("A1", skus[0], 2, Date=day), row("A1", skus[1], Date=day)])
    partner.sends_xlsx("monday.xlsx", [row(4711, skus[0], Date=day)])
    partner.sends_csv("unpaid.csv", [row("U1", skus[0], Date=day, Payment="no")])
    attached = csv_of([HEADINGS, row("M1", skus[1], 3, Date=day)])
    partner.mails("new/1.M1.host", {"orders.csv": attached})
    env = {"TAP_MAILBOX_LAYOUT": str(senders)}

    loop.sync(**env)
    assert set(ours(loop)) == {"A1", "4711", "M1"}
    assert len(loop.wms_orders()) == 3 + len(loop.world.orders)
    lines = {(line["sku"], line["quantity"]) for line in ours(loop)["A1"]["line_items"]}
    assert lines == {(skus[0], 2), (skus[1], 1)}
    assert loop.fetch(
        "select gate_result from canonical.fulfillment_requests join canonical.orders"
        " using (order_id) where source_order_id = 'mailbox_U1'"
    ) == [("unpaid",)]
    assert partner.fetches() == []

    # The same mail again, the same order in another file: nothing is shipped twice.
    partner.mails("again.eml", {"orders.csv": attached})
    loop.post("/_sandbox/advance", {"hours": 24 * 30})
    loop.sync(**env)
    assert set(ours(loop)) == {"A1", "4711", "M1"}
    told = partner.fetches()
    assert {r["order_number"] for r in told} == set(ours(loop))
    parcels = loop.fetch(
        "select tracking_number from canonical.fulfillment_packages join canonical.orders"
        " using (order_id) where source_order_id like 'mailbox%' and is_shipped"
    )
    assert sorted(r["tracking_number"] for r in told) == sorted(number for (number,) in parcels)
    assert {r["carrier"] for r in told} != {""}
    statuses = loop.fetch(
        "select source_order_id, status from canonical.orders"
        " where source_order_id like 'mailbox%' order by 1"
    )
    assert statuses == [
        ("mailbox_4711", "shipped"),
        ("mailbox_A1", "shipped"),
        ("mailbox_M1", "shipped"),
        ("mailbox_U1", "placed"),
    ]

    # And then it is quiet, though the partner has taken its files.
    for _ in range(2):
        loop.sync(**env)
    assert partner.fetches() == []
    assert [o for o in loop.plan()["operations"] if o["destination"] == "mailbox:main"] == []
