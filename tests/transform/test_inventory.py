"""Stock: its terms, what may be published of it, how it changed, and when it is low."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from tests.transform import raw, records
from tests.transform.conftest import Warehouse

Record = dict[str, Any]
MODELS = (
    "+inventory_levels", "+inventory_offers", "+inventory_history", "+recon_shop_stock",
    "+int_events__inventory",
)  # fmt: skip
AFTER_STOCK = (
    "int_inventory_terms", "inventory_history", "int_inventory_low", "inventory_levels",
    "int_events__inventory",
)  # fmt: skip
KIT = {"kit": True, "kit_components": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2}]}


def level(sku: str, on_hand: int, **other: Any) -> Record:
    """Stock with what the WMS itself calls available."""
    available = on_hand - other.get("allocated", 0)
    return records.stock(sku, on_hand, available=available, updated_at=records.PLACED) | other


def land(made: Warehouse, stock: Iterable[Record], **streams: Iterable[Mapping[str, Any]]) -> None:
    """Write a warehouse of A, B and a kit of both, with this stock."""
    products = [records.product("A"), records.product("B"), records.product("KIT", **KIT)]
    raw.write(
        made.path,
        "shiphero:main",
        {
            "warehouses": records.warehouse(records.MAIN),
            "products": products,
            "warehouse_products": stock,
            **streams,
        },
    )


def build(made: Warehouse, *models: str, **settings: str) -> None:
    """Build it all, or some models that nothing else has changed for."""
    made.dbt("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable",
             "--select", *(models or MODELS), **settings)  # fmt: skip


def levels(made: Warehouse, columns: str) -> list[tuple[Any, ...]]:
    return made.rows(f"select sku, {columns} from canonical.inventory_levels order by sku")


@pytest.fixture(scope="module")
def sold(warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Two orders on their way to the WMS, one that it holds, one unpaid."""
    made = warehouse()
    made.decide("shopify,BOX,A,3", "shopify,SET,A,1", "shopify,SET,B,1")
    orders = [
        records.order(101, [records.line(1011, "KIT", 2), records.line(1012, "A")]),
        records.order(102, [records.line(1021, "BOX")]),
        records.order(103, [records.line(1031, "B")]),
        records.order(104, [records.line(1041, "B", 4)], displayFinancialStatus="PENDING"),
        records.order(105, [records.line(1051, "SET")], cancelledAt=records.PLACED),
    ]
    requests = [records.request(int(o["legacyResourceId"]), o) for o in orders]
    raw.write(
        made.path,
        "shopify:main",
        {
            "orders": orders,
            "fulfillment_orders": requests,
            "locations": [{"id": records.gid("Location", 1), "name": records.MAIN}],
            "inventory_levels": [
                {
                    "id": records.gid("InventoryLevel", sku),
                    "updatedAt": records.PLACED,
                    "item": {"id": records.gid("InventoryItem", sku), "sku": sku},
                    "location": {"id": records.gid("Location", 1)},
                    "quantities": [
                        {"name": "available", "quantity": 9},
                        {"name": "incoming", "quantity": 4},
                    ],
                }
                for sku in ("A", "BOX")
            ],
        },
    )
    stock = [level("A", 10), level("B", 9, allocated=1, reserve_inventory=1), level("KIT", 0)]
    land(made, stock, orders=[records.wms_order("shop_103", [("1030", "B", 1)])])
    build(made)
    return made


def test_what_was_sold_and_the_wms_has_not_seen_is_not_offered_again(sold: Warehouse) -> None:
    # A: two in kits, one alone, three in a box. B: four in kits; one is allocated already.
    assert levels(sold, "on_hand, pending, available, publishable, is_kit, kit_available") == [
        ("A", 10, 6, 10, 4, False, None),
        ("B", 9, 4, 8, 3, False, None),
        ("KIT", 0, 0, 0, 1, True, 4),
    ]


def test_a_multipack_is_offered_as_often_as_its_parts_allow(sold: Warehouse) -> None:
    assert sold.rows(
        "select channel_sku, publishable, component_count from canonical.inventory_offers "
        "order by channel_sku"
    ) == [("A", 4, 1), ("B", 3, 1), ("BOX", 1, 1), ("KIT", 1, 1), ("SET", 3, 2)]


def test_the_shops_levels_stay_its_own(sold: Warehouse) -> None:
    assert sold.rows(
        "select channel_sku, shop_available, shop_incoming, publishable, difference "
        "from reconciliation.recon_shop_stock order by channel_sku"
    ) == [("A", 9, 4, 4, 5), ("BOX", 9, 4, 1, 8)]
    assert levels(sold, "incoming") == [("A", None), ("B", None), ("KIT", None)]


def test_history_grows_with_changes_and_low_does_not_flap(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse()
    seen: list[tuple[bool, int | None]] = []
    # Reorder point 5; the margin of the seed is 0, so that six ends it.
    for day, units in enumerate((9, 5, 4, 6, 5), 1):
        now = f"2026-11-{day:02}T12:00:00Z"
        land(made, [level("A", units, reorder_level=5, updated_at=now), level("B", 0)])
        build(made, *(AFTER_STOCK if seen else MODELS), CROSSDOCK_BUSINESS_NOW=now)
        [(_, low, since), (_, zero, _)] = levels(made, "is_low, low_since")
        seen.append((low, since and since.day))
        assert zero is False
    assert seen == [(False, None), (True, 2), (True, 2), (False, None), (True, 5)]
    history = "select on_hand from canonical.inventory_history where sku = '{}' order by sequence"
    assert made.rows(history.format("A")) == [(9,), (5,), (4,), (6,), (5,)]
    assert made.rows(history.format("B")) == [(0,)]
    assert made.rows(
        "select detail from intermediate.int_events__inventory order by occurred_at"
    ) == [("A: 9 to 5",), ("A: 5 to 4",), ("A: 4 to 6",), ("A: 6 to 5",)]
    # What the WMS has no longer is at nought in the history, and no level any more.
    land(made, [level("B", 0)])
    for later in ("09", "10"):
        build(made, *AFTER_STOCK, CROSSDOCK_BUSINESS_NOW=f"2026-11-{later}T12:00:00Z")
    assert [sku for (sku, _) in levels(made, "on_hand")] == ["B"]
    assert made.rows(history.format("A"))[-2:] == [(5,), (0,)]


def test_a_log_of_stock_tells_instead_of_differences(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse()
    entry = {
        "sku": "A", "warehouse_id": "W1", "previous_on_hand": 5, "change_in_on_hand": -2,
        "reason": "Order 1 shipped", "created_at": "2026-11-02T10:00:00Z",
    }  # fmt: skip
    for units in (5, 3):
        land(made, [level("A", units)], inventory_changes=[entry | {"id": "c1"}])
        build(made, *(AFTER_STOCK if units == 3 else MODELS))
    assert made.rows("select subject, detail from intermediate.int_events__inventory") == [
        ("c1", "A: 5 to 3, Order 1 shipped")
    ]
