"""A shop's first reading by bulk operation, from the vendor to the warehouse under `meltano run`.

    python -m benchmarks.backfill [--orders 100000] [--json FOLDER]

The run is cut into parts by the times that it leaves behind: the shop says how long its operation
took, the records when it began, the end record when the tap was through.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil

from benchmarks.measuring import Failed, run, show
from crossdock.warehouse import connect
from sandbox.shopify.auth import STATIC_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measuring import Row, Used

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent
_OPERATION = """{ bulkOperations(first: 1, sortKey: CREATED_AT, reverse: true) { nodes {
  status createdAt completedAt objectCount fileSize } } }"""


@contextmanager
def shop(orders: int) -> Iterator[tuple[str, psutil.Process]]:
    """A shop with so many orders, in a process of its own: its address, and the process."""
    command = [sys.executable, "-m", "sandbox.shopify.many", "--orders", str(orders)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip(), psutil.Process(server.pid)
        finally:
            server.terminate()


def environment(folder: Path, url: str) -> dict[str, str]:
    """What a shell in the project would have."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CROSSDOCK_")}
    return {
        **inherited,
        "PATH": f"{PROGRAMS}{os.pathsep}{inherited['PATH']}",
        "MELTANO_ENVIRONMENT": "sandbox",
        "CROSSDOCK_PROJECT": str(folder),
        "CROSSDOCK_SANDBOX_URL": url.removesuffix("/shopify"),
        "TAP_SHOPIFY_STREAMS": '["orders"]',
        "TAP_SHOPIFY_BULK": "always",
    }


def under_meltano(folder: Path, url: str) -> Used:
    """The whole way, as a job goes it."""
    shutil.copy(ROOT / "meltano.yml", folder)
    command = [str(PROGRAMS / "meltano"), "run", "--force", "tap-shopify", "target-duckdb"]
    return run(command, env=environment(folder, url), cwd=folder)


def operation(url: str) -> dict[str, Any]:
    """The shop's last bulk operation, with the seconds that it took."""
    answer = httpx.post(
        f"{url}/admin/api/2026-10/graphql.json",
        json={"query": _OPERATION},
        headers={"X-Shopify-Access-Token": STATIC_TOKEN},
        timeout=60,
    )
    (found,) = answer.raise_for_status().json()["data"]["bulkOperations"]["nodes"]
    began, ended = (datetime.fromisoformat(found[name]) for name in ("createdAt", "completedAt"))
    return {**found, "seconds": (ended - began).total_seconds()}


def told(folder: Path) -> tuple[int, float, float]:
    """Orders in the warehouse; when they were asked for, and when the tap had sent them all."""
    with connect(folder / ".crossdock" / "warehouse.duckdb", read_only=True) as warehouse:
        row = warehouse.fetchone(
            "select count(*), epoch(min(_crossdock_read_at)),"
            " (select epoch(max(ended_at)) from raw_shopify_main._crossdock_end)"
            " from raw_shopify_main.orders"
        )
    assert row is not None
    return int(row[0]), float(row[1]), float(row[2])


def measure(orders: int) -> list[Row]:
    """Seconds of the whole and of its parts.

    Raises:
        Failed: Not all orders arrived, or files were left behind.
    """
    with shop(orders) as (url, server), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, began = server.cpu_times(), time.time()
        whole = under_meltano(folder, url)
        ended, after = time.time(), server.cpu_times()
        arrived, asked, sent = told(folder)
        left = list((folder / ".crossdock" / "batches").iterdir())
        if arrived != orders or left:
            raise Failed(f"{arrived} of {orders} orders arrived, {len(left)} files were left")
        vendor = operation(url)
    served = after.user + after.system - before.user - before.system
    print(
        f"{orders:,} orders: {int(vendor['objectCount']):,} objects,"
        f" {int(vendor['fileSize']) / 1e6:,.0f} MB; processor time: {whole.processor:.0f} s of"
        f" ours, {served:.0f} s of the shop"
    )
    parts = {
        "from vendor to warehouse under meltano run": whole.seconds,
        "  start of meltano and the programs": asked - began,
        "  the shop's bulk operation": vendor["seconds"],
        "  the tap: waiting for it, download, fold": sent - asked - vendor["seconds"],
        "  the loader, and the end of meltano": ended - sent,
    }
    return [
        {
            "part": part,
            "seconds": seconds,
            "orders/s": orders / seconds,
            "% of the time": 100 * seconds / whole.seconds,
        }
        for part, seconds in parts.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="folder for the figures")
    options = parser.parse_args()
    rows = measure(options.orders)
    show("Backfill by bulk operation", rows, options.json and options.json / "backfill.json")


if __name__ == "__main__":
    main()
