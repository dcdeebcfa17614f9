"""What another version of the models would have written: two warehouses, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crossdock.errors import WarehouseError
from crossdock.plan.definition import Sync
from crossdock.plan.normalise import comparable
from crossdock.warehouse import Warehouse, connect, ident, literal

OTHER = "other"
GATE = ("canonical", "fulfillment_requests")
EXAMPLES = 5


@dataclass(frozen=True)
class Change:
    """What is different in the rows of one sync for one destination.

    Attributes:
        rows: Rows here.
        added: Rows that only this warehouse wants.
        removed: Rows that only the other one wants.
        changed: Rows that both want, and want otherwise.
        fields: Field to how many rows differ in it.
        keys: A few of the keys concerned.
    """

    sync: str
    destination: str
    rows: int
    added: int
    removed: int
    changed: int
    fields: Mapping[str, int] = field(default_factory=dict)
    keys: Sequence[str] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether both want the same."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Gated:
    """Requests that the gate judges otherwise; an empty result: there is no such request."""

    before: str
    after: str
    requests: int


@dataclass(frozen=True)
class Against:
    """All differences.

    Attributes:
        missing: Syncs that one of the two warehouses does not have.
    """

    changes: Sequence[Change]
    gated: Sequence[Gated]
    missing: Sequence[str]


def compare(syncs: Sequence[Sync], here: Path, there: Path) -> Against:
    """Hold what `here` wants against what `there` does; both are only read.

    Raises:
        WarehouseError: One is not there.
        WarehouseLocked: A run goes on in one of them.
    """
    with connect(there, read_only=True):
        pass  # a clear word if it is none, or if a run holds it
    with connect(here, read_only=True) as warehouse:
        if here.resolve() == there.resolve():
            raise WarehouseError(
                "both are the same warehouse",
                hint="build the models into a copy: CROSSDOCK_WAREHOUSE=copy.duckdb",
            )
        warehouse.execute(f"attach {literal(str(there))} as {OTHER} (read_only)")
        changes, missing = [], []
        for sync in syncs:
            fields = _common(warehouse, sync.relation)
            if sync.key.lower() not in fields:
                missing.append(sync.name)
                continue
            changes += _of(warehouse, sync, fields)
        return Against(changes, _gated(warehouse), missing)


def _common(warehouse: Warehouse, relation: tuple[str, str]) -> set[str]:
    """Columns, in small letters, that the relation has in both warehouses."""
    rows = warehouse.fetchall(
        "select lower(column_name) from duckdb_columns()"
        f" where database_name in (current_database(), '{OTHER}')"
        " and schema_name = $schema and table_name = $table"
        " group by 1 having count(*) = 2",
        {"schema": relation[0], "table": relation[1]},
    )
    return {name for (name,) in rows}


def _of(warehouse: Warehouse, sync: Sync, columns: set[str]) -> list[Change]:
    fields = [f for f in sync.fields if f.name.lower() in columns]
    parents = [key for _, key in sync.refs.values() if key.lower() in columns]
    apart = {
        each.name: f"{_value('here', each.name, each.normalise)}"
        f" is distinct from {_value('there', each.name, each.normalise)}"
        for each in fields
    }
    apart |= {
        key: f"here.{ident(key)} is distinct from there.{ident(key)}"
        for key in dict.fromkeys(parents)
    }
    both = 'here."$key" is not null and there."$key" is not null'
    flags = "".join(
        f", ({both} and {differs}) as {ident('d:' + name)}" for name, differs in apart.items()
    )
    counts = "".join(f", count(*) filter ({ident('d:' + name)})" for name in apart)
    any_apart = " or ".join(ident("d:" + name) for name in apart) or "false"
    warehouse.execute(f"""
        create or replace temp table differing as
        with here as ({_rows(sync, ident(*sync.relation))}),
        there as ({_rows(sync, f"{OTHER}.{ident(*sync.relation)}")})
        select coalesce(here."$to", there."$to") as destination,
            coalesce(here."$key", there."$key") as key,
            there."$key" is null as added, here."$key" is null as removed {flags}
        from here full join there on here."$to" = there."$to" and here."$key" = there."$key"
    """)
    rows = warehouse.fetchall(f"""
        select destination, count(*) filter (not removed), count(*) filter (added),
            count(*) filter (removed), count(*) filter ({any_apart}),
            list(key order by key) filter (added or removed or {any_apart})[:{EXAMPLES}]
            {counts}
        from differing group by destination order by destination
    """)
    return [
        Change(
            sync=sync.name,
            destination=str(row[0]),
            rows=row[1],
            added=row[2],
            removed=row[3],
            changed=row[4],
            fields={n: number for n, number in zip(apart, row[6:], strict=True) if number},
            keys=tuple(row[5] or ()),
        )
        for row in rows
    ]


def _rows(sync: Sync, relation: str) -> str:
    return (
        f'select *, cast({ident(sync.key)} as varchar) as "$key",'
        f' cast(destination_instance as varchar) as "$to" from {relation}'
    )


def _value(side: str, name: str, normalise: str) -> str:
    text = f"cast({side}.{ident(name)} as varchar)"
    return comparable(text, normalise)  # type: ignore[arg-type]


def _gated(warehouse: Warehouse) -> list[Gated]:
    """What the gate says otherwise."""
    if not {"fulfillment_request_id", "gate_result"} <= _common(warehouse, GATE):
        return []
    rows = warehouse.fetchall(f"""
        select coalesce(there.gate_result, '') as before, coalesce(here.gate_result, '') as after,
            count(*)
        from {ident(*GATE)} as here
        full join {OTHER}.{ident(*GATE)} as there
            on here.fulfillment_request_id = there.fulfillment_request_id
        where here.gate_result is distinct from there.gate_result
        group by all order by 3 desc, 1, 2
    """)
    return [Gated(*row) for row in rows]
