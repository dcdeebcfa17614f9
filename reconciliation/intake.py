"""What came in, and how much of it the canonical tables hold: counts, no columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crossdock.journal import Journal
from crossdock.settings import Settings
from crossdock.warehouse import Warehouse, ident
from reconciliation.sections import plain

#: What the taps and the loader add to every raw table.
_READ, _LOADED, _DELETED = "_crossdock_read_at", "_sdc_loaded_at", "_sdc_deleted_at"


def sources(
    places: Settings, journal: Journal, warehouse: Warehouse | None, now: datetime
) -> list[dict[str, Any]]:
    """Each system instance: when it was read last, and the rows of its streams."""
    read = journal.runs.sources()
    found = []
    for instance in places.instances:
        row = read.get(str(instance), {})
        found.append(
            {
                "instance": str(instance),
                "ok": row.get("ok"),
                "read_at": row.get("read_at"),
                "age_seconds": _age(row.get("read_at"), now),
                "message": row.get("message"),
                "streams": streams(warehouse, instance.raw_schema) if warehouse else [],
            }
        )
    return found


def streams(warehouse: Warehouse, schema: str) -> list[dict[str, Any]]:
    """The tables of a raw schema; those that begin with an underscore are the loader's own."""
    quarantined = _quarantined(warehouse, schema)
    return [
        {**_stream(warehouse, schema, name), "quarantined": quarantined.pop(name, 0)}
        for name in tables(warehouse, schema)
        if not name.startswith("_")
    ]


def tables(warehouse: Warehouse, schema: str) -> list[str]:
    """The tables of a schema, by name."""
    rows = warehouse.fetchall(
        "select table_name from duckdb_tables() where database_name = current_database()"
        " and schema_name = $schema order by 1",
        {"schema": schema},
    )
    return [str(name) for (name,) in rows]


def canonical(warehouse: Warehouse) -> list[dict[str, Any]]:
    """The canonical tables and their rows."""
    return [
        {"table": name, "rows": _count(warehouse, "canonical", name)}
        for name in tables(warehouse, "canonical")
    ]


def _stream(warehouse: Warehouse, schema: str, name: str) -> dict[str, Any]:
    have = warehouse.columns(schema, name)
    wanted = {
        "rows": f"count(*) filter ({_DELETED} is null)" if _DELETED in have else "count(*)",
        "deleted": f"count({_DELETED})" if _DELETED in have else "0",
        "read_at": f"max({_READ})" if _READ in have else "null",
        "loaded_at": f"max({_LOADED})" if _LOADED in have else "null",
    }
    row = warehouse.fetchone(f"select {', '.join(wanted.values())} from {ident(schema, name)}")
    values = [plain(value) for value in row or ()]
    return {"stream": name, **dict(zip(wanted, values, strict=True))}


def _quarantined(warehouse: Warehouse, schema: str) -> dict[str, int]:
    if "stream" not in warehouse.columns(schema, "_quarantine"):
        return {}
    sql = f"select stream, count(*) from {ident(schema, '_quarantine')} group by 1"
    return {str(name): int(number) for name, number in warehouse.fetchall(sql)}


def _count(warehouse: Warehouse, schema: str, name: str) -> int:
    row = warehouse.fetchone(f"select count(*) from {ident(schema, name)}")
    return int(row[0]) if row else 0


def _age(read_at: str | None, now: datetime) -> int | None:
    if not read_at:
        return None
    return max(0, int((now - datetime.fromisoformat(read_at)).total_seconds()))
