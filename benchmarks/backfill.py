"""A shop's first reading by bulk operation, from the vendor to the warehouse under `meltano run`.

    python -m benchmarks.backfill [--orders 100000] [--json FOLDER]

The run is measured as a whole; then the tap runs alone, to tell its share, and the shop says how
long its operation took. What is left is Meltano's start and the loader.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
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


def alone(folder: Path, url: str) -> Used:
    """The tap, with nobody who loads its files."""
    config = folder / "tap.json"
    account = {"api_url": url, "access_token": STATIC_TOKEN, "share": 1, "restore_rate": 1000}
    config.write_text(json.dumps({**account, "streams": ["orders"], "bulk": "always"}))
    command = [str(PROGRAMS / "tap-shopify"), "--config", str(config)]
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


def loaded(folder: Path) -> int:
    """Orders in the warehouse."""
    with connect(folder / ".crossdock" / "warehouse.duckdb", read_only=True) as warehouse:
        row = warehouse.fetchone("select count(*) from raw_shopify_main.orders")
    return int(row[0]) if row else 0


def measure(orders: int) -> list[Row]:
    """Seconds of the whole and of its parts.

    Raises:
        Failed: Not all orders arrived.
    """
    with shop(orders) as (url, server), tempfile.TemporaryDirectory() as name:
        project, other = Path(name) / "project", Path(name) / "other"
        project.mkdir()
        other.mkdir()
        whole = under_meltano(project, url)
        if (arrived := loaded(project)) != orders:
            raise Failed(f"{arrived} of {orders} orders are in the warehouse")
        left = list((project / ".crossdock" / "batches").iterdir())
        if left:
            raise Failed(f"{len(left)} files of records were left behind")
        vendor = operation(url)
        tap = alone(other, url)
        again = operation(url)
        served = server.cpu_times()
        print(
            f"{orders:,} orders: {int(vendor['objectCount']):,} objects,"
            f" {int(vendor['fileSize']) / 1e6:,.0f} MB; the shop used"
            f" {served.user + served.system:.0f} s of processor time for both readings"
        )
    rest = whole.seconds - vendor["seconds"] - (tap.seconds - again["seconds"])
    return [
        _row("tap to warehouse under meltano run", orders, whole.seconds, whole.processor, whole),
        _row("  the shop's bulk operation", orders, vendor["seconds"], None, whole),
        _row(
            "  the tap: download, fold, write",
            orders,
            tap.seconds - again["seconds"],
            tap.processor,
            whole,
            memory=tap.memory_mib,
        ),
        _row("  the rest: meltano and target-duckdb", orders, rest, None, whole),
    ]


def _row(
    part: str,
    orders: int,
    seconds: float,
    processor: float | None,
    whole: Used,
    memory: float | None = None,
) -> Row:
    return {
        "part": part,
        "seconds": seconds,
        "orders/s": orders / seconds,
        "% of the time": 100 * seconds / whole.seconds,
        "µs of processor time an order": processor and processor / orders * 1e6,
        "memory MiB": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="folder for the figures")
    options = parser.parse_args()
    rows = measure(options.orders)
    show("Backfill by bulk operation", rows, options.json and options.json / "backfill.json")


if __name__ == "__main__":
    main()
