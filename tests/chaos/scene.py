"""What a seed stands for: what is wanted, how that changes, and what goes wrong meanwhile."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MODELS = Path(__file__).parents[2] / "transform" / "dbt" / "models" / "sync"
#: The project's own definitions of syncs; only what is upstream of them is made up here.
SYNCS = {
    "contacts": MODELS / "hubspot" / "sync_hubspot__contacts.yml",
    "orders": MODELS / "hubspot" / "sync_hubspot__orders.yml",
    "wms_orders": MODELS / "shiphero" / "sync_shiphero__orders.yml",
}
DESTINATIONS = {
    "contacts": "hubspot:main",
    "orders": "hubspot:main",
    "wms_orders": "shiphero:main",
}
RUNS = 3
#: A killed process dies at one of so many moments; a run has 40 to 90 of them.
MOMENTS = 90

Row = dict[str, Any]


@cache
def metas() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Object to (name of the sync, its `meta.sync`) as the project defines them."""
    found = {}
    for kind, path in SYNCS.items():
        (model,) = yaml.safe_load(path.read_text())["models"]
        meta = dict(model["config"]["meta"]["sync"])
        meta.pop("key_moves", None)  # who becomes whom is decided upstream
        found[kind] = (model["name"], meta)
    return found


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in one run.

    Attributes:
        faults: Rules for the vendors' answers.
        killed_at: The moment at which the process dies; None if it lives.
        second: A second run begins at the same time.
        clock: Seconds by which the machine's clock is off.
        stale: What is read of the vendors is from before the last run.
        disk_full: The journal can hold no more from this moment on.
        journal: What has become of the journal before the run.
    """

    faults: Sequence[Mapping[str, Any]] = ()
    killed_at: int | None = None
    second: bool = False
    clock: float = 0.0
    stale: bool = False
    disk_full: int | None = None
    journal: str = "kept"

    @property
    def kinds(self) -> list[str]:
        """Names of what goes wrong, to be counted."""
        found = [rule["kind"] for rule in self.faults]
        found += ["killed"] if self.killed_at else []
        found += ["two loops"] if self.second else []
        found += ["clock"] if self.clock else []
        found += ["stale reading"] if self.stale else []
        found += ["disk full"] if self.disk_full else []
        found += [f"journal {self.journal}"] if self.journal != "kept" else []
        return found


@dataclass
class Scene:
    """One seed."""

    seed: int
    wanted: list[dict[str, list[Row]]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @classmethod
    def of(cls, seed: int) -> Scene:
        """The scene of a seed: always the same."""
        chance = random.Random(seed)
        scene = cls(seed)
        customers, orders = chance.randint(2, 6), chance.randint(3, 9)
        steps = [0] * orders
        for _ in range(RUNS):
            orders += chance.choice([0, 0, 1, 2])
            steps += [0] * (orders - len(steps))
            scene.wanted.append(_wanted(customers, steps))
            scene.troubles.append(_trouble(chance))
            steps = [step + chance.choice([0, 0, 1]) for step in steps]
        return scene


def _wanted(customers: int, steps: Sequence[int]) -> dict[str, list[Row]]:
    return {
        "contacts": [_contact(number) for number in range(customers)],
        "orders": [_order(number, step, number % customers) for number, step in enumerate(steps)],
        "wms_orders": [_wms_order(number, step) for number, step in enumerate(steps)],
    }


def _contact(number: int) -> Row:
    return {
        "customer_id": f"customer-{number}",
        "crossdock_customer_id": f"customer-{number}",
        "email": f"buyer{number}@example.com",
        "firstname": "Zoë",
        "lastname": f"Brandt {number}",
        "phone": f"+49 30 1234{number:02}",
    }


def _order(number: int, step: int, customer: int) -> Row:
    return {
        "order_id": f"order-{number}",
        "customer_id": f"customer-{customer}",
        "crossdock_order_id": f"order-{number}",
        "hs_external_order_id": f"chaos_{number}",
        "hs_order_name": f"#{number}",
        "hs_external_created_date": "2026-11-02T09:00:00Z",
        "hs_fulfillment_status": f"step {step}",
        "hs_total_price": f"{10 + step}.50",
        "hs_currency_code": "EUR",
        "hs_shipping_address_street": "Lange Straße 5",
    }


def _wms_order(number: int, step: int) -> Row:
    item = {"sku": "TEA", "partner_line_item_id": "1", "quantity": 1, "price": "4.50"}
    return {
        "fulfillment_request_id": f"request-{number}",
        "partner_order_id": f"chaos_{number}",
        "order_number": f"#{number}",
        "shop_name": "crossdock-main",
        "order_date": "2026-11-02T09:00:00Z",
        "currency": "EUR",
        "email": "buyer@example.com",
        "shipping_address__first_name": "Zoë",
        "shipping_address__last_name": "Brandt",
        "shipping_address__address1": "Lange Straße 5",
        "shipping_address__address2": f"Floor {step}" if step else "",
        "shipping_address__city": "Köln",
        "shipping_address__country": "DE",
        "shipping_lines": json.dumps({"title": "Standard", "price": "5.00"}),
        "line_items": json.dumps([item]),
    }


_FAULTS: Sequence[Mapping[str, Any]] = (
    {"kind": "lost_answer"},
    {"kind": "lost_answer", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "drop_before"},
    {"kind": "limited"},
    {"kind": "reset"},
    {"kind": "short"},
    {"kind": "truncated"},
    {"kind": "garbage"},
    {"kind": "down"},
)


def _trouble(chance: random.Random) -> Trouble:
    faults = []
    for shape in chance.sample(_FAULTS, chance.choice([0, 1, 1, 2])):
        rule = {
            **shape,
            "vendor": chance.choice(["hubspot", "shiphero"]),
            "after": chance.randint(0, 12),
            "every": chance.choice([1, 2, 3]),
            "count": chance.choice([1, 2, 4]),
        }
        faults.append(rule)
    return Trouble(
        faults=faults,
        killed_at=chance.randint(1, MOMENTS) if chance.random() < 0.6 else None,
        second=chance.random() < 0.15,
        clock=chance.choice([-7200.0, -5.0, 600.0, 86400.0]) if chance.random() < 0.15 else 0.0,
        stale=chance.random() < 0.2,
        disk_full=chance.randint(1, MOMENTS) if chance.random() < 0.1 else None,
        journal=chance.choice(["lost", "restored"]) if chance.random() < 0.15 else "kept",
    )
