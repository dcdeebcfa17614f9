"""tap-decisions: sheets in a folder of this machine; its own tests have a server, too."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.conformance.bench import Stage, TapBench

NO_NETWORK = "no request leaves: faults of a network, and what a client does about them, have none"
HEADINGS = "channel,channel_sku,sku,quantity,who,why"


def folder_of(url: str) -> Path:
    """The folder that goes with a sandbox."""
    return Path(tempfile.gettempdir()) / f"crossdock-decisions-{url.rpartition(':')[2]}"


def _write(stage: Stage, name: str, *rows: str) -> None:
    path = folder_of(stage.url) / name
    path.write_text("\n".join([HEADINGS, *rows]) + "\n", encoding="utf-8")
    then = time.time() - 60
    os.utime(path, (then, then))


def _prepare(stage: Stage) -> None:
    folder = folder_of(stage.url)
    shutil.rmtree(folder, ignore_errors=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.mkdir()
    for number in range(1, 4):
        _write(stage, f"sheet_{number}.csv", "shopify,KIT,SKU-01,2,Ann,gift", ",OLD,SKU-02,1,,")


def _change(stage: Stage, number: int, text: str) -> None:
    _write(stage, f"sheet_{1 + number % 3}.csv", f"shopify,KIT-{number},SKU-01,2,Ann,{text}")


def _remove(stage: Stage) -> str:
    (folder_of(stage.url) / "sheet_2.csv").unlink()
    return "sheets"


BENCHES = [
    TapBench(
        name="tap-decisions",
        vendor="decisions",
        config=lambda stage: {"folder": str(folder_of(stage.url))},
        prepare=_prepare,
        change=_change,
        remove=_remove,
        nowhere={
            "host": "127.0.0.1",
            "port": 9,
            "username": "nobody",
            "password": "none",
            "host_key_fingerprint": f"SHA256:{'A' * 43}",
        },
        wrong={},
        without={
            "fault_scripts": f"{NO_NETWORK}; tests/taps/test_tap_decisions.py breaks the files",
            "two_full_reads_are_equal": "a reading without a state brings all sheets, and is told"
            " as one of what is new; tests/taps/test_tap_decisions.py reads twice",
            "page_size_makes_no_difference": "a file is read whole",
            "future_state_reads_nothing": "the state is which files were read, and no time",
            "reading_on_from_any_state_loses_nothing": f"{NO_NETWORK}; a file that is written"
            " while it is read is left for the next run: tests/taps/test_tap_decisions.py",
            "unknown_fields": "a sheet has any columns, and keeps them all in its rows:"
            " tests/taps/test_tap_decisions.py",
            "limits_are_kept": f"{NO_NETWORK}, and no limit",
            "requests_are_valid": NO_NETWORK,
            "down_is_one_clear_line": NO_NETWORK,
            "wrong_key_is_one_clear_line": "a folder has no key; that of a server is"
            " tap-wms-sftp's, which has the same client",
            "secrets_are_marked_and_never_printed": "a folder has no key; that of a server is"
            " tap-wms-sftp's, which has the same client",
            "terminated_ends_tidily": f"{NO_NETWORK} that could be slow",
            "churn": NO_NETWORK,
        },
    )
]
