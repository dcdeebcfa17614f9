"""People written as raw shop customers, CRM contacts and guests, and the project's own models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.identity_data import FIELDS, Person
from crossdock.warehouse import connect

PROJECT = Path(__file__).parents[1] / "transform" / "dbt"
START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("kind", "id", "created_at", *FIELDS)
# Whom a shop merged is seen in its orders, and what orders wait for is asked for in hooks, which no
# selection of ancestors knows.
IDENTITY = (
    "+int_identity__members +customer_review_pairs path:models/staging"
    " path:models/intermediate/channels path:models/intermediate/warehouses"
    " path:models/intermediate/carriers"
)

_PROFILE = """\
crossdock:
  target: warehouse
  outputs:
    warehouse:
      type: duckdb
      path: "{path}"
      threads: {threads}
      settings: {{TimeZone: UTC, threads: {threads}, memory_limit: {memory}}}
"""
_ADDRESS = """
    case when coalesce(line1, city, postal_code, country) is not null then json_object(
        'firstName', first_name, 'lastName', last_name, 'company', company, 'address1', line1,
        'address2', line2, 'city', city, 'province', region, 'zip', postal_code,
        'country', country
    ) end"""
_RAW = {
    "customer": (
        "raw_shopify_main.customers",
        f"""'gid://shopify/Customer/' || id as id, first_name as "firstName",
        last_name as "lastName", json_object('emailAddress', email) as "defaultEmailAddress",
        json_object('phoneNumber', phone) as "defaultPhoneNumber",
        {_ADDRESS} as "defaultAddress",
        created_at as "createdAt", created_at as "updatedAt" """,
    ),
    "order": (
        "raw_shopify_main.orders",
        f"""'gid://shopify/Order/' || id as id, false as test, email, phone,
        {_ADDRESS} as "shippingAddress",
        created_at as "createdAt", created_at as "processedAt", created_at as "updatedAt" """,
    ),
    "contact": (
        "raw_hubspot_main.contacts",
        """id, false as archived, json_object(
            'email', email, 'phone', phone, 'firstname', first_name, 'lastname', last_name,
            'company', company, 'address', nullif(concat_ws(', ', line1, line2), ''),
            'city', city, 'state', region, 'zip', postal_code, 'country', country
        ) as properties, created_at as "createdAt", created_at as "updatedAt" """,
    ),
}


def as_records(people: Iterable[Person], contacts: int = 2) -> pa.Table:
    """One record after the other is a shop's customer, and each `contacts`-th a CRM's contact."""
    rows = [
        {
            "kind": "contact" if number % contacts else "customer",
            "id": person.id,
            "created_at": START + timedelta(minutes=number),
            **{name: person.said.get(name) or None for name in FIELDS},
        }
        for number, person in enumerate(people)
    ]
    text = pa.string()
    types = {name: pa.timestamp("us", "UTC") if name == "created_at" else text for name in COLUMNS}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))


@dataclass(frozen=True)
class Models:
    """A warehouse file of its own, and the project's models in it.

    Attributes:
        folder: Holds the warehouse, the profile and what dbt leaves behind.
        threads: Threads of DuckDB, and models at once.
        memory: DuckDB's limit.
    """

    folder: Path
    threads: int = 2
    memory: str = "2GB"

    @property
    def path(self) -> Path:
        """The warehouse file."""
        return self.folder / "warehouse.duckdb"

    def land(self, records: pa.Table, *, add: bool = False) -> None:
        """Write records as the taps and the loader leave them; with `add`, over those of before."""
        with connect(self.path, read_only=False) as warehouse:
            warehouse.register("people", records)
            for kind, (table, columns) in _RAW.items():
                warehouse.execute(f"create schema if not exists {table.split('.')[0]}")
                if add:
                    warehouse.execute(
                        f"create or replace temp table changed as select {columns} from people"
                        f" where kind = '{kind}'"
                    )
                    warehouse.execute(f"delete from {table} where id in (select id from changed)")
                    warehouse.execute(
                        f"insert into {table} by name select *, now() as _sdc_loaded_at,"
                        " now() as _crossdock_read_at from changed"
                    )
                else:
                    warehouse.execute(
                        f"create or replace table {table} as select {columns}, now() as"
                        f" _sdc_loaded_at, now() as _crossdock_read_at from people"
                        f" where kind = '{kind}'"
                    )

    def build(self, select: str = IDENTITY, *more: str, **settings: str) -> dict[str, float]:
        """Run dbt, with environment variables.

        Returns:
            Seconds of each model.

        Raises:
            RuntimeError: dbt failed; its own words.
        """
        (self.folder / "profiles.yml").write_text(
            _PROFILE.format(path=self.path, threads=self.threads, memory=self.memory)
        )
        command = [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "build",
            "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
            "--select", *select.split(), *more, "--project-dir", str(PROJECT),
            "--profiles-dir", str(self.folder), "--target-path", str(self.folder / "target"),
            "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        done = subprocess.run(
            command, env=self._environment() | settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return {
            result["unique_id"].split(".")[-1]: result["execution_time"]
            for result in self.results()
        }

    def results(self) -> list[dict[str, Any]]:
        """What dbt says of its last run."""
        found = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        return list(found)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with connect(self.path, read_only=True) as warehouse:
            return warehouse.fetchall(query)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "CROSSDOCK_WAREHOUSE": str(self.path),
            "CROSSDOCK_INSTANCES": "shopify:main hubspot:main shiphero:main",
            "CROSSDOCK_CHANNELS": "shopify",
            "CROSSDOCK_WAREHOUSES": "shiphero",
            "CROSSDOCK_BUSINESS_NOW": "2026-11-20T12:00:00Z",
            "CROSSDOCK_DECISIONS": "",
            "MELTANO_ENVIRONMENT": "sandbox",
        }
