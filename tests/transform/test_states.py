"""Where an order is: whatever came late, twice, or in another order, it ends in the same place."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from tests.transform import raw, records
from tests.transform.conftest import Warehouse
from tests.transform.records import MAIN, gid, line, order, request

Record = dict[str, Any]
# (account, stream, id, version, record): of the versions that came in, the newest is what is there.
Arrival = tuple[str, str, str, int, Record]

MODELS = (
    "+orders",
    "+order_lines",
    "+order_status_history",
    "+order_exceptions",
    "+sync_shiphero__orders",
)
CHECKS = (
    "line_quantities_add_up", "sent_lines_are_open_in_the_wms", "the_shop_waits_for_what_is_open",
    "the_history_ends_where_the_order_is", "shop_requests_are_sent_or_held",
)  # fmt: skip
SHOP, WMS = "shopify:main", "shiphero:main"


def build(made: Warehouse, **settings: str) -> None:
    """The models that say where an order is, and what holds of them."""
    skipped = [w for kind in ("unit_test", "test") for w in ("--exclude-resource-type", kind)]
    made.dbt("build", "--select", *MODELS, *skipped, **settings)


def check(made: Warehouse) -> None:
    made.dbt("test", "--select", *CHECKS)


def shop_order(number: int, version: int, lines: list[Record], **other: Any) -> Arrival:
    at = f"2026-11-01T{9 + version:02}:00:00Z"
    return SHOP, "orders", f"O{number}", version, order(number, lines, updatedAt=at, **other)


def asked(number: int, of: Record, lines: list[Record] | None = None, **other: Any) -> Arrival:
    record = request(number, of, lines, **other)
    return SHOP, "fulfillment_orders", f"R{number}", 1, record


def in_wms(number: int, version: int, status: str, *, picked: int = 0, **other: Any) -> Arrival:
    """The WMS's order of the request with this number, one unit."""
    record = records.wms_order(f"shop_{number}", [(str(number * 10), "A", 1)])
    record |= {"fulfillment_status": status, "updated_at": f"2026-11-02T{version:02}:00:00Z"}
    record["line_items"][0] |= {"tote_picks": [{"picked_quantity": picked}]} | other
    return WMS, "orders", f"W{number}", version, record


def parcel(number: int, version: int, *, left: bool, delivered: bool = False) -> Arrival:
    of = records.wms_order(f"shop_{number}", [(str(number * 10), "A", 1)])
    record = records.shipment(of, completed=left)
    record["shipping_labels"][0]["delivered"] = delivered
    return WMS, "shipments", f"S{number}", version, record


def plain(number: int) -> list[Arrival]:
    """Placed, paid, asked for, taken on, picked, labelled, gone, delivered."""
    lines = [line(number * 10)]
    first = shop_order(number, 1, lines, displayFinancialStatus="PENDING")
    return [
        first, shop_order(number, 2, lines), asked(number, first[4]),
        in_wms(number, 1, "pending"), in_wms(number, 2, "pending", picked=1),
        parcel(number, 1, left=False), parcel(number, 2, left=True),
    ]  # fmt: skip


def cancelled_while_picking(number: int) -> list[Arrival]:
    """Picked, cancelled in the shop, let go by the warehouse."""
    lines = [line(number * 10)]
    first = shop_order(number, 1, lines)
    cancelled = {"cancelledAt": "2026-11-03T10:00:00Z", "displayFinancialStatus": "VOIDED"}
    return [
        first, asked(number, first[4]), in_wms(number, 1, "pending"),
        in_wms(number, 2, "pending", picked=1), in_wms(number, 3, "canceled"),
        shop_order(number, 2, [line(number * 10, currentQuantity=0)], **cancelled),
    ]  # fmt: skip


def exchanged(number: int) -> list[Arrival]:
    """Shipped whole, then a line is added, which nobody has shipped."""
    old, new = line(number * 10), line(number * 10 + 1)
    first = shop_order(number, 1, [old])
    return [
        first, shop_order(number, 2, [old, new]), asked(number, first[4], [old]),
        asked(number + 5000, first[4], [new]), in_wms(number, 1, "fulfilled", quantity_shipped=1),
        parcel(number, 1, left=True),
    ]  # fmt: skip


STORIES = {"shipped": plain, "cancelled": cancelled_while_picking, "partially_shipped": exchanged}


@dataclass
class Raw:
    """What has come in so far, as the loader keeps it."""

    newest: dict[tuple[str, str, str], tuple[int, Record]] = field(default_factory=dict)

    def take(self, arrival: Arrival) -> None:
        account, stream, name, version, record = arrival
        held = self.newest.get((account, stream, name))
        if held is None or held[0] <= version:
            self.newest[account, stream, name] = version, record

    def write(self, made: Warehouse) -> None:
        streams: dict[str, dict[str, list[Record]]] = {}
        for (account, stream, _), (_, record) in self.newest.items():
            streams.setdefault(account, {}).setdefault(stream, []).append(record)
        streams.setdefault(WMS, {}).update(
            products=[records.product(sku) for sku in "AB"], warehouses=records.warehouse(MAIN)
        )
        for account, tables in streams.items():
            raw.write(made.path, account, tables)


def test_in_whatever_order_it_comes_in_an_order_ends_in_the_same_place(
    warehouse: Callable[..., Warehouse],
) -> None:
    """Seventy orders of each story, each in an order of its own, in part twice, over six runs."""
    chance, numbers = random.Random(20), count(1)
    ends: dict[int, str] = {}
    runs: list[list[Arrival]] = [[] for _ in range(6)]
    for end, story in STORIES.items():
        for _ in range(70):
            number = next(numbers)
            ends[number] = end
            arrivals = story(number)
            arrivals += chance.sample(arrivals, chance.randrange(3))
            chance.shuffle(arrivals)
            cuts = sorted(chance.randrange(6) for _ in arrivals)
            for cut, arrival in zip(cuts, arrivals, strict=True):
                runs[cut].append(arrival)
    made, landed = warehouse(), Raw()
    for arrivals in runs:
        for arrival in arrivals:
            landed.take(arrival)
        landed.write(made)
        build(made)
    found = made.rows("select cast(source_id as integer), status from canonical.orders")
    assert {n: s for n, s in found if ends[n] != s} == {}
    assert len(found) == len(ends) == 210
    check(made)
    # Whoever went somewhere went there by a legal change, and nobody went back.
    moves = set(made.rows(
        "select from_status, to_status from canonical.order_status_history where is_moved "
        "and from_status is not null"
    ))  # fmt: skip
    legal = set(made.rows("select from_status, to_status from seeds.status_transitions"))
    assert moves
    assert moves <= legal
    assert made.rows(
        "select count(*), count(distinct event_id) from canonical.events"
    ) == made.rows("select count(distinct event_id), count(*) from canonical.events")


@pytest.fixture(scope="module")
def story(warehouse: Callable[..., Warehouse]) -> Iterator[Callable[..., Warehouse]]:
    """One warehouse, one number for each case, run after run."""
    made, landed = warehouse(), Raw()

    def run(*arrivals: Arrival) -> Warehouse:
        for arrival in arrivals:
            landed.take(arrival)
        landed.write(made)
        build(made)
        return made

    yield run


def statuses(made: Warehouse) -> dict[str, str]:
    return dict(made.rows("select source_id, status from canonical.orders"))


def exceptions(made: Warehouse) -> dict[str, list[str]]:
    return dict(made.rows(
        "select o.source_id, list(e.kind order by e.rank) from canonical.order_exceptions as e "
        "join canonical.orders as o using (order_id) group by all"
    ))  # fmt: skip


def test_shop_and_warehouse_disagree(story: Callable[..., Warehouse]) -> None:
    """Cancel while picking, edit after picking, refund after shipping, moved, refused, unknown."""
    numbers = range(1, 11)
    first = {n: shop_order(n, 1, [line(n * 10)]) for n in numbers}
    made = story(
        *first.values(),
        *(asked(n, first[n][4]) for n in numbers),
        *(in_wms(n, 1, "pending") for n in numbers),
    )
    assert set(statuses(made).values()) == {"sent_to_wms"}
    assert exceptions(made) == {}
    check(made)

    off = {"cancelledAt": "2026-11-03T10:00:00Z", "displayFinancialStatus": "VOIDED"}
    gone = [line(n * 10, currentQuantity=0) for n in range(11)]
    made = story(
        shop_order(1, 2, [gone[1]], **off), in_wms(1, 2, "pending", picked=1),
        shop_order(2, 2, [gone[2]], **off), in_wms(2, 2, "fulfilled", quantity_shipped=1),
        parcel(2, 1, left=True),
        shop_order(3, 2, [gone[3]]), in_wms(3, 2, "pending", picked=1),
        shop_order(4, 2, [gone[4]], displayFinancialStatus="REFUNDED"),
        in_wms(4, 2, "fulfilled", quantity_shipped=1), parcel(4, 1, left=True),
        (SHOP, "fulfillment_orders", "R5", 2, request(5, first[5][4], location="Elsewhere")),
        in_wms(6, 2, "canceled"),
        in_wms(7, 2, "Waiting for Bob"),
        shop_order(8, 2, [line(80)], displayFinancialStatus="PENDING"),
        in_wms(9, 2, "pending", quantity_allocated=0, backorder_quantity=1),
        in_wms(10, 2, "fulfilled", quantity_shipped=1),
    )  # fmt: skip
    assert statuses(made) == {
        "1": "cancel_requested", "2": "shipped", "3": "picked", "4": "shipped", "5": "sent_to_wms",
        "6": "cancelled", "7": "sent_to_wms", "8": "sent_to_wms", "9": "backordered",
        "10": "packed",
    }  # fmt: skip
    assert exceptions(made) == {
        "1": ["cancel_refused"], "2": ["intercept"], "3": ["edit_after_picking"],
        "5": ["moved_after_sending"], "6": ["cancelled_in_wms"], "7": ["unknown_wms_status"],
        "8": ["hold_after_sending"],
    }  # fmt: skip
    # The warehouse keeps what it has, where it has it.
    assert made.rows(
        "select gate_result, warehouse_instance, wanted_warehouse_instance "
        "from canonical.fulfillment_requests where source_id = '5'"
    ) == [("sent", WMS, None)]
    quantities = made.rows(
        "select l.source_id, cancelled_quantity, open_quantity, shipped_quantity "
        "from canonical.order_lines as l where l.source_id in ('10', '20', '30', '40') order by 1"
    )
    assert quantities == [("10", 0, 1, 0), ("20", 0, 0, 1), ("30", 0, 1, 0), ("40", 0, 0, 1)]
    check(made)

    # What is contradicted later moves nothing back, and somebody is told.
    made = story(in_wms(4, 3, "pending"), parcel(4, 2, left=False), in_wms(1, 3, "canceled"))
    assert (statuses(made)["4"], statuses(made)["1"]) == ("shipped", "cancelled")
    assert exceptions(made)["4"] == ["edit_after_sending", "status_contradicted"]
    assert made.rows(
        "select from_status, to_status, verdict, is_legal from canonical.order_status_history "
        "join canonical.orders using (order_id) where orders.source_id = '4' "
        "order by sequence desc limit 1"
    ) == [("shipped", "sent_to_wms", "late", False)]


def test_a_channel_comes_and_goes_without_an_edit(warehouse: Callable[..., Warehouse]) -> None:
    """Without any channel, with two of which one has no account, and with one."""
    for channels in ("", "shopify mailbox", "shopify"):
        made = warehouse(CROSSDOCK_CHANNELS=channels, CROSSDOCK_WAREHOUSES="shiphero wms_sftp")
        one = shop_order(1, 1, [line(10)])
        landed = Raw()
        for arrival in (one, asked(1, one[4])):
            landed.take(arrival)
        landed.write(made)
        build(made)
        sent = made.rows("select partner_order_id from sync.sync_shiphero__orders")
        assert sent == ([("shop_1",)] if channels else [])


def test_the_same_number_in_two_shops_is_two_orders(
    warehouse: Callable[..., Warehouse],
) -> None:
    """Shipped in one shop is not shipped in the other."""
    made = warehouse()
    one = order(1, [line(10)])
    twin = order(1, [line(10)], currencyCode="EUR")
    held = records.wms_order("shop_1", [("10", "A", 1)])
    raw.write(made.path, SHOP, {"orders": [one], "fulfillment_orders": [request(1, one)]})
    raw.write(made.path, "shopify:eu", {"orders": [twin], "fulfillment_orders": [request(1, twin)]})
    raw.write(
        made.path,
        WMS,
        {
            "products": [records.product("A")],
            "warehouses": records.warehouse(MAIN),
            "orders": [held],
            "shipments": [records.shipment(held)],
        },
    )
    build(made)
    assert made.rows(
        "select source_order_id, status, currency from canonical.orders order by 1"
    ) == [("eu_1", "paid", "EUR"), ("shop_1", "shipped", "USD")]
    items = made.rows("select partner_order_id, line_items from sync.sync_shiphero__orders")
    assert {number: len(json.loads(text)) for number, text in items} == {"eu_1": 1, "shop_1": 1}
    assert gid("Order", 1) == one["id"] == twin["id"]
