"""A manifest, a warehouse and a journal, made of a few lines each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from crossdock.journal import Journal, schema, stamp
from crossdock.journal.intents import row_hash
from crossdock.plan.definition import Sync, load_syncs
from crossdock.plan.plan import SyncPlan, plan
from crossdock.warehouse import Warehouse, ident

SYNC = "sync_crm__orders"
OBSERVED = "stg_crm__orders"
DESTINATION = "crm:main"
ACKNOWLEDGED_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AFTER = ACKNOWLEDGED_AT + timedelta(minutes=5)
BEFORE = ACKNOWLEDGED_AT - timedelta(minutes=5)

META: Mapping[str, Any] = {
    "version": 1,
    "destination": "crm",
    "object": "orders",
    "key": "order_id",
    "match_on": ["ref"],
    "observed": OBSERVED,
    "write_mode": "upsert",
    "fields": {"status": {"policy": "own"}, "city": {"policy": "own"}},
    "on_drift": "overwrite",
}

Rows = Iterable[Mapping[str, Any]]


def columns(meta: Mapping[str, Any]) -> list[str]:
    """The text columns that desired and observed model share."""
    return list(dict.fromkeys([*meta.get("match_on", ()), *meta["fields"]]))


def manifest(path: Path, *metas: tuple[str, Mapping[str, Any]], drop: Iterable[str] = ()) -> Path:
    """Write a dbt manifest with these syncs and the observed model of each."""
    nodes: dict[str, Any] = {}
    for name, meta in metas:
        refs = [ref["key"] for ref in meta.get("refs", {}).values()]
        have = [meta["key"], "destination_instance", "destination_id", *columns(meta), *refs]
        nodes[f"model.crossdock.{name}"] = {
            "resource_type": "model",
            "name": name,
            "schema": "sync",
            "alias": name,
            "columns": {column: {"name": column} for column in have if column not in drop},
            "config": {"meta": {"sync": dict(meta)}},
        }
    nodes[f"model.crossdock.{OBSERVED}"] = {
        "resource_type": "model",
        "name": OBSERVED,
        "schema": "staging",
        "alias": OBSERVED,
        "columns": {},
        "config": {"meta": {}},
    }
    nodes["test.crossdock.some_test"] = {"resource_type": "test", "name": "some_test"}
    path.write_text(json.dumps({"nodes": nodes}))
    return path


def load_one(folder: Path, **changes: Any) -> Sync:
    """The sync of the tests, with changes to its `meta.sync`."""
    parents = {ref["sync"] for ref in changes.get("refs", {}).values()}
    metas = [(SYNC, {**META, **changes}), *((name, META) for name in parents)]
    return next(s for s in load_syncs(manifest(folder / "manifest.json", *metas)) if s.name == SYNC)


def fill(warehouse: Warehouse, sync: Sync, desired: Rows, observed: Rows) -> None:
    """Make both relations of a sync from rows in which `key`, `id`, `read` and `gone` are short."""
    names = list(dict.fromkeys([*sync.match_on, *(f.name for f in sync.fields)]))
    parents = [key for _, key in sync.refs.values()]
    _table(
        warehouse,
        sync.relation,
        [sync.key, "destination_instance", "destination_id", *names, *parents],
        [
            {
                **row,
                sync.key: row.get("key"),
                "destination_id": row.get("known_id"),
                "destination_instance": row.get("at", DESTINATION),
            }
            for row in desired
        ],
    )
    _table(
        warehouse,
        sync.observed,
        ["destination_instance", "destination_id", "read_at", "is_gone", *names],
        [
            {
                **row,
                "destination_id": row["id"],
                "destination_instance": row.get("at", DESTINATION),
                "read_at": stamp(BEFORE if row.get("read") == "before" else AFTER),
                "is_gone": str(row.get("gone", False)),
            }
            for row in observed
        ],
    )


def _table(warehouse: Warehouse, name: tuple[str, str], names: list[str], rows: Rows) -> None:
    types = {"read_at": "timestamptz", "is_gone": "boolean"}
    listed = ", ".join(f"{ident(n)} {types.get(n, 'varchar')}" for n in names)
    warehouse.execute(f"create schema if not exists {ident(name[0])}")
    warehouse.execute(f"create or replace table {ident(*name)} ({listed})")
    for row in rows:
        marks = ", ".join("?" for _ in names)
        values = [None if row.get(n) is None else str(row[n]) for n in names]
        warehouse.execute(f"insert into {ident(*name)} values ({marks})", values)


def acknowledge(journal: Journal, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Put acknowledged state into the journal: key to `id` and fields."""
    rows = [
        {
            "sync": SYNC,
            "destination": DESTINATION,
            "key": key,
            "destination_id": str(values["id"]),
            "version": 1,
            "acknowledged_at": stamp(ACKNOWLEDGED_AT),
            "row_hash": row_hash({}),
            "fields": {name: value for name, value in values.items() if name != "id"},
            "op_key": f"op-{key}",
        }
        for key, values in known.items()
    ]
    if rows:
        with journal.write() as db:
            db.execute(insert(schema.acknowledged), rows)


def planned(sync: Sync, warehouse: Warehouse, journal: Journal, **options: Any) -> SyncPlan:
    """The plan of a sync for the one destination of the tests."""
    return plan(sync, DESTINATION, warehouse, journal, run_id="run-1", **options)
