"""A tiny world played by the real sandbox, and operations to send to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from crossdock.journal import Journal
from crossdock.operation import Operation, Ready
from sandbox.app import create_app
from sandbox.server import serving
from sandbox.world import Customer, Location, Order, OrderLine, Product, Stock, World

PLACED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def tiny_world() -> World:
    customers = [
        Customer("C1", "ada@example.com", "+44 20 7946 0001", "Ada", "Lovelace", city="London"),
        Customer("C2", None, None, "Zoë", "Brandt", city="Köln", country="DE"),
    ]
    orders = [
        Order(
            str(1000 + n),
            PLACED + timedelta(hours=n),
            "EUR",
            customer_id="C1",
            ship_name="Ada Lovelace",
            ship_line1="12 St James's Square",
            ship_city="London",
            ship_country="GB",
            carrier="DHL",
            shipped_at=PLACED + timedelta(days=2) if n == 0 else None,
        )
        for n in range(3)
    ]
    lines = [OrderLine(o.order_id, 1, "TEA", 2, Decimal("4.50")) for o in orders]
    return World(
        customers=customers,
        products=[Product("TEA", title="Tea", unit_price=Decimal("4.50"))],
        locations=[Location("L1", "Main warehouse")],
        inventory=[Stock("L1", "TEA", 50)],
        orders=orders,
        order_lines=lines,
    )


@dataclass
class Sandbox:
    """The sandbox over HTTP, and its control routes."""

    url: str
    app: Starlette

    def effects(self, vendor: str) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.url}/_sandbox/effects").json()["effects"]
        return [e for e in found if e["vendor"] == vendor]

    def state(self, vendor: str) -> dict[str, Any]:
        state: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/state").json()["vendors"][vendor]
        return state

    def advance(self, hours: float) -> None:
        httpx.post(f"{self.url}/_sandbox/advance", json={"hours": hours}).raise_for_status()

    def faults(self, *rules: dict[str, Any]) -> None:
        body = {"rules": list(rules)}
        httpx.post(f"{self.url}/_sandbox/faults", json=body).raise_for_status()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    app = create_app(tiny_world())
    with serving(app) as url:
        yield Sandbox(url, app)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    yield opened
    opened.close()


_numbers = itertools.count(1)


def operation(action: str, **values: Any) -> Operation:
    """An operation with what a test does not care about filled in."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "op_key": f"{number:064d}",
        "run_id": "run",
        "sync": "sync_test",
        "destination": "test:main",
        "object": "orders",
        "key": f"key-{number}",
        "version": 0,
        "destination_id": None,
        "match": {},
        "set": {},
        "before": {},
    }
    return Operation(action=action, **{**defaults, **values})  # type: ignore[arg-type]


def ready(action: str, ref_ids: dict[str, str] | None = None, **values: Any) -> Ready:
    return Ready(operation(action, **values), ref_ids or {})
