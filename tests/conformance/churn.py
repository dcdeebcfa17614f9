"""Sources whose records are changed, added and deleted at random while they are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from crossdock.warehouse import connect, ident
from sandbox.world import Customer, Location, Order, OrderLine, Product, Stock, World
from tests.taps.played import START

if TYPE_CHECKING:
    from tests.conformance.bench import Read, Stage

Act = Callable[["Stage", Random, int], None]
"""Somebody changes, adds or deletes one record; the number is good for new names."""

SKUS = [f"SKU-{number:03}" for number in range(60)]
"""What every busy world sells; a larger one sells more."""
SOLD = 30
"""The first so many are in orders; a shop tells of no order whose product is deleted later."""
_OWN_COLUMNS = ("_crossdock_read_at", "_sdc_loaded_at", "_sdc_deleted_at")


def busy_world(orders: int) -> World:
    """A world with enough records for many pages."""
    people = [
        Customer(f"C{n}", f"c{n}@example.com", None, "Ada", f"Number {n}", city="Köln")
        for n in range(orders // 4)
    ]
    placed = [
        Order(
            str(10_000 + n),
            START + timedelta(minutes=n // 3),
            "EUR",
            customer_id=f"C{n % len(people)}",
            ship_name="Ada Lovelace",
            ship_line1="Lange Straße 5",
            ship_city="Köln",
            ship_country="DE",
            carrier="DHL",
        )
        for n in range(orders)
    ]
    skus = [*SKUS, *(f"MORE-{number:03}" for number in range(orders // 2 - len(SKUS)))]
    return World(
        customers=people,
        products=[Product(sku, title=sku, unit_price=Decimal("4.50")) for sku in skus],
        locations=[Location("L1", "Main")],
        inventory=[Stock("L1", sku, 50) for sku in skus],
        orders=placed,
        order_lines=[
            OrderLine(order.order_id, 1, SKUS[n % SOLD], 1, Decimal("4.50"))
            for n, order in enumerate(placed)
        ],
    )


def load(read: Read, folder: Path) -> Path:
    """Bring what a tap wrote into a warehouse, with the real loader."""
    path = folder / "warehouse.duckdb"
    settings = folder / "target.json"
    settings.write_text(json.dumps({"path": str(path), "default_target_schema": "raw_x_main"}))
    lines = "".join(json.dumps(message) + "\n" for message in read.messages)
    program = str(Path(sys.executable).parent / "target-duckdb")
    done = subprocess.run(
        [program, "--config", str(settings)],
        input=lines,
        capture_output=True,
        text=True,
        env={**os.environ, "CROSSDOCK_PROJECT": str(folder)},
    )
    assert done.returncode == 0, done.stderr[-500:]
    return path


def held(path: Path, streams: list[str]) -> dict[str, set[str]]:
    """The rows of each stream that are not marked as deleted, as text."""
    with connect(path, read_only=True) as warehouse:
        return {stream: _rows(warehouse, stream) for stream in streams}


def _rows(warehouse: Any, stream: str) -> set[str]:
    table = f"raw_x_main.{ident(stream)}"
    names = sorted(row[0] for row in warehouse.fetchall(f"describe {table}"))
    columns = ", ".join(ident(name) for name in names if name not in _OWN_COLUMNS)
    rows = f"select {columns} from {table} where _sdc_deleted_at is null"
    found = warehouse.fetchall(f"select to_json(r)::varchar from ({rows}) as r")
    return {row[0] for row in found}
