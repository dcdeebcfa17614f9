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


def easypost_creates() -> list[Operation]:
    """Half of them addresses, half trackers."""
    return [_parcel(n) if n % 2 else _address(n) for n in range(1, COUNT + 1)]


def shopify_creates() -> list[Operation]:
    """A parcel of each of some orders of the small world."""
    return [_shipment(number) for number in range(1, COUNT + 1)]


def _shipment(number: int) -> Operation:
    place = (1000 + number) * 100
    tracking = f"1Z999AA1012345{number:04}"
    return operation(
        "create",
        object="fulfillments",
        key=tracking,
        sync="sync_test_fulfillments",
        destination="shopify:main",
        set={
            "fulfillment_order_id": f"gid://shopify/FulfillmentOrder/{place}",
            "line_items": [
                {"id": f"gid://shopify/FulfillmentOrderLineItem/{place}000", "quantity": 1}
            ],
            "tracking_company": "UPS",
            "tracking_numbers": [tracking],
            "notify_customer": "true",
        },
    )


def wms_sftp_creates() -> list[Operation]:
    """Orders of one line each."""
    return [_file_order(number) for number in range(1, COUNT + 1)]


def _file_order(number: int) -> Operation:
    key = f"shop_{20_000 + number}"
    line = {"sku": "SKU-01", "partner_line_item_id": "1", "quantity": 1}
    return operation(
        "create",
        key=key,
        sync="sync_test_orders",
        destination="wms_sftp:main",
        match={"partner_order_id": key},
        set={
            "partner_order_id": key,
            "name": "Ada Lovelace",
            "line1": "12 St James's Square",
            "city": "London",
            "country": "GB",
            "line_items": [line],
        },
    )


def _parcel(number: int) -> Operation:
    code = f"1Z999AA1012345{number:04}"
    values = {"tracking_code": code, "carrier": "UPS"}
    match = {"tracking_code": code}
    return _asked("trackers", code, match, values)


def _address(number: int) -> Operation:
    key = f"{number:032x}"
    values = {"name": key, "street1": f"{number} Main St", "city": "Springfield", "country": "US"}
    return _asked("addresses", key, {"name": key}, values)


def _asked(kind: str, key: str, match: dict[str, str], values: dict[str, str]) -> Operation:
    return operation(
        "create",
        object=kind,
        key=key,
        sync=f"sync_test_{kind}",
        destination="easypost:main",
        match=match,
        set=values,
    )


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
