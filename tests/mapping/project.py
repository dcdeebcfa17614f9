"""A small project as a compiled manifest, without dbt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from crossdock.mapping.project import Project
from crossdock.mapping.sheet import Sheet, sheet_of
from crossdock.plan.definition import Field, Guards, Sync

_STAGING = """
select
    source_instance,
    regexp_extract(id, '[0-9]+$') as order_id,
    doc ->> '$.buyer.email' as email,
    carrier
from raw_shop.orders
"""
_ORDERS = """
with orders as (select * from staging.stg_orders),
carriers as (select * from seeds.carriers)
select
    orders.order_id,
    orders.email,
    carriers.code as carrier_code,
    parsed.score as score,
    'shop' as channel
from orders
left join carriers on lower(orders.carrier) = carriers.name
left join staging.parsed as parsed on orders.email = parsed.email
"""
_SYNC = """
select
    order_id as key,
    coalesce(email, '') as email,
    carrier_code as carrier,
    'crossdock' as made_by,
    cast(null as varchar) as note,
    score
from canonical.orders
"""


def node(
    name: str, schema: str, sql: str = "", columns: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A node of a manifest."""
    return {
        "name": name, "alias": name, "schema": schema, "resource_type": "model",
        "unique_id": f"model.small.{name}", "compiled_code": sql, "depends_on": {"nodes": []},
        "columns": {c: {"name": c} | dict(says) for c, says in (columns or {}).items()},
        "config": {}, "original_file_path": "",
    } | more  # fmt: skip


def manifest(**sync_columns: Any) -> dict[str, Any]:
    """The project: a shop's orders, parsed by a Python model, on their way to a CRM."""
    parsed = {
        "email": {},
        "score": {"config": {"meta": {"from": "stg_orders.email", "rule": "judged by a parser"}}},
    }
    nodes = [
        node("stg_orders", "staging", _STAGING),
        node("parsed", "staging", columns=parsed, language="python"),
        node("orders", "canonical", _ORDERS, {"email": {"constraints": [{"type": "not_null"}]}}),
        node("sync_orders", "sync", _SYNC, sync_columns),
        node("carriers", "seeds", resource_type="seed", original_file_path="carriers.csv"),
    ]
    for later in ("parsed", "orders", "sync_orders"):
        before = {"parsed": ["stg_orders"], "orders": ["stg_orders", "parsed", "carriers"]}
        of = next(n for n in nodes if n["name"] == later)
        names = before.get(later, ["orders"])
        of["depends_on"] = {"nodes": [f"model.small.{name}" for name in names]}
    columns = {c: {"name": c, "data_type": "varchar"} for c in ("id", "doc", "carrier")}
    source = {
        "source_name": "shop", "name": "orders", "schema": "raw_shop", "identifier": "orders",
        "columns": columns,
    }  # fmt: skip
    return {
        "metadata": {"project_name": "small"},
        "nodes": {n["unique_id"]: n for n in nodes},
        "sources": {"source.small.shop.orders": source},
        "macros": {},
    }


def sheet(
    folder: Path,
    *fields: str,
    constants: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
) -> Sheet:
    """The sheet of the project with a sync of these fields."""
    (folder / "carriers.csv").write_text("name,code\nups,UPS\n")
    sync = Sync(
        name="sync_orders", relation=("sync", "sync_orders"), destination="crm", object="deals",
        key="key", match_on=("key",), observed=("staging", "stg_orders"), write_mode="upsert",
        refs={}, fields=tuple(Field(f, "own") for f in fields), on_drift="keep", requires=(),
        max_age=timedelta(hours=1), guards=Guards(), owner="crossdock",
    )  # fmt: skip
    declared = {("sync_orders", name): value for name, value in (constants or {}).items()}
    return sheet_of(Project(document or manifest(), folder), [sync], declared)
