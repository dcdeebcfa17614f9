"""Raw tables as the taps and the loader leave them, written straight into a warehouse file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

PROJECT = Path(__file__).parents[2] / "transform" / "dbt"
READ_AT = "_crossdock_read_at"

Record = Mapping[str, Any]


@cache
def declared() -> dict[tuple[str, str], dict[str, str]]:
    """(system, stream) to the columns that its source declares, with their types."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for file in PROJECT.glob("models/staging/*/_*__sources.yml"):
        for source in yaml.safe_load(file.read_text())["sources"]:
            for table in source["tables"]:
                columns = {c["name"]: c["data_type"] for c in table["columns"]}
                found[source["name"], table["name"]] = columns
    return found


def write(
    warehouse: Path,
    instance: str,
    streams: Mapping[str, Iterable[Record]],
    *,
    read_at: datetime | None = None,
) -> None:
    """Make raw tables of an account hold these: `write(path, "shopify:main", {"orders": [...]})`.

    What was there and is not among them is marked as deleted, as the loader does.
    """
    system = instance.split(":")[0]
    schema = "raw_" + instance.replace(":", "_")
    loaded_at = datetime.now(UTC).isoformat()
    stamp = read_at.isoformat() if read_at else loaded_at
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        for stream, records in streams.items():
            columns = declared()[system, stream] | {
                READ_AT: "timestamptz",
                "_sdc_loaded_at": "timestamptz",
                "_sdc_deleted_at": "timestamptz",
            }
            types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            before = f"create or replace temp table before as from {schema}.{stream}"
            had_rows = _has_table(connection, schema, stream) and "id" in columns
            if had_rows:
                connection.execute(before)
            connection.execute(f"create or replace table {schema}.{stream} ({types})")
            rows = [
                [_value(record.get(name)) for name in columns]
                for record in ({READ_AT: stamp, "_sdc_loaded_at": loaded_at, **r} for r in records)
            ]
            if rows:
                connection.execute(
                    f"insert into {schema}.{stream} select "
                    + ", ".join(
                        f"cast(row[{i}] as {kind})" for i, kind in enumerate(columns.values(), 1)
                    )
                    + " from (select unnest(cast(? as varchar[][])) as row)",
                    [rows],
                )
            if had_rows:
                connection.execute(
                    f"insert into {schema}.{stream} by name select * replace (cast($now as"
                    " timestamptz) as _sdc_loaded_at, coalesce(_sdc_deleted_at, cast($now as"
                    " timestamptz)) as _sdc_deleted_at) from before"
                    f" where id not in (select id from {schema}.{stream})",
                    {"now": loaded_at},
                )


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, table]
    )
    return found.fetchone() is not None


def _value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
