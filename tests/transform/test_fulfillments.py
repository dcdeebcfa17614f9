"""Parcels from two kinds of warehouse at once, with the carriers' word on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.transform import raw, records
from tests.transform.conftest import INSTANCES, Warehouse
from tests.transform.records import ELSEWHERE, MAIN, line, order, request

Record = dict[str, Any]

SFTP = "wms_sftp:main"
BOTH = {
    "CROSSDOCK_INSTANCES": f"{INSTANCES} {SFTP} easypost:main",
    "CROSSDOCK_WAREHOUSES": "shiphero wms_sftp",
}
# Orders of the warehouse with an API, and of the one that speaks files.
BY_API = {
    1: "arrived", 2: "printed", 3: "printed again", 4: "two parcels", 5: "scanned", 6: "strange",
}  # fmt: skip
BY_FILE = {11: "left", 12: "refused", 13: "cut", 14: "brought back", 15: "silent"}


def shop() -> dict[str, list[Record]]:
    """An order of two A for each case, at the location of its warehouse."""
    orders = {n: order(n, [line(n * 10, "A", 2)]) for n in (*BY_API, *BY_FILE)}
    places = dict.fromkeys(BY_API, MAIN) | dict.fromkeys(BY_FILE, ELSEWHERE)
    requests = [request(n, each, location=places[n]) for n, each in orders.items()]
    return {"orders": list(orders.values()), "fulfillment_orders": requests}


def wms_line(number: int) -> str:
    """The id that the only line of an order's request has."""
    return str(number * 10)


def api_warehouse() -> dict[str, list[Record]]:
    """All orders labelled; 2 and 5 have not left as far as it knows, 3 has a label twice."""
    orders = {
        n: records.wms_order(f"shop_{n}", [(wms_line(n), "A", 2)], fulfillment_status="fulfilled")
        for n in BY_API
    }
    shipments = {n: records.shipment(each) for n, each in orders.items()}
    for n in (2, 5):
        shipments[n]["completed"] = False
    for each in shipments.values():
        each["shipping_labels"][0]["carrier"] = "UPS"
    shipments[6]["shipping_labels"][0]["carrier"] = "Speedy Express"
    [old] = shipments[3]["shipping_labels"]
    shipments[3]["shipping_labels"].append(
        old | {"id": "B-new", "tracking_number": "TNEW", "created_date": "2026-11-02T09:30:00Z"}
    )
    old["status"] = "void"
    [first] = shipments[4]["shipping_labels"]
    second = {"id": "B-second", "tracking_number": "TSECOND", "package_number": 2}
    shipments[4]["shipping_labels"].append(first | second)
    return {
        "orders": list(orders.values()),
        "shipments": list(shipments.values()),
        "products": [records.product(sku) for sku in "AB"],
        "warehouse_products": [records.stock("A", 5)],
        "warehouses": records.warehouse(MAIN),
    }


def filed(kind: str, sequence: int, day: str, *lines: Record) -> list[Record]:
    """The lines of one file, as the tap lands them."""
    name = f"{kind}_CROSSDOCK_{sequence:06d}.csv"
    return [
        {"key": f"{name}:{place}", "file": name, "sequence": sequence, "line": place,
         "file_time": day} | each
        for place, each in enumerate(lines, 2)
    ]  # fmt: skip


def told(number: int, **other: Any) -> Record:
    """A line about the only line of an order."""
    return {"order_number": f"shop_{number}", "line_number": wms_line(number), "sku": "A"} | other


def left(number: int, quantity: int = 2, **other: Any) -> Record:
    """A line of a confirmation."""
    return (
        told(number, ordered=2, quantity=quantity, status="shipped" if quantity == 2 else "cut")
        | {"carrier": "DHL Express", "service": "Standard", "tracking_number": f"F{number}"}
        | {"package_number": "1", "shipment_id": f"S{number}", "shipped_at": "2026-11-03T14:00:00Z"}
        | other
    )


def file_warehouse() -> dict[str, list[Record]]:
    """What it acknowledged, confirmed and counted; the same news comes twice in new files."""
    accepted = [told(n, quantity=2, status="accepted") for n in BY_FILE if n != 12]
    refusal = told(12, quantity=2, status="rejected", reason_code="SKU", reason="SKU is unknown")
    again = told(11, quantity=2, status="rejected", reason_code="DUP", reason="line is known")
    confirmed = [left(11), left(13, 1), left(14), left(15)]
    corrected = left(11, tracking_number="F11B")
    count = {"warehouse": ELSEWHERE, "snapshot_at": "2026-11-18T05:00:00Z", "sku": "A"}
    newer = count | {"snapshot_at": "2026-11-19T05:00:00Z"}
    return {
        "acknowledgements": [
            *filed("ACK", 1, "2026-11-02T10:00:00Z", *accepted, refusal),
            *filed("ACK", 2, "2026-11-02T11:00:00Z", again),
        ],
        "shipment_confirmations": [
            *filed("SHP", 1, "2026-11-03T15:00:00Z", *confirmed),
            *filed("SHP", 2, "2026-11-03T16:00:00Z", left(15)),
            *filed("SHP", 3, "2026-11-03T17:00:00Z", corrected),
        ],
        "stock_snapshots": [
            *filed("STK", 2, "2026-11-19T05:00:00Z", newer | {"on_hand": 3, "allocated": 1}),
            *filed(
                "STK", 3, "2026-11-19T09:00:00Z",  # arrived late
                count | {"on_hand": 7, "allocated": 0},
                count | {"on_hand": 4, "allocated": 0, "sku": "B"},
            ),
        ],
    }  # fmt: skip


def tracker(code: str, carrier: str, *steps: tuple[str, str]) -> Record:
    """A tracker and what its carrier reported: (status, time)."""
    return {
        "id": f"trk_{code}", "tracking_code": code, "carrier": carrier, "status": steps[-1][0],
        "created_at": "2026-11-02T09:00:30Z", "updated_at": steps[-1][1],
        "tracking_details": [
            {"status": status, "datetime": at, "message": status, "tracking_location": None}
            for status, at in steps
        ],
    }  # fmt: skip


SCANNED, DELIVERED = "2026-11-02T18:00:00Z", "2026-11-04T10:00:00Z"


def carriers() -> dict[str, list[Record]]:
    """Trackers of most parcels."""
    way = (("in_transit", SCANNED), ("delivered", DELIVERED))
    # The carrier hears of the label within the minute in which the warehouse prints it.
    printed = ("pre_transit", "2026-11-02T09:00:40Z")
    return {
        "trackers": [
            tracker("Tshop_1-11", "UPS", printed, *way),
            tracker("Tshop_4-11", "UPS", *way),
            tracker("TSECOND", "UPS", ("in_transit", SCANNED)),
            tracker("Tshop_5-11", "UPS", ("in_transit", SCANNED)),
            tracker("F14", "DHLExpress", ("in_transit", "2026-11-04T08:00:00Z"),
                    ("return_to_sender", "2026-11-06T08:00:00Z")),
            tracker("F15", "DHLExpress", ("in_transit", "2026-11-04T08:00:00Z")),
            # The same number at another carrier.
            tracker("F11B", "USPS", *way),
        ],
        "addresses": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Everything built from both warehouses and the carriers."""
    made = warehouse(**BOTH)
    raw.write(made.path, "shopify:main", shop())
    raw.write(made.path, "shiphero:main", api_warehouse())
    raw.write(made.path, SFTP, file_warehouse())
    raw.write(made.path, "easypost:main", carriers())
    build(made)
    return made


def build(made: Warehouse) -> None:
    made.dbt("build", "--exclude-resource-type", "unit_test")


def by_order(made: Warehouse, columns: str, table: str) -> dict[int, tuple[Any, ...]]:
    """Rows of a table by the number of their order, parcels in the order of their numbers."""
    rows = made.rows(
        f"select o.source_id, {columns} from {table} as t join canonical.orders as o "
        f"on t.order_id = o.order_id order by 1, 2"
    )
    found: dict[int, tuple[Any, ...]] = {}
    for number, *values in rows:
        found[int(number)] = (*found.get(int(number), ()), *values)
    return found


def test_the_rules_of_a_warehouse_that_speaks_files(made: Warehouse) -> None:
    """Its unit tests run only where it has an account."""
    made.dbt("test", "--select", "path:models/staging/wms_sftp,test_type:unit")


def test_each_warehouse_holds_the_orders_of_its_location(made: Warehouse) -> None:
    rows = made.rows(
        "select wms_instance, list(cast(source_order_id[6:] as int) order by 1) from ("
        "select split_part(destination_instance, ':', 1) as wms_instance, source_order_id "
        "from intermediate.int_wms_orders join canonical.orders using (order_id)) group by 1"
    )
    found = {name: sorted(numbers) for name, numbers in rows}
    assert found == {"shiphero": sorted(BY_API), "wms_sftp": sorted(BY_FILE)}


def test_a_parcel_is_shipped_when_it_left(made: Warehouse) -> None:
    found = by_order(made, "tracking_number, is_shipped", "canonical.fulfillment_packages")
    assert found == {
        1: ("Tshop_1-11", True),
        2: ("Tshop_2-11", False),
        3: ("TNEW", True, "Tshop_3-11", False),
        4: ("TSECOND", True, "Tshop_4-11", True),
        5: ("Tshop_5-11", True),  # by its first scan
        6: ("Tshop_6-11", True),
        11: ("F11B", True),  # the newer file corrects the number
        13: ("F13", True),
        14: ("F14", True),
        15: ("F15", True),
    }


def test_shipped_at_is_when_it_left_and_not_when_its_label_was_printed(made: Warehouse) -> None:
    found = by_order(
        made,
        "strftime(shipped_at at time zone 'UTC', '%d %H:%M'), shipped_at_source",
        "canonical.fulfillment_packages",
    )
    assert found[1] == ("02 18:00", "carrier")
    assert found[2] == (None, None)
    assert found[6] == ("02 09:00", "label")
    assert found[11] == ("03 14:00", "warehouse")


def test_where_the_parcels_are(made: Warehouse) -> None:
    found = by_order(made, "tracking_number, tracking_status", "canonical.fulfillment_packages")
    assert {n: statuses[1::2] for n, statuses in found.items()} == {
        1: ("delivered",),
        2: ("pre_transit",),
        3: ("in_transit", "unknown"),
        4: ("in_transit", "delivered"),
        5: ("in_transit",),
        6: ("in_transit",),
        11: ("in_transit",),
        13: ("in_transit",),
        14: ("returned_to_sender",),
        15: ("in_transit",),
    }


def test_an_order_is_told_the_numbers_that_left_as_a_set(made: Warehouse) -> None:
    columns = "tracking_numbers, is_delivered"
    found = by_order(made, columns, "intermediate.int_order_parcels")
    assert found[3] == ("TNEW", False)
    assert found[4] == ("TSECOND; Tshop_4-11", False)  # one of two parcels has arrived
    assert found[1] == ("Tshop_1-11", True)
    assert found[2] == (None, False)


def test_an_unknown_carrier_passes_as_text(made: Warehouse) -> None:
    found = by_order(made, "carrier, carrier_code, tracking_url", "canonical.fulfillment_packages")
    assert found[6] == ("Speedy Express", None, None)
    assert found[1][1] == "ups"
    assert found[1][2].startswith("https://www.ups.com/")
    assert found[11][1] == "dhl"


def test_what_a_warehouse_that_speaks_files_accepted_refused_and_cut(made: Warehouse) -> None:
    rows = made.rows(
        "select wms_order_id, quantity, quantity_shipped, quantity_cancelled, refusal_reason "
        "from intermediate.int_warehouses__order_lines where source_instance = 'wms_sftp:main' "
        "order by 1"
    )
    assert rows == [
        ("shop_11", 2, 2, 0, None),
        ("shop_12", 2, 0, 2, "SKU: SKU is unknown"),
        ("shop_13", 2, 1, 1, "cut"),
        ("shop_14", 2, 2, 0, None),
        ("shop_15", 2, 2, 0, None),
    ]
    statuses = made.rows(
        "select destination_id, fulfillment_status from intermediate.int_warehouses__orders "
        "where destination_instance = 'wms_sftp:main' order by 1"
    )
    assert dict(statuses) == {
        "shop_11": "fulfilled", "shop_12": "rejected", "shop_13": "fulfilled",
        "shop_14": "fulfilled", "shop_15": "fulfilled",
    }  # fmt: skip


def test_units_that_left_are_counted_once(made: Warehouse) -> None:
    rows = made.rows(
        "select o.source_id, sum(l.quantity) from canonical.fulfillment_lines as l "
        "join canonical.orders as o using (order_id) where l.is_shipped "
        "and l.order_line_id is not null group by 1"
    )
    full = dict.fromkeys((1, 3, 4, 5, 6, 11, 14, 15), 2)
    assert {int(n): int(units) for n, units in rows} == full | {13: 1}


def test_the_newest_count_of_a_warehouse_is_its_stock(made: Warehouse) -> None:
    rows = made.rows(
        "select sku, on_hand, allocated, is_listed from intermediate.int_warehouses__stock "
        "where source_instance = 'wms_sftp:main' order by 1"
    )
    assert rows == [("A", 3, 1, True), ("B", 0, 0, False)]


def test_the_same_event_from_warehouse_and_carrier_counts_once(made: Warehouse) -> None:
    rows = made.rows(
        "select status, said_by from intermediate.int_tracking_events "
        "where tracking_number = 'Tshop_1-11' order by occurred_at"
    )
    assert rows == [
        ("pre_transit", "easypost:main; shiphero:main"),
        ("in_transit", "easypost:main"),
        ("delivered", "easypost:main"),
    ]


EXCEPTIONS = {
    2: ("never_left",),
    3: ("tracker_missing",),
    11: ("tracker_missing",),
    12: ("refused_by_warehouse",),
    13: ("cut_by_warehouse", "tracker_missing"),
    14: ("returned_to_sender",),
    15: ("stuck",),
    4: ("stuck",),
    5: ("stuck",),
}


def test_exceptions_name_what_somebody_must_look_after(made: Warehouse) -> None:
    table = "canonical.fulfillment_exceptions"
    assert by_order(made, "exception_type", table) == EXCEPTIONS
    assert made.rows(f"select count(*) from {table} where since is null or next_step is null") == [
        (0,)
    ]


def test_late_and_repeated_news_moves_nothing_back(made: Warehouse) -> None:
    """The second run: a late scan, a further attempt, a person's word, the shop's cancellation."""
    events = "select * from intermediate.int_events__tracking order by all"
    before = made.rows(events)
    trackers = {each["tracking_code"]: each for each in carriers()["trackers"]}
    trackers["Tshop_1-11"] = tracker(
        "Tshop_1-11", "UPS", ("pre_transit", "2026-11-02T09:00:40Z"), ("in_transit", SCANNED),
        ("delivered", DELIVERED), ("in_transit", "2026-11-03T07:00:00Z"),
    )  # fmt: skip
    trackers["F15"] = tracker("F15", "DHLExpress", ("in_transit", "2026-11-20T08:00:00Z"))
    raw.write(made.path, "easypost:main", {"trackers": trackers.values()})
    [(source_id,)] = made.rows(
        "select source_id from canonical.fulfillment_exceptions "
        "where exception_type = 'returned_to_sender'"
    )
    folder = made.path.parent / "decisions"
    folder.mkdir(exist_ok=True)
    (folder / "fulfillment_exceptions.csv").write_text(
        "exception_type,source_instance,source_id,who,when,why\n"
        f"returned_to_sender,{SFTP},{source_id},Ada,2026-11-20,refunded\n"
    )
    build(made)

    found = by_order(made, "exception_type", "canonical.fulfillment_exceptions")
    assert found == {n: kinds for n, kinds in EXCEPTIONS.items() if n not in (14, 15)}
    delivered = by_order(made, "is_delivered", "intermediate.int_order_parcels")
    assert delivered[1] == (True,)
    after = made.rows(events)
    assert [row for row in before if row not in after and "F15" not in row[-1]] == []
    assert len([row for row in after if row not in before]) == 2  # the late scan, F15's new one


def test_one_warehouse_alone_builds_without_the_other(warehouse: Callable[..., Warehouse]) -> None:
    alone = warehouse(
        CROSSDOCK_INSTANCES=f"shopify:main hubspot:main {SFTP}", CROSSDOCK_WAREHOUSES="wms_sftp"
    )
    raw.write(alone.path, "shopify:main", shop())
    raw.write(alone.path, SFTP, file_warehouse())
    alone.dbt("build", "--select", "+fulfillments", "--exclude-resource-type", "unit_test", "test")
    [(count,)] = alone.rows("select count(*) from canonical.fulfillments where is_shipped")
    assert count == 4
