"""What a plan compares, put in place and looked over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from crossdock.errors import PlanError, SyncDefinitionError
from crossdock.journal import states
from crossdock.journal.intents import canonical_json
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident


def register(
    warehouse: Warehouse,
    acknowledged: list[dict[str, Any]],
    journal_open: list[dict[str, Any]],
) -> None:
    """Let the warehouse read what the journal remembers of a sync.

    It gets `journal_acknowledged` (key, destination_id, acknowledged_at, fields) and
    `journal_open` (key, op_key, state).
    """
    ack = {
        "key": pa.array([r["key"] for r in acknowledged], pa.string()),
        "destination_id": pa.array([r["destination_id"] for r in acknowledged], pa.string()),
        "acknowledged_at": pa.array(
            [datetime.fromisoformat(r["acknowledged_at"]) for r in acknowledged],
            pa.timestamp("us", tz="UTC"),
        ),
        "fields": pa.array([canonical_json(r["fields"]) for r in acknowledged], pa.string()),
    }
    # What may be planned again needs no row here; of a key's others the most serious counts.
    serious = (states.UNKNOWN, *states.STUCK, states.IN_FLIGHT)
    waiting: dict[str, dict[str, Any]] = {}
    for row in sorted(journal_open, key=lambda r: r["state"] != states.UNKNOWN):
        if row["state"] in serious:
            waiting.setdefault(row["key"], row)
    columns = {
        name: pa.array([row[name] for row in waiting.values()], pa.string())
        for name in ("key", "op_key", "state")
    }
    warehouse.register("journal_acknowledged", pa.table(ack))
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
    wanted += [f.name for f in sync.fields] + list(sync.match_on)
    for column in wanted:
        if column.lower() not in have:
            raise SyncDefinitionError(
                f"{sync.name}: {sync.observed[1]} has no column {column}",
                hint="add it to the staging model: what we write we must be able to read",
            )


def see_keys(sync: Sync, warehouse: Warehouse) -> None:
    """See that each desired row has a key of its own.

    Raises:
        PlanError: One has none, or two have the same.
    """
    doubled = warehouse.fetchall(
        'select count(*) from (select "$key" from desired group by 1'
        ' having count(*) > 1 or "$key" is null)'
    )[0][0]
    if doubled:
        raise PlanError(
            f"{sync.name}: {doubled} values of {ident(sync.key)} are missing or stand twice",
            hint="a sync has one row for each key; nothing was planned",
        )
