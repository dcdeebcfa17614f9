"""The built-in world, played to its rest, ends as its table says; then it stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.builtin import builtin_world
from tests.loop.harness import Loop, playing

pytestmark = pytest.mark.loop


@dataclass(frozen=True)
class Expected:
    """One line of the table: requests by result, orders in the WMS, status in the CRM."""

    case: str
    requests: tuple[str, ...]
    wms: int
    crm: str | None
    parcels: int | None = None


TABLE = [
    Expected("plain paid order", ("sent",), 1, "shipped", 1),
    Expected("same person in shop and CRM, spelled differently", ("sent",), 1, "shipped", 1),
    Expected("guest without e-mail", ("sent",), 1, "shipped"),
    Expected("guest with phone only", ("sent",), 1, "shipped"),
    Expected("kit", ("sent",), 1, "shipped"),
    Expected("unmapped SKU", ("unmapped_sku",), 0, "held"),
    Expected("unmapped SKU, mapped before the second loop", ("sent",), 1, "shipped"),
    Expected("test order", ("test",), 0, None),
    Expected("unpaid", ("unpaid",), 0, "placed"),
    Expected("cancelled before sending", ("cancelled",), 0, "cancelled"),
    Expected("on hold in the shop", ("channel_hold",), 0, "held"),
    Expected("pickup", ("no_shipping",), 0, "paid"),
    Expected("fulfilled before we came", ("already_fulfilled",), 0, "shipped"),
    Expected("before go-live", ("before_go_live",), 0, None),
    Expected("a line that needs no shipping beside one that does", ("sent",), 1, "shipped"),
    Expected("a line removed before sending", ("sent",), 1, "shipped"),
    Expected("refund after shipping", ("sent",), 1, "shipped"),
    Expected("two shipments, the second later", ("sent",), 1, "shipped", 2),
    Expected("three parcels at once", ("sent",), 1, "shipped", 3),
    Expected(
        "two locations, one of them served by no WMS of ours",
        ("not_ours", "sent"),
        1,
        "partially_shipped",
    ),
    Expected("ship-to line 2 changed in the shop before picking", ("sent",), 1, "shipped"),
    Expected("the same order number in a second shop", ("sent",), 1, "shipped"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """The world at rest."""
    with playing(tmp_path_factory.mktemp("builtin"), builtin_world(0)) as loop:
        loop.demo.write_decisions([vars(row) for row in loop.world.sku_map])
        loop.demo.until_quiet()
        yield loop


def source_ids(loop: Loop, case: str) -> list[str]:
    keys = loop.world.cases[case]
    prefixes = {"main": "shop"}
    return [f"{prefixes.get(instance, instance)}_{number}" for instance, number in keys]


def in_wms(loop: Loop, source_id: str) -> list[dict[str, Any]]:
    return [o for o in loop.wms_orders() if o["partner_order_id"].split("-")[0] == source_id]


def in_crm(loop: Loop, source_id: str) -> list[dict[str, Any]]:
    return [
        o["properties"]
        for o in loop.crm("orders")
        if o["properties"].get("hs_external_order_id") == source_id
    ]


@pytest.mark.parametrize("expected", TABLE, ids=lambda e: e.case)
def test_every_case_ends_as_the_table_says(world: Loop, expected: Expected) -> None:
    assert world.world.cases[expected.case]
    for source_id in source_ids(world, expected.case):
        requests = world.fetch(
            "select gate_result from canonical.fulfillment_requests join canonical.orders"
            f" using (order_id) where source_order_id = '{source_id}'"
        )
        assert tuple(sorted(r[0] for r in requests)) == expected.requests, source_id
        assert len(in_wms(world, source_id)) == expected.wms, source_id
        held = in_crm(world, source_id)
        assert [h["hs_fulfillment_status"] for h in held] == (
            [expected.crm] if expected.crm else []
        ), source_id
        if expected.crm in ("shipped", "partially_shipped") and expected.wms:
            numbers = [n for n in held[0]["hs_shipping_tracking_number"].split(";") if n.strip()]
            assert len(set(numbers)) == len(numbers) > 0
            assert held[0]["crossdock_carrier"]
            if expected.parcels:
                assert len(numbers) == expected.parcels, source_id


def test_each_order_is_in_the_wms_once(world: Loop) -> None:
    orders = world.wms_orders()
    assert len({o["partner_order_id"] for o in orders}) == len(orders) > 900


def test_kits_are_exploded_into_components(world: Loop) -> None:
    kits = {row.channel_sku for row in world.world.sku_map if row.channel_sku.startswith("KIT")}
    skus = {line["sku"] for o in world.wms_orders() for line in o["line_items"]}
    assert kits
    assert not skus & kits
    assert skus <= {product.sku for product in world.world.products}


def test_lines_that_need_no_shipping_or_were_removed_do_not_go(world: Loop) -> None:
    for case in (
        "a line that needs no shipping beside one that does",
        "a line removed before sending",
    ):
        for source_id in source_ids(world, case):
            assert len(in_wms(world, source_id)[0]["line_items"]) == 1, source_id


def test_unmapped_skus_have_candidates(world: Loop) -> None:
    assert world.fetch("select count(*) from intermediate.int_sku_candidates")[0][0] > 0


def test_the_changed_line_2_reached_the_warehouse_in_one_update(world: Loop) -> None:
    for source_id in source_ids(world, "ship-to line 2 changed in the shop before picking"):
        order = in_wms(world, source_id)[0]
        assert order["shipping_address"]["address2"] == "Suite 5"
        updates = [
            e
            for e in world.effects()
            if e["vendor"] == "shiphero" and e["id"] == order["id"] and e["operation"] == "update"
        ]
        assert len(updates) == 1


def test_nobody_is_doubled_in_the_crm(world: Loop) -> None:
    contacts = world.crm("contacts")
    ours = [c for c in contacts if c["properties"].get("crossdock_customer_id")]
    created = [
        e
        for e in world.effects()
        if e["vendor"] == "hubspot" and e["object"] == "contact" and e["operation"] == "create"
    ]
    guests = {c for name, cs in world.world.cases.items() if name.startswith("guest") for c in cs}
    assert len(created) == len(guests)
    assert len(contacts) == len(world.world.customers) + world.world.strangers + len(guests)
    assert len(ours) == len(world.world.customers) + len(guests)


def test_each_crm_order_belongs_to_a_contact(world: Loop) -> None:
    orders = world.crm("orders")
    contacts = {c["id"] for c in world.crm("contacts")}
    assert orders
    for order in orders:
        assert len(order["associations"]["contacts"]) == 1
        assert order["associations"]["contacts"][0] in contacts


def test_the_checks_passed(world: Loop) -> None:
    assert world.status()["run"]["state"] == "ok"
    assert all(book["balanced"] for book in world.status()["books"])


def test_again_with_nothing_changed_writes_nothing(world: Loop) -> None:
    before = world.last_effect
    done = world.meltano("sync")
    assert done.returncode == 0, done.stdout[-2000:]
    assert world.effects(before) == []
    assert world.plan() == {"operations": []}
    assert world.meltano("orders").returncode == 0
    assert world.effects(before) == []


def test_line_2_changed_and_changed_back_is_one_write_each_time(world: Loop) -> None:
    instance, number = next(
        key
        for key in world.world.cases["never shipped"]
        if in_wms(world, f"{'shop' if key[0] == 'main' else key[0]}_{key[1]}")
    )
    original = next(
        o.ship_line2 for o in world.world.orders if (o.instance, o.order_id) == (instance, number)
    )
    for value in ("Hinterhaus 3", original or ""):
        before = world.last_effect
        edit = {"vendor": "shopify", "instance": instance, "object": "order", "id": number}
        world.post("/_sandbox/edit", {**edit, "set": {"shipping_address.address2": value}})
        assert world.meltano("sync").returncode == 0
        wrote = world.effects(before)
        assert sorted(e["vendor"] for e in wrote) == ["hubspot", "shiphero"]
        fields = {e["vendor"]: e["fields"] for e in wrote}
        assert set(fields["hubspot"]) == {"hs_shipping_address_street"}
        assert fields["shiphero"] == {"shipping_address": {"address2": value}}
    assert world.plan() == {"operations": []}
