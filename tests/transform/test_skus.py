"""What a SKU is: items from two systems, the map, kits taken apart once, and candidates."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.skus import Catalogue, abt_buy, hits, token_set
from tests.transform import raw, records
from tests.transform.conftest import Warehouse
from tests.transform.records import MAIN, gid, line, order, request

BAR = 92.0
"""Percent of the lines whose right item must be among the five candidates."""
UPC, SHARED = "012345678905", "4006381333931"


def variant(number: int, sku: str, title: str, **other: Any) -> dict[str, Any]:
    """A product of the shop with one variant."""
    weight = {"measurement": {"weight": {"unit": "KILOGRAMS", "value": "0.25"}}}
    return {
        "id": gid("Product", number),
        "title": title,
        "status": other.pop("status", "ACTIVE"),
        "updatedAt": records.PLACED,
        "variants": [
            {"id": gid("ProductVariant", number), "sku": sku, "inventoryItem": weight} | other
        ],
    }


def products() -> list[dict[str, Any]]:
    """What the warehouse keeps."""
    size = {"weight": "16", "length": "10", "width": "4.5", "height": ""}
    parts = [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2}]
    return [
        records.product("A", barcode=UPC, dimensions=size),
        records.product("B"),
        records.product("C", barcode=SHARED, name="Sea salt"),
        records.product("D", barcode=SHARED, name="Rock salt"),
        records.product("OLD", active=False),
        records.product("WMS-KIT", kit=True, kit_components=parts),
        records.product("b", name="Jam"),
    ]


ORDERS = {
    1: [line(10, "A-MARKET"), line(11, UPC)],
    2: [line(20, "OUR-KIT", 2), line(21, "A", 1)],
    3: [line(30, "WMS-KIT", 2)],
    4: [line(40, "TWO-CODES", title="Salt", variant={"barcode": SHARED})],
    5: [line(50, "NEVER-HEARD", title="Thing B in red")],
    6: [line(60, "OLD")],
}
DECIDED = (
    "shopify:main,A-MARKET,A,3", "shopify:eu,A-MARKET,B,1", ",OUR-KIT,A,1", ",OUR-KIT,B,2",
    ",WMS-KIT,A,1", ",WMS-KIT,B,2", ",NEVER-HEARD,GONE,1",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(warehouse: Callable[..., Warehouse]) -> Warehouse:
    """One shop and one warehouse, and what people have decided."""
    made = warehouse(CROSSDOCK_GO_LIVE_AT="2026-10-01T00:00:00Z")
    orders = {number: order(number, lines) for number, lines in ORDERS.items()}
    raw.write(
        made.path,
        "shopify:main",
        {
            "orders": list(orders.values()),
            "fulfillment_orders": [request(number, of) for number, of in orders.items()],
            "products": [
                variant(1, "A", "Thing A"),
                variant(2, "B", "Thing B", status="ARCHIVED"),
                variant(3, "TWO-CODES", "Salt", barcode=SHARED),
            ],
        },
    )
    raw.write(
        made.path,
        "shiphero:main",
        {
            "products": products(),
            "warehouse_products": [records.stock("A", 5, reorder_level=3)],
            "warehouses": records.warehouse(MAIN),
        },
    )
    made.decide(*DECIDED)
    build(made)
    return made


def build(made: Warehouse) -> None:
    """What leads to the warehouse's orders, and the kits."""
    select = ["+sync_shiphero__orders", "int_kit_components", "int_item_duplicates"]
    made.dbt("seed")
    made.dbt("run", "--select", *select)


def gate(made: Warehouse) -> dict[str, str]:
    rows = made.rows("select source_id, gate_result from canonical.fulfillment_requests")
    return dict(rows)


def sent(made: Warehouse) -> dict[str, list[tuple[str, str, int]]]:
    """Order to the lines that the warehouse gets."""
    rows = made.rows("select partner_order_id, line_items from sync.sync_shiphero__orders")
    return {
        name: [(i["partner_line_item_id"], i["sku"], i["quantity"]) for i in json.loads(items)]
        for name, items in rows
    }


def test_items_are_measured_in_one_set_of_units(shop: Warehouse) -> None:
    rows = shop.rows(
        "select sku, upc, cast(weight_g as varchar), cast(length_mm as varchar),"
        " cast(width_mm as varchar), height_mm, reorder_point from canonical.items"
        " where sku in ('A', 'B') order by 1"
    )
    assert rows == [
        ("A", UPC, "453.592", "254.0", "114.3", None, 3),
        ("B", None, "250.000", None, None, None, None),
    ]


def test_discontinued_is_a_flag_and_holds_nothing(shop: Warehouse) -> None:
    rows = shop.rows("select sku, active from canonical.items where discontinued order by 1")
    assert rows == [("B", True), ("OLD", False)]
    assert gate(shop)["6"] == "sent"


def test_doubles_are_listed_and_kept(shop: Warehouse) -> None:
    rows = shop.rows(
        "select problem, shared_value, string_agg(sku, ' ' order by sku)"
        " from intermediate.int_item_duplicates group by all order by 1"
    )
    assert rows == [("barcode", SHARED, "C D"), ("spelling", "b", "B b")]
    assert shop.rows("select count(*) from canonical.items") == [(7,)]


def test_a_barcode_on_two_skus_holds_the_order_and_names_both(shop: Warehouse) -> None:
    assert gate(shop)["4"] == "unmapped_sku"
    rows = shop.rows(
        "select sku, reason from intermediate.int_sku_candidates"
        " where channel_sku = 'TWO-CODES' order by candidate_rank"
    )
    assert rows[:2] == [("C", "barcode, as 1 more"), ("D", "barcode, as 1 more")]


def test_a_marketplace_sku_means_what_its_account_says(shop: Warehouse) -> None:
    assert sent(shop)["shop_1"] == [("10:A", "A", 3), ("11", "A", 1)]


def test_lines_that_share_a_component_stay_apart(shop: Warehouse) -> None:
    assert sent(shop)["shop_2"] == [("20:A", "A", 2), ("20:B", "B", 4), ("21", "A", 1)]


def test_a_kit_of_the_warehouse_goes_whole_and_the_contradiction_is_told(shop: Warehouse) -> None:
    assert sent(shop)["shop_3"] == [("30", "WMS-KIT", 2)]
    rows = shop.rows(
        "select sku, problem from intermediate.int_sku_decisions"
        " where channel_sku = 'WMS-KIT' order by 1"
    )
    assert rows == [(sku, "explodes_a_kit_of_the_warehouse") for sku in "AB"]


def test_kits_of_both_kinds_are_in_one_place(shop: Warehouse) -> None:
    rows = shop.rows(
        "select exploded_by, source_instance, kit_sku, component_sku, quantity"
        " from intermediate.int_kit_components order by all"
    )
    assert rows == [
        ("us", "shopify:main", "A-MARKET", "A", 3),
        ("us", "shopify:main", "OUR-KIT", "A", 1),
        ("us", "shopify:main", "OUR-KIT", "B", 2),
        ("wms", "shiphero:main", "WMS-KIT", "A", 1),
        ("wms", "shiphero:main", "WMS-KIT", "B", 2),
    ]


def test_a_decision_releases_a_held_order(shop: Warehouse) -> None:
    # A SKU that no warehouse knows decided nothing; the same line with one that is there does.
    assert gate(shop)["5"] == "unmapped_sku"
    [(best,)] = shop.rows(
        "select sku from intermediate.int_sku_candidates"
        " where channel_sku = 'NEVER-HEARD' and candidate_rank = 1"
    )
    assert best == "B"
    shop.decide(*DECIDED[:-1], ",NEVER-HEARD,B,1")
    build(shop)
    assert gate(shop)["5"] == "sent"
    assert sent(shop)["shop_5"] == [("50", "B", 1)]


def test_the_right_item_is_among_five_candidates(reference: Path, tmp_path: Path) -> None:
    listings, items = abt_buy(reference)
    catalogue = Catalogue(tmp_path)
    catalogue.land(listings, items)
    catalogue.build()
    found = hits(catalogue.candidates(), listings, items)
    plain = hits(token_set(listings, items), listings, items)
    assert found[5] >= BAR
    assert all(found[top] > plain[top] for top in found)


def landed(made: Warehouse, *rows: str, file: str = "sku_map.csv", looked: str = "now()") -> None:
    """What tap-decisions leaves: a sheet, and when it looked."""
    names = ("channel_sku", "sku", "who", "when")
    told = [dict(zip(names, row.split(","), strict=False)) for row in rows]
    with duckdb.connect(str(made.path)) as warehouse:
        warehouse.execute("create schema if not exists raw_decisions_main")
        warehouse.execute(
            "create or replace table raw_decisions_main.sheets as select ? as file,"
            " 'sku_map' as sheet, cast(? as json) as \"rows\","
            " cast(null as timestamptz) as _sdc_deleted_at",
            [file, json.dumps(told)],
        )
        warehouse.execute(
            "create or replace table raw_decisions_main._crossdock_end as"
            f" select 'sheets' as stream, cast({looked} as timestamptz) as started_at"
        )


def decided(made: Warehouse) -> list[tuple[Any, ...]]:
    made.dbt("run", "--select", "int_sku_decisions")
    return made.rows(
        "select channel_sku, sku, who, decided_at from intermediate.int_sku_decisions"
        " where decided_by = 'person' order by all"
    )


def test_decisions_come_from_sheets_and_from_what_is_newer_than_they(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse()
    made.dbt("seed")
    made.dbt("run", "--select", "+int_sku_decisions")
    made.decide("shopify,KIT,A,1")
    old = time.time() - 3600
    os.utime(made.path.parent / "decisions" / "sku_map.csv", (old, old))
    # Without the tap the file is read as it stands.
    assert decided(made) == [("KIT", "A", None, None)]
    # Once the tap has looked, what it understood counts.
    landed(made, "KIT,B,Ann,2026-11-02", "OLD,C")
    assert decided(made) == [("KIT", "B", "Ann", "2026-11-02"), ("OLD", "C", None, None)]
    # A file that was written since goes before it, and before nothing else.
    made.decide("shopify,KIT,D,1")
    landed(made, "KIT,B", looked="now() - interval 1 minute")
    assert decided(made) == [("KIT", "D", None, None)]
    landed(made, "KIT,B", file="office.xlsx", looked="now() - interval 1 minute")
    assert decided(made) == [("KIT", "B", None, None), ("KIT", "D", None, None)]
    # One that lost its headings since undoes nothing.
    (made.path.parent / "decisions" / "sku_map.csv").write_text("Their SKU;Our SKU\nKIT;A\n")
    landed(made, "KIT,B", looked="now() - interval 1 minute")
    assert decided(made) == [("KIT", "B", None, None)]
