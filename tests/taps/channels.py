"""What a channel's tests share: a small world, its records in a warehouse, the models over them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from sandbox.world import Location, Order, OrderLine, Product, Stock, World

if TYPE_CHECKING:
    from tests.conformance.bench import Read

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
OBJECTS = (
    "orders",
    "order_lines",
    "fulfillment_requests",
    "fulfillment_request_lines",
    "customers",
    "listings",
)

Fetch = Callable[[str], list[tuple[Any, ...]]]


def small_world(products: int = 12) -> World:
    """One order and a dozen products: enough for a stand-in to begin with."""
    goods = [Product(f"SKU-{n:02}", unit_price=Decimal("4.50")) for n in range(1, products + 1)]
    return World(
        customers=[],
        products=goods,
        locations=[Location("L1", "Main")],
        inventory=[Stock("L1", product.sku, 100) for product in goods],
        orders=[Order("1000", datetime(2026, 11, 2, 9, tzinfo=UTC), "EUR")],
        order_lines=[OrderLine("1000", 1, "SKU-01", 1, Decimal("4.50"))],
    )


def land(folder: Path, instance: str, read: Read, alarm: str = "") -> Path:
    """Load what a tap wrote; answers the warehouse.

    Args:
        alarm: What the loader has to say at the end, if something went to quarantine.
    """
    warehouse = folder / "warehouse.duckdb"
    config = folder / "loader.json"
    schema = "raw_" + instance.replace(":", "_")
    config.write_text(json.dumps({"path": str(warehouse), "default_target_schema": schema}))
    done = subprocess.run(
        [str(PROGRAMS / "target-duckdb"), "--config", str(config)],
        input="\n".join(json.dumps(message) for message in read.messages),
        env={**os.environ, "CROSSDOCK_PROJECT": str(folder)},
        text=True,
        check=False,
        capture_output=True,
    )
    assert (done.returncode == 0) == (not alarm), done.stderr
    assert alarm in done.stderr
    return warehouse


def dbt(folder: Path, warehouse: Path, system: str, *arguments: str) -> Fetch:
    """Run dbt with this system as the only channel; answers what asks the warehouse.

    A test that also needs what is not built here waits for the whole project.
    """
    project = ROOT / "transform" / "dbt"
    done = subprocess.run(
        [
            str(PROGRAMS / "dbt"), "--quiet", *arguments, "--indirect-selection", "cautious",
            "--exclude-resource-type", "unit_test", "--project-dir", str(project),
            "--profiles-dir", str(project), "--target-path", str(folder / "target"),
            "--log-path", str(folder / "logs"),
        ],
        env={
            **os.environ,
            "CROSSDOCK_WAREHOUSE": str(warehouse),
            "CROSSDOCK_INSTANCES": f"{system}:main shiphero:main hubspot:main",
            "CROSSDOCK_CHANNELS": system,
            "CROSSDOCK_GO_LIVE_AT": "",
            "MELTANO_ENVIRONMENT": "sandbox",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    def fetch(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return fetch


def channel_models(folder: Path, system: str, read: Read, alarm: str = "") -> Fetch:
    """What the models make of a channel's records, held to the contract of all channels."""
    warehouse = land(folder, f"{system}:main", read, alarm)
    models = [f"+int_channels__{name}" for name in OBJECTS]
    return dbt(folder, warehouse, system, "build", "--select", "+int_orders", *models)
