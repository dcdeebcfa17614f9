"""How much of a vendor's limit a delivery keeps busy, 100 ms away, once the burst is spent.

    python -m benchmarks.delivery [--seconds 30] [--share 1] [--json FOLDER]

used = what the vendor charged / (the limit's rate x time x share)

`Crossdock` delivers as the targets do, journal and all; `one request a row` is that with batches
of one; `drt` is drt-core in an environment of its own, with a rate limit of the account's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import httpx
import yaml

from benchmarks.accounts import ACCOUNTS
from benchmarks.faults import Drt, contact_body
from benchmarks.limits import Burst, served
from benchmarks.measuring import show
from crossdock.journal import Journal
from crossdock.journal.intents import Planned
from crossdock.operation import Operation
from crossdock.target import Delivery
from taps.hubspot.client import HubSpotClient
from taps.shiphero.client import ShipHeroClient
from targets.hubspot.check import check
from targets.hubspot.destination import HubSpotDestination
from targets.shiphero.destination import ShipHeroDestination

if TYPE_CHECKING:
    from benchmarks.measuring import Row

POLL = 0.25
RUN = "bench"


def contacts(count: int) -> list[Operation]:
    """People to be made in the CRM."""
    return [
        _operation(
            number,
            "contacts",
            "hubspot:main",
            {"crossdock_customer_id": f"c{number}", "email": f"new{number}@example.org"},
            {"crossdock_customer_id": f"c{number}"},
        )
        for number in range(count)
    ]


def orders(count: int) -> list[Operation]:
    """Orders to be made in the WMS."""
    line = {"sku": "SKU-00001", "partner_line_item_id": "1", "quantity": 1, "price": "4.50"}
    return [
        _operation(
            number,
            "orders",
            "shiphero:main",
            {
                "partner_order_id": f"shop_{number}",
                "shop_name": "crossdock-main",
                "shipping_address__city": "London",
                "line_items": [line],
            },
            {"partner_order_id": f"shop_{number}"},
        )
        for number in range(count)
    ]


def _operation(
    number: int, kind: str, destination: str, values: dict[str, Any], match: dict[str, Any]
) -> Operation:
    return Operation(
        op_key=f"{number:064d}",
        run_id=RUN,
        sync=f"sync_bench_{kind}",
        destination=destination,
        object=kind,
        key=f"k{number}",
        version=0,
        action="create",
        destination_id=None,
        match=match,
        set=values,
        before={},
    )


@contextmanager
def delivering(
    vendor: str, base: str, folder: Path, share: float, seconds: float, *, single: bool
) -> Iterator[Callable[[], bool]]:
    """A delivery under way; yields whether it has ended."""
    journal = Journal(f"sqlite:///{folder / 'journal.db'}")
    config = {**ACCOUNTS[vendor].config, "api_url": f"{base}/{vendor}", "share": share}
    if vendor == "hubspot":
        list(check({**config, "share": 1}, fix=True))
        client: Any = HubSpotClient.from_config(
            config, connector="target-hubspot", limiter_store=journal.buckets
        )
        destination: Any = HubSpotDestination(client)
        wanted = contacts(int((seconds + 10) * 19 * (1 if single else 100)))
    else:
        client = ShipHeroClient.from_config(
            config, connector="target-shiphero", limiter_store=journal.buckets
        )
        destination = ShipHeroDestination(client)
        wanted = orders(int(4_004 / 6 + (seconds + 30) * 60 / 6))
    if single:
        destination.batch_size = lambda object_name, action: 1
    journal.operations.write_plan(RUN, [Planned(o, dict(o.set)) for o in wanted], ())
    stop = threading.Event()
    delivery = Delivery(destination, journal, RUN, rollout="live", stopping=stop.is_set)
    # The target hands on ten thousand at a time.
    portions = [wanted[i : i + 10_000] for i in range(0, len(wanted), 10_000)]
    work = threading.Thread(target=lambda: [delivery.deliver(p) for p in portions])
    work.start()
    try:
        yield lambda: not work.is_alive()
    finally:
        stop.set()
        work.join()
        client.close()
        journal.close()


@contextmanager
def drt(base: str, folder: Path, seconds: float, environment: Path) -> Iterator[Callable[[], bool]]:
    """drt that makes contacts, one request for each."""
    tool = Drt(environment)
    with duckdb.connect(str(folder / "people.duckdb")) as warehouse:
        count = int((seconds + 10) * 19)
        warehouse.execute(f"create table people as select i as number from range({count}) t (i)")
    home = folder / "home" / ".drt"
    home.mkdir(parents=True)
    profile = {"default": {"type": "duckdb", "database": str(folder / "people.duckdb")}}
    (home / "profiles.yml").write_text(yaml.safe_dump(profile))
    (folder / "drt_project.yml").write_text("name: people\nprofile: default\n")
    (folder / "syncs").mkdir()
    key = ACCOUNTS["hubspot"].config["access_token"]
    sync = {
        "name": "people",
        "model": "select number from people",
        "destination": {
            "type": "rest_api",
            "url": f"{base}/hubspot/crm/v3/objects/contacts",
            "method": "POST",
            "headers": {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
            "body_template": contact_body(),
        },
        "sync": {"mode": "full", "on_error": "skip", "rate_limit": {"requests_per_second": 19}},
    }
    (folder / "syncs" / "people.yml").write_text(yaml.safe_dump(sync))
    process = subprocess.Popen(
        [tool.program, "run"],
        cwd=folder,
        env={**os.environ, "HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield lambda: process.poll() is not None
    finally:
        process.kill()
        process.wait()


def measure(vendor: str, program: str, share: float, seconds: float, environment: Path) -> Row:
    """One row of the table."""
    account = ACCOUNTS[vendor]
    with tempfile.TemporaryDirectory() as name, served(vendor) as base:
        folder = Path(name)
        going = (
            drt(base, folder, seconds, environment)
            if program == "drt"
            else delivering(vendor, base, folder, share, seconds, single=program != "Crossdock")
        )
        with going as ended:
            burst = Burst(account.burst * share, account.rate * share)
            samples = list(_samples(base, ended, burst, seconds))
    charged = [now for before, now in pairwise(samples) if now[1] > before[1]]
    first, last = charged[0], charged[-1]
    took = last[0] - first[0]
    used = (last[1] - first[1]) / (account.rate * share * took)
    return {
        "vendor": vendor,
        "program": program,
        "limit": f"{account.rate:g} {account.unit}/s",
        "seconds": took,
        "used": used,
        "records/s": (last[3] - first[3]) / took,
        "refused": last[2] - first[2],
    }


def _samples(
    base: str, ended: Callable[[], bool], burst: Burst, seconds: float
) -> Iterator[tuple[float, float, int, int]]:
    began: float | None = None
    with httpx.Client(timeout=30) as client:
        while not ended() and (began is None or time.monotonic() - began < seconds):
            told = client.get(f"{base}/consumed").json()
            if began is not None or burst.is_over(told["consumed"]):
                began = began or time.monotonic()
                made = client.get(f"{base}/_sandbox/effects?since={10**9}").json()["last"]
                yield time.monotonic(), told["consumed"], told["refused"], made
            time.sleep(POLL)


def main() -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--json", type=Path, help="folder for the table as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            measure(vendor, program, options.share, options.seconds, Path(folder))
            for vendor, program in (
                ("hubspot", "Crossdock"),
                ("hubspot", "one request a row"),
                ("hubspot", "drt"),
                ("shiphero", "Crossdock"),
            )
        ]
    show("delivery", rows, options.json)


if __name__ == "__main__":
    main()
