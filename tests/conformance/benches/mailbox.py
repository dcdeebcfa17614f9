"""tap-mailbox and target-mailbox: a folder on both sides, and no network between them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from sandbox.mailbox.partner import Partner, row
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.targets.conftest import operation

NO_NETWORK = "no request leaves: faults of a network, and what a client does about them, have none"
LEFT_OUT = {
    "fault_scripts": f"{NO_NETWORK}; tests/taps/test_tap_mailbox.py breaks the files instead",
    "two_full_reads_are_equal": "no reading is a full listing, for an order stays when its file"
    " is taken away; tests/taps/test_tap_mailbox.py reads twice",
    "page_size_makes_no_difference": "a file is read whole",
    "future_state_reads_nothing": "the state is which files were read, and no time",
    "reading_on_from_any_state_loses_nothing": f"{NO_NETWORK}; a file that is written while it is"
    " read is left for the next run: tests/taps/test_tap_mailbox.py",
    "sweep_finds_what_was_deleted": "orders are not deleted by files that go; that files are gone"
    " is found: tests/taps/test_tap_mailbox.py",
    "unknown_fields": "a table has any columns; those that the layout does not name stay behind",
    "limits_are_kept": f"{NO_NETWORK}, and no limit",
    "control_totals_agree": "a folder counts nothing; each file's rows are counted as read or"
    " refused in the stream `files`",
    "requests_are_valid": NO_NETWORK,
    "down_is_one_clear_line": NO_NETWORK,
    "wrong_key_is_one_clear_line": "a folder has no key",
    "secrets_are_marked_and_never_printed": "a folder has no key",
    "terminated_ends_tidily": f"{NO_NETWORK} that could be slow",
    "churn": NO_NETWORK,
}


def folder_of(url: str) -> Path:
    """The folder that goes with a sandbox."""
    return Path(tempfile.gettempdir()) / f"crossdock-mailbox-{url.rpartition(':')[2]}"


def _prepare(stage: Stage) -> None:
    shutil.rmtree(folder_of(stage.url), ignore_errors=True)
    atexit.register(shutil.rmtree, folder_of(stage.url), ignore_errors=True)
    partner = Partner(folder_of(stage.url))
    partner.sends_csv("first.csv", [row(f"A{n}", "SKU-01") for n in range(1, 8)])
    partner.sends_xlsx("second.xlsx", [row(f"B{n}", "SKU-02") for n in range(1, 8)])
    sent = partner.folder / "sent" / "tracking-1.csv"
    sent.parent.mkdir()
    sent.write_text("operation,parcel_id,order_number,tracking_number\r\nop,p-1,A1,1Z1\r\n")


def _change(stage: Stage, number: int, text: str) -> None:
    partner = Partner(folder_of(stage.url))
    partner.sends_csv(f"change-{number}.csv", [row("A3", "SKU-01", Name=text)])


BENCHES = [
    TapBench(
        name="tap-mailbox",
        vendor="mailbox",
        config=lambda stage: {"folder": str(folder_of(stage.url))},
        prepare=_prepare,
        change=_change,
        nowhere={"folder": "/nowhere/at/all"},
        wrong={},
        without=LEFT_OUT,
    ),
    TargetBench(
        name="target-mailbox",
        vendor="mailbox",
        config=lambda url: {"folder": str(folder_of(url))},
        creates=lambda: [
            operation("create", key=f"p-{n}", object="tracking", set={"parcel_id": f"p-{n}"})
            for n in range(1, 4)
        ],
        without={
            "effects_happen_once": f"{NO_NETWORK}; tests/targets/test_target_mailbox.py ends the"
            " process between any two steps",
            "audit_sends_nothing": "tests/targets/test_target_mailbox.py counts files, the sandbox"
            " has none",
            "vendor_that_is_down_is_caught_up_with": NO_NETWORK,
            "target_with_wrong_key": "a folder has no key",
            "target_secrets": "a folder has no key",
        },
    ),
]
