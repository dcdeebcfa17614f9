"""Operations for the targets under test."""

from __future__ import annotations

from crossdock.operation import Operation
from tests.targets.conftest import operation
from tests.targets.test_shiphero_destination import order

COUNT = 12


def shiphero_creates() -> list[Operation]:
    return [_create("shiphero", number) for number in range(1, COUNT + 1)]


def hubspot_creates() -> list[Operation]:
    return [_create("hubspot", number) for number in range(1, COUNT + 1)]


def _create(vendor: str, number: int) -> Operation:
    item = order(number).operation
    match, values = dict(item.match), dict(item.set)
    if vendor == "hubspot":
        match = {"crossdock_order_id": item.key}
        values = {**match, "hs_order_name": f"#{number}", "hs_total_price": "12.50"}
    return operation(
        "create",
        key=item.key,
        sync="sync_test",
        destination=f"{vendor}:main",
        match=match,
        set=values,
    )
