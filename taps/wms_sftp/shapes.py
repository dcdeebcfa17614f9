"""What the records of each stream hold, whatever the warehouse calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.tap import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from taps.wms_sftp.layout import Field

ACKNOWLEDGEMENTS = "acknowledgements"
SHIPMENTS = "shipment_confirmations"
STOCK = "stock_snapshots"
RETURNS = "return_receipts"
FILES = "files"

SNAPSHOTS = (STOCK,)
"""What such a file says is all there is at its time; the same content again is news."""

REQUIRED: dict[str, set[str]] = {
    ACKNOWLEDGEMENTS: {"order_number", "status"},
    SHIPMENTS: {"order_number", "sku", "quantity"},
    STOCK: {"sku", "on_hand"},
    RETURNS: {"sku", "quantity"},
}
"""Fields without which a stream's records say nothing."""

_FIELDS: dict[str, dict[str, str]] = {
    ACKNOWLEDGEMENTS: {
        "text": "order_number line_number sku status reason_code reason order_file order_status",
        "integer": "quantity order_sequence",
        "time": "acknowledged_at",
    },
    SHIPMENTS: {
        "text": "order_number line_number sku status carrier service tracking_number "
        "package_number shipment_id warehouse weight lot serial",
        "integer": "ordered quantity",
        "time": "shipped_at",
    },
    STOCK: {
        "text": "warehouse sku lot",
        "integer": "on_hand allocated unavailable available incoming",
        "time": "snapshot_at",
    },
    RETURNS: {
        "text": "rma_id order_number line_number sku condition disposition reason warehouse",
        "integer": "quantity",
        "time": "received_at",
    },
}
OWN = ("key", "file", "type", "client", "extra", "file_time", "line", "sequence")
"""Fields that say where a record stands; no layout fills them."""

_KINDS = {"text": "text", "decimal": "text", "date": "text", "integer": "integer"}


def schema_of(stream: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The schema of a stream: its usual fields, and what else the layout names.

    A layout's type wins: a quantity of 1.5 pieces lands as text and keeps its digits.
    """
    names = {kind: set(_FIELDS[stream].get(kind, "").split()) for kind in ("text", "integer")}
    names["time"] = set(_FIELDS[stream].get("time", "").split())
    for each in fields:
        if each.name in OWN:
            continue
        for of_kind in names.values():
            of_kind.discard(each.name)
        names[_KINDS.get(each.type, "time")].add(each.name)
    told = {kind: " ".join(sorted(found)) for kind, found in names.items()}
    return record(
        "key",
        text=f"file type client {told['text']}",
        time=f"file_time {told['time']}",
        integer=f"line sequence {told['integer']}",
        obj="extra",
    )


FILES_SCHEMA = record(
    "key",
    text="name type client stream sha256 status reason same_as",
    time="file_time modified",
    integer="sequence size lines good bad count_told",
    obj="header trailer totals",
    array="issues",
)
