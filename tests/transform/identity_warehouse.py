"""A warehouse with the raw records of people, and dbt's answer to who they are."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "transform" / "dbt"
START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANCES = "shopify:main shopify:eu hubspot:main"

_TYPES = {
    "customers": {
        "id": "varchar", "createdAt": "timestamptz", "updatedAt": "timestamptz",
        "firstName": "varchar", "lastName": "varchar", "defaultEmailAddress": "json",
        "defaultPhoneNumber": "json", "defaultAddress": "json",
    },
    "orders": {
        "id": "varchar", "createdAt": "timestamptz", "processedAt": "timestamptz",
        "updatedAt": "timestamptz", "test": "boolean", "email": "varchar", "phone": "varchar",
        "customer": "json", "shippingAddress": "json", "billingAddress": "json",
    },
    "contacts": {
        "id": "varchar", "createdAt": "timestamptz", "updatedAt": "timestamptz",
        "archived": "boolean", "properties": "json",
    },
}  # fmt: skip
_LOADED = {"_crossdock_read_at": "timestamptz", "_sdc_deleted_at": "timestamptz"}


@dataclass(frozen=True)
class Key:
    """A source record as `customer_xref` names it."""

    instance: str
    object: str
    id: str


class Warehouse:
    """Collects raw records, then lets dbt build the customers from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "warehouse.duckdb"
        self._rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._made = 0

    def customer(self, id: str, shop: str = "main", **fields: Any) -> Key:
        """A customer of a shop: first_name, last_name, company, email, phone, line1 …"""
        address = _address(fields)
        self._add(f"shopify_{shop}", "customers", fields, {
            "id": f"gid://shopify/Customer/{id}",
            "firstName": fields.get("first_name"),
            "lastName": fields.get("last_name"),
            "defaultEmailAddress": {"emailAddress": fields.get("email")},
            "defaultPhoneNumber": {"phoneNumber": fields.get("phone")},
            "defaultAddress": address,
        })  # fmt: skip
        return Key(f"shopify:{shop}", "customer", id)

    def order(self, id: str, shop: str = "main", customer: str | None = None, **fields: Any) -> Key:
        """An order; a guest's if no customer is named."""
        self._add(f"shopify_{shop}", "orders", fields, {
            "id": f"gid://shopify/Order/{id}",
            "test": fields.get("test", False),
            "email": fields.get("email"),
            "phone": fields.get("phone"),
            "customer": {"id": f"gid://shopify/Customer/{customer}"} if customer else None,
            "shippingAddress": _address(fields),
        })  # fmt: skip
        return Key(f"shopify:{shop}", "order", id)

    def contact(self, id: str, **fields: Any) -> Key:
        """A contact of the CRM, its fields named as there."""
        known = {"created_at", "archived", "deleted_at"}
        self._add("hubspot_main", "contacts", fields, {
            "id": id,
            "archived": fields.get("archived", False),
            "properties": {name: text for name, text in fields.items() if name not in known},
        })  # fmt: skip
        return Key("hubspot:main", "contact", id)

    def build(self, select: str = "+sync_hubspot__contacts", **env: str) -> Built:
        """Write what was collected, run dbt, read the result."""
        self._write()
        places = {
            "CROSSDOCK_WAREHOUSE": str(self.path),
            "CROSSDOCK_INSTANCES": INSTANCES,
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_QUIET": "1",
            **env,
        }
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        with patch.dict(os.environ, places):
            outcome = dbtRunner().invoke(
                ["build", "--select", *select.split(), "--exclude", "test_type:unit"]
                + ["--indirect-selection", "buildable", *where]
            )
        # dbt keeps the file open for as long as the process lives.
        DuckDBConnectionManager.close_all_connections()
        problems = [
            f"{result.node.name}: {result.message}"
            for result in getattr(outcome.result, "results", [])
            if str(result.status) not in ("success", "pass")
        ]
        assert outcome.success, problems or outcome.exception
        times = {r.node.name: r.execution_time for r in outcome.result.results}
        return Built(self.path, times)

    def _add(self, schema: str, stream: str, fields: dict[str, Any], row: dict[str, Any]) -> None:
        self._made += 1
        created = fields.get("created_at") or START + timedelta(minutes=self._made)
        row |= {"createdAt": created, "updatedAt": created, "processedAt": created}
        row |= {"_crossdock_read_at": created, "_sdc_deleted_at": fields.get("deleted_at")}
        self._rows[schema, stream].append(row)

    def _write(self) -> None:
        with duckdb.connect(self.path) as con:
            for (schema, stream), rows in self._rows.items():
                columns = _TYPES[stream] | _LOADED
                con.execute(f"create schema if not exists raw_{schema}")
                declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                con.execute(f"create or replace table raw_{schema}.{stream} ({declared})")
                lines = self.folder / f"{schema}.{stream}.json"
                with lines.open("w", encoding="utf-8") as out:
                    for row in rows:
                        out.write(json.dumps(row, default=str) + "\n")
                types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
                con.execute(
                    f"insert into raw_{schema}.{stream} by name select * from read_json("
                    f"'{lines}', format='newline_delimited', columns={{{types}}})"
                )


def _address(fields: dict[str, Any]) -> dict[str, Any] | None:
    names = {
        "firstName": "first_name", "lastName": "last_name", "company": "company",
        "address1": "line1", "address2": "line2", "city": "city", "province": "region",
        "zip": "postal_code", "country": "country",
    }  # fmt: skip
    address = {ours: fields.get(theirs) for ours, theirs in names.items()}
    if not any(address[name] for name in ("address1", "city", "zip", "country")):
        return None
    name = " ".join(filter(None, (address["firstName"], address["lastName"])))
    return address | {"name": name or None, "phone": fields.get("phone")}


class Built:
    """What dbt made of it."""

    def __init__(self, path: Path, times: dict[str, float]) -> None:
        self._path = path
        self.times = times

    def rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(self._path, read_only=True) as con:
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def people(self) -> dict[Key, Any]:
        """Each source record's customer."""
        return {
            Key(row["source_instance"], row["source_object"], row["source_id"]): row["customer_id"]
            for row in self.rows("select * from canonical.customer_xref")
        }

    def rule(self, key: Key) -> str:
        """The rule that ties a record to its customer."""
        (row,) = self.rows(
            "select rule from canonical.customer_xref where source_instance = "
            f"'{key.instance}' and source_object = '{key.object}' and source_id = '{key.id}'"
        )
        return str(row["rule"])
