"""What a plan costs as a merchant grows: most rows are as they were, one in a thousand changed.

    python -m benchmarks.plan                          # 10,000, 100,000 and 1,000,000 rows
    python -m benchmarks.plan --rows 10000000

The sync is the project's own of orders in the CRM; every row is acknowledged and was read since.
The first plan of a day compares each of them, the others only what is not settled. The start of
Python is left out, that of a plan (definitions, files) is not. Each is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml

from benchmarks import measuring
from benchmarks.history import PROJECT
from crossdock.journal import Journal, stamp
from crossdock.journal.intents import canonical_json, row_hash
from crossdock.plan import destination
from crossdock.settings import Instance, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measuring import Row

SYNC = "sync_hubspot__orders"
CRM = "hubspot:main"
CHANGED = 1000  # one row in so many
WROTE_AT, READ_AT = "2026-11-20T09:00:00.000000+00:00", "2026-11-20 10:00:00+00"
_PORTION = 50_000


def definition() -> dict[str, Any]:
    """The `meta.sync` that the project has, without the sync of contacts above it."""
    path = PROJECT / "models" / "sync" / "hubspot" / f"{SYNC}.yml"
    (model,) = yaml.safe_load(path.read_text())["models"]
    meta: dict[str, Any] = model["config"]["meta"]["sync"]
    return {name: value for name, value in meta.items() if name != "refs"}


def places(folder: Path) -> Settings:
    """A project in a folder."""
    return Settings(
        project=folder,
        state_dir=folder,
        warehouse=folder / "warehouse.duckdb",
        journal=f"sqlite:///{folder / 'journal.db'}",
        instances=(Instance.parse("shopify:main"), Instance.parse(CRM)),
    )


def write(folder: Path, rows: int) -> None:
    """A warehouse, and a journal that has acknowledged all of it; then some rows change."""
    settings = places(folder)
    meta = definition()
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("set preserve_insertion_order = false; set memory_limit = '3GB'")
        warehouse.execute("create schema sync; create schema staging")
        values = ", ".join(f"{value} as {name}" for name, value in _values(meta).items())
        warehouse.execute(
            f"create table sync.{SYNC} as select md5(cast(i as varchar)) as order_id,"
            f" '{CRM}' as destination_instance, cast(null as varchar) as destination_id, {values}"
            f" from range({rows}) numbers (i)"
        )
        warehouse.execute(
            f"create table staging.{meta['observed']} as select '{CRM}' as destination_instance,"
            f" cast(10000000 + i as varchar) as destination_id, timestamptz '{READ_AT}' as read_at,"
            f" false as is_gone, {values} from range({rows}) numbers (i)"
        )
        _acknowledge(settings, warehouse, list(meta["fields"]))
        warehouse.execute(
            f"update sync.{SYNC} set hs_fulfillment_status = 'shipped' where"
            f" cast(hs_external_order_id[6:] as bigint) % {CHANGED} = 0"
        )
    _manifest(settings, meta)


def _values(meta: dict[str, Any]) -> dict[str, str]:
    """Field to SQL that makes its value from the row's number `i`."""
    values = {name: f"'{name[-6:]} ' || (i * 7 % 100000)" for name in meta["fields"]}
    prices = {
        name: "cast(i % 500 as varchar) || '.50'"
        for name, field in meta["fields"].items()
        if field.get("normalise") == "decimal"
    }
    ids = {"crossdock_order_id": "md5(cast(i as varchar))", "hs_external_order_id": "'shop_' || i"}
    return values | prices | ids | {"hs_external_created_date": "'2026-11-02T09:00:00Z'"}


def _acknowledge(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection, fields: Sequence[str]
) -> None:
    """What years of runs would have left: an operation and a state for each row."""
    Journal(settings.journal).close()
    owned = ", ".join(f"'{name}': {name}" for name in fields)
    cursor = warehouse.cursor()
    cursor.execute(
        "select order_id, cast(10000000 + cast(hs_external_order_id[6:] as bigint) as varchar),"
        f" cast(to_json({{{owned}}}) as varchar) from sync.{SYNC}"
    )
    journal = sqlite3.connect(settings.journal.removeprefix("sqlite:///"))
    journal.execute("pragma synchronous = off")
    while portion := cursor.fetchmany(_PORTION):
        rows = [(key, held, json.loads(text)) for key, held, text in portion]
        journal.executemany(
            "insert into acknowledged (sync, destination, key, destination_id, version,"
            f" acknowledged_at, row_hash, fields, op_key) values ('{SYNC}', '{CRM}', ?, ?, 1,"
            f" '{WROTE_AT}', ?, ?, ?)",
            [(k, held, row_hash(f), canonical_json(f), f"op-{k}") for k, held, f in rows],
        )
        journal.executemany(
            "insert into operations (op_key, run_id, sync, destination, object, key, version,"
            ' action, match, "set", before, refs, owned, reason, state, attempts, fence,'
            f" planned_at, updated_at) values (?, 'run', '{SYNC}', '{CRM}', 'orders', ?, 0,"
            " 'create', '{}', '{}', '{}', '{}', '{}', 'not there yet', 'acknowledged', 0, 1,"
            f" '{WROTE_AT}', '{WROTE_AT}')",
            [(f"op-{key}", key) for key, _, _ in rows],
        )
        journal.executemany(
            "insert into transitions (op_key, run_id, from_state, to_state, at) values"
            f" (?, 'run', 'in_flight', 'acknowledged', '{WROTE_AT}')",
            [(f"op-{key}",) for key, _, _ in rows],
        )
        journal.commit()
    journal.close()


def _manifest(settings: Settings, meta: dict[str, Any]) -> None:
    columns = ["order_id", "destination_instance", "destination_id", *meta["fields"]]
    nodes = {
        name: {
            "resource_type": "model",
            "name": name,
            "schema": schema,
            "alias": name,
            "columns": {column: {"name": column} for column in columns},
            "config": {"meta": own},
        }
        for name, schema, own in (
            (SYNC, "sync", {"sync": meta | {"max_age": "9999d"}}),
            (meta["observed"], "staging", {}),
        )
    }
    settings.manifest.parent.mkdir(parents=True)
    settings.manifest.write_text(json.dumps({"nodes": nodes}))


def plan_here(folder: Path) -> Row:
    """Plan in this process, and say what it took."""
    settings = places(folder)
    journal = Journal(settings.journal)
    for instance in settings.instances:
        journal.runs.source_read(str(instance), stamp(), ok=True)
    began, used = time.perf_counter(), _processor()
    (decision,) = destination.decide(Instance.parse(CRM), settings, journal, run_id="run")
    seconds, processor = time.perf_counter() - began, _processor() - used
    found = decision.plan
    assert decision.status != "skipped", decision.message
    return {
        "rows": found.rows,
        "operations": len(found.planned),
        "seconds": round(seconds, 2),
        "processor seconds": round(processor, 2),
        "memory MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(rows: int, folder: Path) -> list[Row]:
    """The first plan of a day, and those after it."""
    write(folder, rows)
    found = []
    for what in ("first of the day", "after that", "after that"):
        command = [sys.executable, "-m", "benchmarks.plan", "--here", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise measuring.Failed(done.stderr[-3000:])
        found.append({"plan": what, **json.loads(done.stdout)})
        print(found[-1], flush=True)
    return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if chosen.here:
        print(json.dumps(plan_here(chosen.here)))
        return
    rows: list[Row] = []
    for count in chosen.rows:
        with tempfile.TemporaryDirectory() as folder:
            rows += measure(count, Path(folder))
    measuring.show("plan", rows, chosen.json)


if __name__ == "__main__":
    main()
