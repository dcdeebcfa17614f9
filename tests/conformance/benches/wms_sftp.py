"""tap-wms-sftp."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from crossdock.files.sftp import SftpClient
from sandbox.faults import Rule
from sandbox.wms_sftp import records
from sandbox.wms_sftp.vendor import WmsSftpVendor
from taps.wms_sftp import layout, streams
from targets.wms_sftp import layout as order_layout
from targets.wms_sftp.destination import WmsSftpDestination
from targets.wms_sftp.ledger import Ledger
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.conformance.operations import wms_sftp_creates

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossdock.journal import Journal
    from sandbox.faults import Kind


def _settings(stage: Stage) -> dict[str, Any]:
    return {**_account(stage.url), "settle_seconds": 0}


def _account(url: str) -> dict[str, Any]:
    http = urlsplit(url).port
    assert http is not None
    return {
        "host": "127.0.0.1",
        "port": http + 1,
        "username": "crossdock",
        "password": "sandbox-files",
        "host_key_fingerprint": _fingerprint(url),
        "layout": str(Path(layout.__file__).with_name("layouts") / "delimited.yml"),
    }


def _prepare(stage: Stage) -> None:
    """Somebody counts, so that there are files; the key is told before anything breaks."""
    _fingerprint(stage.url)
    for number in range(3):
        stage.edit("wms_sftp", "stock", number=f"SKU-0{1 + number}", set={"on_hand": 40 + number})


def _change(stage: Stage, number: int, text: str) -> None:
    """What changes at such a warehouse is a further file: here, what came back."""
    assert stage.sandbox is not None
    vendor = stage.sandbox.vendors["wms_sftp"]
    assert isinstance(vendor, WmsSftpVendor)
    now = stage.sandbox.clock.now()
    line = [text, f"shop_{1000 + number}", "1", "SKU-01", 1, "D", "S", records.local(now)]
    vendor.folder.send(records.RETURNED, now, [line], 1)


@cache
def _fingerprint(url: str) -> str:
    told: str = httpx.get(f"{url}/wms_sftp/").json()["fingerprint"]
    return told


def _each(kind: Kind, vendor: str, **more: Any) -> list[Rule]:
    return [Rule(kind, vendor=vendor, every=2, per_request=2, count=6, **more)]


def _destination(config: dict[str, Any], journal: Journal) -> WmsSftpDestination:
    return WmsSftpDestination(
        SftpClient.from_config(config, connector="target-wms-sftp"),
        order_layout.load(Path(config["layout"])),
        Ledger(Path(journal.url.removeprefix("sqlite:///")).with_name("order_files.db")),
        directory="in",
        orders_per_file=3,
    )


SCRIPTS: dict[str, Callable[[str], list[Any]]] = {
    "dropped": partial(_each, "drop_before"),
    "reset": partial(_each, "reset"),
    "slow": partial(_each, "slow", seconds=0.3),
}

BENCHES = [
    TapBench(
        name="tap-wms-sftp",
        vendor="wms_sftp",
        config=_settings,
        prepare=_prepare,
        change=_change,
        shrink=((streams, "PAGE", 4),),
        appends=True,
        empty=frozenset({"acknowledgements", "shipment_confirmations", "return_receipts"}),
        secrets=("sandbox-files",),
        wrong={"password": "wrong-and-secret"},
        nowhere={"host": "127.0.0.1", "port": 9},
        scripts=SCRIPTS,
        without={
            "requests_are_valid": "files have no published schema; the layout file is checked"
            " against a schema of its own",
            "unknown_fields": "a column that the layout does not name belongs to nobody;"
            " tests/taps/test_tap_wms_sftp_bad.py has lines with more columns than told",
            "future_state_reads_nothing": "what was read is remembered as files, not as a time",
            "reading_on_from_any_state_loses_nothing": "a file does not change while it is read;"
            " tests/taps/test_tap_wms_sftp.py has files that are still being written",
            "sweep_finds_what_was_deleted": "a warehouse takes nothing back that it has said",
            "limits_are_kept": "a server of files has no limit",
            "deselected_fields_are_not_asked_for": "a file is read whole; what is not selected"
            " is left out of the records",
        },
    ),
    TargetBench(
        name="target-wms-sftp",
        vendor="wms_sftp",
        config=_account,
        prepare=lambda stage: _fingerprint(stage.url) and None,
        destination=_destination,
        creates=wms_sftp_creates,
        made=lambda effect: effect["external_id"] if effect["object"] == "order_line" else None,
        secrets=("sandbox-files",),
        wrong={"password": "wrong-and-secret"},
        scripts=SCRIPTS,
    ),
]
