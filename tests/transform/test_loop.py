"""The models over three runs of a small shop: before the warehouse, in it, and shipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.transform import raw, records
from tests.transform.conftest import Warehouse
from tests.transform.records import MAIN, gid, line, order, request

GO_LIVE = "2026-10-01T00:00:00Z"
CANCELLED = {"cancelledAt": "2026-11-01T10:00:00Z", "displayFinancialStatus": "VOIDED"}


def shop() -> dict[str, list[dict[str, Any]]]:
    """One order for each case; the number says which."""
    kit, unmapped = line(30, "KIT", 2), line(40, "STRANGE", title="Thing A, large")
    two_places = [line(91, "A"), line(92, "B")]
    orders = {
        1: order(1, [line(10, "A", 2)]),
        3: order(3, [kit]),
        4: order(4, [unmapped]),
        5: order(5, [line(50)], test=True),
        6: order(6, [line(60)], displayFinancialStatus="PENDING"),
        7: order(7, [line(70, currentQuantity=0)], **CANCELLED),
        8: order(8, [line(80)]),
        9: order(9, two_places),
        10: order(10, [line(100)]),
        11: order(11, [line(110)], fulfillments=[{"id": "F", "status": "SUCCESS"}]),
        12: order(12, [line(120)], createdAt="2026-09-01T00:00:00Z"),
        13: order(13, [line(130), line(131, None, requiresShipping=False, title="Tip")]),
        14: order(14, [line(140), line(141, "B", currentQuantity=0)]),
        15: order(15, [line(150)], shippingAddress=records.ADDRESS | {"city": ""}),
        16: order(16, [line(160)], customer=None, email=None),
    }
    holds = {"status": "ON_HOLD", "fulfillmentHolds": [{"reason": "HIGH_RISK_OF_FRAUD"}]}
    requests = [
        request(1, orders[1]),
        request(3, orders[3]),
        request(4, orders[4]),
        request(5, orders[5]),
        request(6, orders[6]),
        request(7, orders[7], status="CANCELLED"),
        request(8, orders[8], **holds),
        request(90, orders[9], two_places[:1]),
        request(91, orders[9], two_places[1:], location="Elsewhere"),
        request(10, orders[10], deliveryMethod={"methodType": "PICK_UP"}),
        records.done(request(11, orders[11])),
        request(12, orders[12]),
        request(13, orders[13]),
        request(14, orders[14]),
        request(15, orders[15]),
        request(16, orders[16]),
    ]
    customers = [{"id": gid("Customer", 1), "createdAt": GO_LIVE, "email": "maria@example.com"}]
    return {
        "orders": list(orders.values()),
        "fulfillment_orders": requests,
        "customers": customers,
    }


GATE = {
    "1": "sent", "3": "sent", "4": "unmapped_sku", "5": "test", "6": "unpaid", "7": "cancelled",
    "8": "channel_hold", "90": "sent", "91": "not_ours", "10": "no_shipping",
    "11": "already_fulfilled", "12": "before_go_live", "13": "sent", "14": "sent",
    "15": "bad_address", "16": "sent",
}  # fmt: skip

STATUS = {
    "1": "paid", "3": "paid", "4": "held", "6": "placed", "7": "cancelled",
    "8": "held", "9": "paid", "10": "paid", "11": "shipped", "13": "paid",
    "14": "paid", "15": "held", "16": "paid",
}  # fmt: skip


@pytest.fixture(scope="module")
def first(warehouse: Callable[..., Warehouse]) -> Warehouse:
    """The first run: the shop is read, the warehouse holds nothing."""
    made = warehouse(CROSSDOCK_GO_LIVE_AT=GO_LIVE)
    raw.write(made.path, "shopify:main", shop())
    twin = order(1, [line(10, "A")], customer=None)
    raw.write(made.path, "shopify:eu", {"orders": [twin], "fulfillment_orders": [request(1, twin)]})
    raw.write(
        made.path,
        "shiphero:main",
        {
            "products": [records.product(sku) for sku in "ABC"],
            "warehouse_products": [records.stock(sku, 5, allocated=6) for sku in "AB"],
            "warehouses": records.warehouse(MAIN.upper()),
        },
    )
    made.decide("shopify,KIT,A,1", "shopify,KIT,B,2")
    build(made)
    return made


def build(made: Warehouse) -> None:
    made.dbt("build", "--exclude-resource-type", "unit_test")


def wanted(made: Warehouse) -> list[tuple[Any, ...]]:
    return made.rows(
        "select partner_order_id, shop_name, line_items from sync.sync_shiphero__orders order by 1"
    )


def test_each_request_is_sent_or_has_one_reason(first: Warehouse) -> None:
    rows = first.rows(
        "select source_id, gate_result from canonical.fulfillment_requests "
        "where source_instance = 'shopify:main'"
    )
    assert dict(rows) == GATE


def test_an_unmapped_sku_names_its_candidates(first: Warehouse) -> None:
    [(detail,)] = first.rows(
        "select gate_detail from canonical.fulfillment_requests where gate_result = 'unmapped_sku'"
    )
    assert detail.startswith("STRANGE (perhaps A")


def test_the_crm_shows_what_is_not_a_test_nor_before_go_live(first: Warehouse) -> None:
    rows = first.rows(
        "select hs_external_order_id, hs_fulfillment_status from sync.sync_hubspot__orders "
        "where hs_source_store = 'shopify:main'"
    )
    assert dict(rows) == {f"shop_{number}": status for number, status in STATUS.items()}


def test_what_the_warehouse_gets(first: Warehouse) -> None:
    lines = {number: (shop, json.loads(items)) for number, shop, items in wanted(first)}
    assert set(lines) == {"eu_1", "shop_1", "shop_3", "shop_9", "shop_13", "shop_14", "shop_16"}
    assert lines["eu_1"][0] == "crossdock-eu"
    kit = [(each["sku"], each["quantity"], each["price"]) for each in lines["shop_3"][1]]
    assert kit == [("A", 2, "3.33"), ("B", 4, "3.33")]
    # Neither the tip nor what was taken out goes.
    assert [each["sku"] for number in ("13", "14") for each in lines[f"shop_{number}"][1]] == [
        "A",
        "A",
    ]


def test_money_and_stock_are_exact(first: Warehouse) -> None:
    [(totals, shipping)] = first.rows(
        "select sum(total), sum(shipping_total) from canonical.orders where source_id = '1'"
    )
    assert (totals, shipping) == (40, 10)
    assert first.rows(
        "select sku, on_hand, available, publishable from canonical.inventory_levels order by 1"
    ) == [("A", 5, -1, -12), ("B", 5, -1, -5)]  # less what is sold and on its way to the WMS


def test_a_second_run_over_the_same_changes_nothing(first: Warehouse) -> None:
    query = "select * from canonical.{} order by all"
    tables = ("events", "order_status_history", "fulfillment_requests", "orders")
    before = [first.rows(query.format(table)) for table in tables] + [wanted(first)]
    build(first)
    assert [first.rows(query.format(table)) for table in tables] + [wanted(first)] == before


def test_an_empty_warehouse_elsewhere_gives_the_same_ids(
    first: Warehouse, warehouse: Callable[..., Warehouse]
) -> None:
    other = warehouse(CROSSDOCK_GO_LIVE_AT=GO_LIVE)
    other.path.parent.mkdir(exist_ok=True)
    copy_raw(first.path, other.path)
    other.decide("shopify,KIT,A,1", "shopify,KIT,B,2")
    build(other)
    for table in ("orders", "order_lines", "fulfillment_requests", "fulfillment_request_lines"):
        query = f"select * from canonical.{table} order by all"
        assert other.rows(query) == first.rows(query), table


def test_decisions_with_the_wrong_header_are_an_error_and_not_ignored(first: Warehouse) -> None:
    folder = first.path.parent / "wrong"
    folder.mkdir()
    (folder / "sku_map.csv").write_text("Channel;Their SKU;Our SKU\n;KIT;A\n")
    select = ("run", "--select", "int_sku_decisions")
    with pytest.raises(AssertionError, match=r"sku_map.csv has no column channel_sku"):
        first.dbt(*select, CROSSDOCK_DECISIONS=str(folder))


def copy_raw(source: Path, target: Path) -> None:
    import duckdb

    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as source (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'source' and schema_name like 'raw_%'"
        ).fetchall()
        for schema, table in tables:
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {schema}.{table} as from source.{schema}.{table}")


class TestInTheWarehouse:
    """The later runs: the warehouse holds the orders, ships some; people change things."""

    @pytest.fixture(scope="class")
    def shipped(self, first: Warehouse) -> Warehouse:
        changed = shop()
        by_number = {each["legacyResourceId"]: each for each in changed["orders"]}
        street = records.ADDRESS | {"address2": "2nd floor"}
        by_number["1"]["shippingAddress"] = street  # not picked yet
        by_number["3"]["shippingAddress"] = street  # shipped already
        by_number["13"].update(CANCELLED)  # still in the warehouse
        by_number["16"].update(displayFinancialStatus="REFUNDED")
        by_number["16"]["lineItems"][0]["currentQuantity"] = 0
        raw.write(first.path, "shopify:main", changed)
        held = {number: records.wms_order(number, lines_of(items)) for number, _, items in
                wanted(first) if number.startswith("shop")}  # fmt: skip
        gone = [records.shipment(held["shop_3"], parcels=3), records.shipment(held["shop_9"]),
                records.shipment(held["shop_16"]),
                records.shipment(held["shop_14"], completed=False)]  # fmt: skip
        for number in ("shop_3", "shop_9", "shop_14", "shop_16"):
            held[number]["fulfillment_status"] = "fulfilled"
        raw.write(first.path, "shiphero:main", {"orders": list(held.values()), "shipments": gone})
        first.decide("shopify,KIT,A,1", "shopify,KIT,B,2", ",STRANGE,C,6")
        build(first)
        return first

    def test_what_it_holds_stays_sent(self, shipped: Warehouse) -> None:
        rows = shipped.rows(
            "select source_id, gate_result from canonical.fulfillment_requests "
            "where source_instance = 'shopify:main' and source_id in ('13', '16', '4')"
        )
        assert dict(rows) == {"13": "sent", "16": "sent", "4": "sent"}

    def test_status_follows_units_and_parcels(self, shipped: Warehouse) -> None:
        rows = shipped.rows(
            "select hs_external_order_id, hs_fulfillment_status, hs_shipping_tracking_number "
            "from sync.sync_hubspot__orders where hs_source_store = 'shopify:main'"
        )
        status = {number: (status, tracking) for number, status, tracking in rows}
        parcels = "; ".join(f"Tshop_3-1{i}" for i in (1, 2, 3))
        assert status["shop_3"] == ("shipped", parcels)
        assert status["shop_9"] == ("partially_shipped", "Tshop_9-11")
        assert status["shop_13"] == ("cancel_requested", "")
        assert status["shop_14"] == ("sent_to_wms", "")  # a printed label is no parcel
        assert status["shop_16"] == ("shipped", "Tshop_16-11")
        assert status["shop_1"] == ("sent_to_wms", "")
        assert status["shop_4"] == ("paid", "")  # released just now, and not there yet

    def test_an_address_is_ours_only_until_it_is_picked(self, shipped: Warehouse) -> None:
        rows = shipped.rows(
            "select partner_order_id, shipping_address__address2, shipping_address__address1 "
            "from sync.sync_shiphero__orders where partner_order_id in ('shop_1', 'shop_3')"
        )
        assert {row[0]: row[1] for row in rows} == {"shop_1": "2nd floor", "shop_3": ""}

    def test_events_are_only_ever_added(self, shipped: Warehouse) -> None:
        kinds = dict(shipped.rows("select event_type, count(*) from canonical.events group by all"))
        assert kinds["order.cancelled"] == 2
        assert kinds["fulfillment.shipped"] == 3
        assert kinds["tracking.update"] == 6
        [(lost,)] = shipped.rows("select count(*) from canonical.order_status_history "
                                 "where not is_legal")  # fmt: skip
        assert lost == 0


def lines_of(items: str) -> list[tuple[str, str, int]]:
    return [(i["partner_line_item_id"], i["sku"], i["quantity"]) for i in json.loads(items)]
