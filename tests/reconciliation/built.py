"""A small shop, built by the real dbt project, planned and delivered into a real journal."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.journal.runs import parent_process
from crossdock.plan import destination
from crossdock.settings import Instance, Settings
from tests.transform import raw, records
from tests.transform.raw import PROJECT
from tests.transform.records import gid, line, order, request

NOW = "2026-11-20T12:00:00+00:00"
INSTANCES = ("shopify:main", "hubspot:main", "shiphero:main")
HOSTILE = "<img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"
#: What a person may not find on the page.
PEOPLE = ("maria@example.com", "Maria", "Anders", "Obere Str.", "+49300074321")
REFUSAL = "shipping_address.country is not known (code 422)"


@cache
def built() -> Settings:
    """The state of a project after one run; built once for all tests of a process."""
    root = Path(tempfile.mkdtemp(prefix="crossdock-built-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    places = places_in(root)
    _fill(places.warehouse)
    with patch.dict(os.environ, environment(places)):
        _dbt(places, "build", "--exclude-resource-type", "unit_test")
        _run(places)
    return places


def places_in(root: Path) -> Settings:
    state = root / ".crossdock"
    state.mkdir(parents=True, exist_ok=True)
    return Settings(
        project=root,
        state_dir=state,
        warehouse=state / "warehouse.duckdb",
        journal=f"sqlite:///{state / 'journal.db'}",
        instances=tuple(Instance.parse(name) for name in INSTANCES),
    )


def environment(places: Settings) -> dict[str, str]:
    """What a command needs to find this project."""
    return {
        "CROSSDOCK_PROJECT": str(places.project),
        "CROSSDOCK_STATE_DIR": str(places.state_dir),
        "CROSSDOCK_WAREHOUSE": str(places.warehouse),
        "CROSSDOCK_JOURNAL": places.journal,
        "CROSSDOCK_INSTANCES": " ".join(map(str, places.instances)),
        "CROSSDOCK_NOW": NOW,
    }


def _fill(warehouse: Path) -> None:
    sent = order(1, [line(10, "A", 2)])
    hostile = order(8, [line(80)], name=HOSTILE)
    unmapped = order(4, [line(40, "STRANGE", title="Thing A, large")])
    unpaid = order(6, [line(60)], displayFinancialStatus="PENDING")
    waiting = order(9, [line(90, "B")])
    orders = [sent, hostile, unmapped, unpaid, waiting]
    holds = {"status": "ON_HOLD", "fulfillmentHolds": [{"reason": "HIGH_RISK_OF_FRAUD"}]}
    requests = [
        request(1, sent),
        request(8, hostile, **holds),
        request(4, unmapped),
        request(6, unpaid),
        request(9, waiting),
    ]
    person = {
        "id": gid("Customer", 1),
        "createdAt": records.PLACED,
        "updatedAt": records.PLACED,
        "firstName": "Maria",
        "lastName": "Anders",
        "defaultEmailAddress": {"emailAddress": "maria@example.com"},
        "defaultAddress": records.ADDRESS,
    }
    in_wms = records.wms_order("shop_1", [("10", "A", 2)])
    shop = {"orders": orders, "fulfillment_orders": requests, "customers": [person]}
    wms = {
        "orders": [in_wms],
        "shipments": [records.shipment(in_wms)],
        "products": [records.product("A"), records.product("B")],
        "warehouse_products": [records.stock("A", 10), records.stock("B", 0)],
        "warehouses": records.warehouse(records.MAIN),
    }
    raw.write(warehouse, "shopify:main", shop)
    raw.write(warehouse, "shiphero:main", wms)
    raw.write(warehouse, "hubspot:main", {"contacts": [], "orders": []})
    raw.write(warehouse, "journal", {"acknowledged": []})


def _dbt(places: Settings, *arguments: str) -> None:
    target = places.manifest.parent
    command = [
        str(Path(sys.executable).parent / "dbt"), "--quiet", *arguments,
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(target), "--log-path", str(target / "logs"),
    ]  # fmt: skip
    settings = {"CROSSDOCK_BUSINESS_NOW": NOW, "CROSSDOCK_DECISIONS": ""}
    subprocess.run(command, env=os.environ | settings, capture_output=True, check=False)
    assert places.manifest.exists()


def _run(places: Settings) -> None:
    """One run: everything was read, the CRM took its orders, the WMS refused one."""
    journal = Journal(places.journal)
    run, _ = journal.begin("sync", parent_process())
    for instance in places.instances:
        journal.runs.source_read(str(instance), run.run_id, ok=True)
    _deliver(places, journal, run.run_id, "hubspot:main")
    _deliver(places, journal, run.run_id, "shiphero:main", refuse=True)
    journal.runs.fail(
        run.run_id, "delivery", f"sync_shiphero__orders: refused, ask {PEOPLE[0]} -> mend it"
    )
    for book in journal.runs.books(run.run_id):
        kept = ("status", "rows", "unchanged", "blocked", "operations")
        journal.runs.write_books(
            run.run_id,
            book["sync"],
            book["destination"],
            states=journal.operations.counts(run.run_id).get(
                (book["sync"], book["destination"]), {}
            ),
            balanced=True,
            **{name: book[name] for name in kept},
        )
    journal.runs.end(run.run_id, "failed")
    acknowledged = [
        row
        for sync in ("sync_hubspot__contacts", "sync_hubspot__orders", "sync_shiphero__orders")
        for to in ("hubspot:main", "shiphero:main")
        for row in journal.operations.acknowledged(sync, to)
    ]
    raw.write(places.warehouse, "journal", {"acknowledged": [_raw(row) for row in acknowledged]})


def _deliver(
    places: Settings, journal: Journal, run_id: str, to: str, *, refuse: bool = False
) -> None:
    decisions = destination.decide(Instance.parse(to), places, journal, run_id=run_id)
    destination.write(decisions, journal, run_id)
    for number, operation in enumerate(o for d in decisions for o in d.plan.operations):
        journal.leases.take([operation.op_key], run_id)
        change = Change(operation.op_key, states.ACKNOWLEDGED, destination_id=f"9{number:03}")
        if refuse and operation.action == "create":
            change = Change(operation.op_key, states.REJECTED, REFUSAL, counts=True)
        journal.operations.settle(run_id, [change])


def _raw(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "fields" else str(value) for name, value in row.items()}
