"""The SQL of a load: tables that grow with their schema, merges, marks of deletion, the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crossdock.warehouse import ident
from targets.duckdb import quarantine
from targets.duckdb.schema import (
    DELETED_AT,
    INCOMING,
    LOADED_AT,
    POSITION,
    READ_AT,
    Kind,
    converted,
    widened,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crossdock.warehouse import Warehouse
    from targets.duckdb.schema import Column
    from targets.duckdb.spool import Spooled

LOG_SCHEMA, LOG_TABLE = "_crossdock", "load_log"
_NEWEST = "crossdock_newest"
_TIME = Kind.TIME.value
_JSON = pa.json_(pa.string())


@dataclass(frozen=True)
class Destination:
    """The table of one stream."""

    schema: str
    table: str

    @property
    def name(self) -> str:
        """The table's name, quoted."""
        return ident(self.schema, self.table)


def prepare(warehouse: Warehouse, schema_name: str) -> None:
    """Make the tables that every load needs."""
    warehouse.execute(
        f"create schema if not exists {ident(schema_name)};"
        f"create schema if not exists {ident(LOG_SCHEMA)};"
        f"create table if not exists {ident(LOG_SCHEMA, LOG_TABLE)} (load_id VARCHAR,"
        f" schema_name VARCHAR, stream VARCHAR, records BIGINT, quarantined BIGINT, state JSON,"
        f" loaded_at {_TIME})"
    )
    quarantine.prepare(warehouse, schema_name)


def stamp(warehouse: Warehouse, now: datetime) -> datetime:
    """When this load counts as made: after all others, also if the clock was put back.

    Models take in what was loaded after what they have seen, so no two loads share a time.
    """
    found = warehouse.fetchone(f"select max(loaded_at) from {ident(LOG_SCHEMA, LOG_TABLE)}")
    if found is None or found[0] is None:
        return now
    latest: datetime = found[0]
    return max(now, latest + timedelta(microseconds=1))


def load(
    warehouse: Warehouse, destination: Destination, spooled: Spooled, loaded_at: datetime
) -> None:
    """Bring the records of one stream into its table, which is made or widened for them."""
    types = _evolve(warehouse, destination, spooled.columns)
    stream = destination.table
    quarantine.keep(warehouse, destination.schema, stream, spooled.misfits, loaded_at)
    if not spooled.table.num_rows:
        return
    warehouse.register(INCOMING, _as_json(spooled.table, spooled.columns))
    if spooled.keys:
        quarantine.release(warehouse, destination.schema, stream, spooled)
    source = _newest(warehouse, spooled)
    sql = _merge if spooled.keys else _append
    warehouse.execute(sql(destination, spooled, types, source), {"loaded_at": loaded_at})
    warehouse.execute(f"drop table if exists temp.{_NEWEST}")
    warehouse.unregister(INCOMING)


def _evolve(
    warehouse: Warehouse, destination: Destination, columns: Sequence[Column]
) -> dict[str, str]:
    """Make or change the table; column to type afterwards, by lower-case name."""
    wanted = {column.name: column.kind.duckdb_type for column in columns}
    wanted[DELETED_AT] = wanted.pop(DELETED_AT)
    wanted[LOADED_AT] = _TIME
    declared = ", ".join(f"{ident(name)} {kind}" for name, kind in wanted.items())
    warehouse.execute(f"create table if not exists {destination.name} ({declared})")
    existing = warehouse.describe(destination.schema, destination.table)
    types = {name.lower(): kind for name, kind in existing.items()}
    for name, kind in wanted.items():
        before = types.get(name.lower())
        if before is None:
            after = kind
            warehouse.execute(f"alter table {destination.name} add column {ident(name)} {kind}")
        elif (after := widened(before, kind)) != before:
            value = converted(ident(name), before, after)
            warehouse.execute(
                f"alter table {destination.name} alter column {ident(name)} type {after}"
                f" using {value}"
            )
        types[name.lower()] = after
    return types


def _newest(warehouse: Warehouse, spooled: Spooled) -> str:
    """The incoming records with one for each key: the one read last, then the last of all."""
    if not spooled.keys:
        return INCOMING
    keys = ", ".join(ident(key) for key in spooled.keys)
    counts = warehouse.fetchone(f"select count(*), count(distinct ({keys})) from {INCOMING}")
    if counts is None or counts[0] == counts[1]:
        return INCOMING
    order = f"{ident(POSITION)} desc"
    if _has_read_at(spooled.columns):
        order = f"coalesce({ident(READ_AT)}, '-infinity') desc, {order}"
    warehouse.execute(
        f"create temp table {_NEWEST} as select * from {INCOMING}"
        f" qualify row_number() over (partition by {keys} order by {order}) = 1"
    )
    return _NEWEST


def _merge(
    destination: Destination, spooled: Spooled, types: Mapping[str, str], source: str
) -> str:
    """A record that was read before the one that is there does not replace it."""
    names = [*(column.name for column in spooled.columns), LOADED_AT]
    on = " and ".join(f"t.{ident(key)} = s.{ident(key)}" for key in spooled.keys)
    known = {key.lower() for key in spooled.keys}
    updates = ", ".join(
        f"{ident(name)} = s.{ident(name)}" for name in names if name.lower() not in known
    )
    newer = ""
    if _has_read_at(spooled.columns):
        at = ident(READ_AT)
        newer = f" and (t.{at} is null or s.{at} >= t.{at})"
    return (
        f"merge into {destination.name} as t"
        f" using ({_selected(spooled.columns, types, source)}) as s on {on}"
        f" when matched{newer} then update set {updates}"
        f" when not matched then insert ({', '.join(map(ident, names))})"
        f" values ({', '.join('s.' + ident(name) for name in names)})"
    )


def _append(
    destination: Destination, spooled: Spooled, types: Mapping[str, str], source: str
) -> str:
    names = [*(column.name for column in spooled.columns), LOADED_AT]
    return (
        f"insert into {destination.name} ({', '.join(map(ident, names))})"
        f" {_selected(spooled.columns, types, source)} order by {ident(POSITION)}"
    )


def _selected(columns: Sequence[Column], types: Mapping[str, str], source: str) -> str:
    """The incoming records in the types of the table."""
    values = []
    for column in columns:
        arrived = column.kind.duckdb_type
        value = ident(column.name)
        value = converted(value, arrived, types[column.name.lower()])
        values.append(f"{value} as {ident(column.name)}")
    return f"select {', '.join(values)}, $loaded_at::{_TIME} as {ident(LOADED_AT)} from {source}"


def _as_json(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """The same with its JSON declared as such: it was parsed once, and need not be again."""
    for column in columns:
        if column.kind is Kind.JSON:
            place = table.schema.get_field_index(column.name)
            stored = table.column(place).chunks
            values = [pa.ExtensionArray.from_storage(_JSON, each) for each in stored]
            table = table.set_column(place, column.name, pa.chunked_array(values, _JSON))
    return table


def _has_read_at(columns: Sequence[Column]) -> bool:
    return any(column.name == READ_AT and column.kind is Kind.TIME for column in columns)


@dataclass(frozen=True)
class LogRow:
    """One stream of one load."""

    stream: str | None
    records: int
    quarantined: int


def log(
    warehouse: Warehouse,
    schema_name: str,
    load_id: str,
    rows: Sequence[LogRow],
    state: Mapping[str, Any] | None,
    loaded_at: datetime,
) -> None:
    """Write down what a load brought, with the state that it makes true."""
    text = None if state is None else json.dumps(state)
    for row in rows:
        warehouse.execute(
            f"insert into {ident(LOG_SCHEMA, LOG_TABLE)} (load_id, schema_name, stream, records,"
            f" quarantined, state, loaded_at) values (?, ?, ?, ?, ?, ?::JSON, ?)",
            [load_id, schema_name, row.stream, row.records, row.quarantined, text, loaded_at],
        )
