"""What a plan compares, put in place and looked over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from crossdock.errors import PlanError, SyncDefinitionError
from crossdock.journal import states
from crossdock.journal.intents import canonical_json
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident

Acknowledged = Sequence[tuple[str, str, str, str]]
"""Key, destination id, time, fields as JSON text."""

_ACKNOWLEDGED = ("key", "destination_id", "acknowledged_at", "fields")


def clear_acknowledged(warehouse: Warehouse) -> None:
    """Make `journal_acknowledged` (key, destination_id, acknowledged_at, fields) anew."""
    warehouse.execute(
        "create or replace temp table journal_acknowledged"
        " (key varchar, destination_id varchar, acknowledged_at timestamptz, fields varchar)"
    )


def add_acknowledged(warehouse: Warehouse, rows: Acknowledged) -> None:
    """Let the warehouse read what the journal remembers of records."""
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(_ACKNOWLEDGED)
    }
    warehouse.register("arriving", pa.table(columns))
    warehouse.execute("insert into journal_acknowledged select * from arriving")
    warehouse.unregister("arriving")


def as_text(rows: Sequence[Mapping[str, Any]]) -> Acknowledged:
    """Rows of the journal's acknowledged state as the warehouse is given them."""
    return [
        (r["key"], r["destination_id"], r["acknowledged_at"], canonical_json(r["fields"]))
        for r in rows
    ]


def move_acknowledged(
    warehouse: Warehouse, before: Sequence[str], after: Sequence[Mapping[str, Any]]
) -> None:
    """Let records be known by the keys that they have now."""
    keys = pa.table({"key": pa.array(before, pa.string())})
    warehouse.register("leaving", keys)
    warehouse.execute("delete from journal_acknowledged where key in (select key from leaving)")
    warehouse.unregister("leaving")
    add_acknowledged(warehouse, as_text(after))


def register_keys(warehouse: Warehouse, name: str, keys: Iterable[str]) -> None:
    """Let the warehouse read keys as a relation (key)."""
    warehouse.register(name, pa.table({"key": pa.array(list(keys), pa.string())}))


def register_open(warehouse: Warehouse, journal_open: Sequence[Mapping[str, Any]]) -> None:
    """Let the warehouse read `journal_open` (key, op_key, state)."""
    # What may be planned again needs no row here; of a key's others the most serious counts.
    serious = (states.UNKNOWN, *states.STUCK, states.IN_FLIGHT)
    waiting: dict[str, Mapping[str, Any]] = {}
    for row in sorted(journal_open, key=lambda r: r["state"] != states.UNKNOWN):
        if row["state"] in serious:
            waiting.setdefault(row["key"], row)
    columns = {
        name: pa.array([row[name] for row in waiting.values()], pa.string())
        for name in ("key", "op_key", "state")
    }
    warehouse.register("journal_open", pa.table(columns))


def see_relations(sync: Sync, warehouse: Warehouse) -> None:
    """See that desired and observed state are there and fit together.

    Raises:
        PlanError: A relation is missing.
        SyncDefinitionError: What is written cannot be read back.
    """
    for relation in filter(None, (sync.relation, sync.observed, sync.key_moves)):
        if not warehouse.table_exists(*relation):
            raise PlanError(
                f"{sync.name}: {'.'.join(relation)} is not in the warehouse",
                hint="run `meltano run model` and see what failed",
            )
    have = {name.lower() for name in warehouse.columns(*sync.observed)}
    wanted = ["destination_instance", "destination_id", "read_at", "is_gone"]
    wanted += [f.name for f in sync.fields if f.is_read_back] + list(sync.match_on)
    for column in wanted:
        if column.lower() not in have:
            raise SyncDefinitionError(
                f"{sync.name}: {sync.observed[1]} has no column {column}",
                hint="add it to the staging model: what we write we must be able to read",
            )


def see_keys(sync: Sync, destination: str, warehouse: Warehouse) -> None:
    """See that each desired row has a key of its own, also beside rows that a memo speaks for.

    Raises:
        PlanError: One has none, or two have the same.
    """
    doubled = warehouse.fetchall(
        f"select count(*) from (select {ident(sync.key)} from {ident(*sync.relation)}"
        " where destination_instance = $instance and"
        f' (cast({ident(sync.key)} as varchar) in (select "$key" from desired)'
        f" or {ident(sync.key)} is null)"
        f" group by 1 having count(*) > 1 or {ident(sync.key)} is null)",
        {"instance": destination},
    )[0][0]
    if doubled:
        raise PlanError(
            f"{sync.name}: {doubled} values of {ident(sync.key)} are missing or stand twice",
            hint="a sync has one row for each key; nothing was planned",
        )
