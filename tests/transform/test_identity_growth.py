"""Who is who, built on what was known before: the same as built anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from benchmarks.identity_dbt import COLUMNS, Models
from benchmarks.identity_people import changes, register
from tests.transform.conftest import Warehouse
from tests.transform.people import People

TABLES = {
    "intermediate.int_identity__records": "* exclude (build)",
    "intermediate.int_identity__record_keys": "* exclude (build)",
    "intermediate.int_identity__comparisons": "*",
    "intermediate.int_identity__members": "*",
    "canonical.customer_review_pairs": "*",
}


def differing(one: Path, other: Path) -> dict[str, int]:
    """How many rows of each table only one of two warehouses has."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        return {
            table: connection.execute(
                f"select count(*) from ((select {columns} from one.{table} except all"
                f" select {columns} from other.{table}) union all"
                f" (select {columns} from other.{table} except all"
                f" select {columns} from one.{table}))"
            ).fetchall()[0][0]
            for table, columns in TABLES.items()
        }


def same_as_new(models: Models, folder: Path) -> None:
    """Hold a warehouse that grew to one that is built from the same raw tables at once."""
    anew = Models(folder)
    with duckdb.connect(str(anew.path)) as connection:
        connection.execute(f"attach '{models.path}' as grown (read_only)")
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'grown' and table_schema like 'raw_%'"
        ).fetchall():
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {schema}.{table} as from grown.{schema}.{table}")
    anew.build()
    assert differing(models.path, anew.path) == dict.fromkeys(TABLES, 0)


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return register(1_500, 1_000, 400)


def test_what_changed_is_all_that_is_looked_at(people: pa.Table, tmp_path: Path) -> None:
    for name in ("grown", "anew"):
        (tmp_path / name).mkdir()
    models = Models(tmp_path / "grown")
    models.land(people.select(COLUMNS))
    models.build()
    before = models.rows("select max(build) from intermediate.int_identity__records")[0][0]
    compared = models.rows("select count(*) from intermediate.int_identity__comparisons")[0][0]

    models.land(changes(people, 60, new=40).select(COLUMNS), add=True)
    models.build()
    new = "select count(*) from intermediate.int_identity__record_keys where build > "
    assert models.rows(new + str(before)) == [(100,)]
    assert compared > 500
    same_as_new(models, tmp_path / "anew")


def test_nothing_new_changes_nothing(people: pa.Table, tmp_path: Path) -> None:
    models = Models(tmp_path)
    models.land(people.select(COLUMNS))
    models.build()
    seen = "select max(build), count(*) from intermediate.int_identity__records"
    before = models.rows(seen)
    models.land(people.select(COLUMNS), add=True)  # read again in full, all the same
    models.build()
    assert models.rows(seen) == before


def test_buyers_come_after_their_orders(
    warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    def write(on: Warehouse, *add: Callable[[People], Any]) -> dict[str, str]:
        people = People()
        for one in add:
            one(people)
        answer = people.build(on)
        return {f"{key.object} {key.id}": who for key, who in answer.customers.items()}

    def guest(people: People) -> None:
        people.order("1", email="ada@quist.example", name="Ada Quist")

    def unread(people: People) -> None:
        people.order("2", customer="7", email="bo@born.example", name="Bo Born")

    def named(people: People) -> None:
        people.order("1", customer="8", email="ada@quist.example", name="Ada Quist")
        people.customer("8", email="ada@quist.example", first_name="Ada", last_name="Quist")

    def read(people: People) -> None:
        people.customer("7", email="bo@born.example", first_name="Bo", last_name="Born-Adler")

    grown = warehouse()
    assert set(write(grown, guest, unread)) == {"order 1", "customer 7"}
    later = write(grown, named, unread, read)
    assert set(later) == {"customer 7", "customer 8"}
    assert later == write(warehouse(), named, unread, read)
