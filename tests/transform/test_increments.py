"""Whatever changed, a build that goes on from the last one ends where one from nothing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from benchmarks.history import History
from tests.transform.conftest import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# What remembers: when something was first seen, in which build, which number was given.
MEMORIES = {
    "events", "order_status_history", "int_order_claims", "inventory_history",
    "int_inventory_low", "int_identity__members_seen", "int_identity__merges_seen",
    "int_order_changes", "int_order_people", "int_customer_changes", "int_sku_versions",
    "int_request_numbers", "returns_status_history", "customer_id_history",
}  # fmt: skip
# What follows from them: an order known to be shipped does not go back when its parcel is taken
# back, and one that the shop no longer has keeps its number.
REMEMBERED = {"int_order_states", "order_exceptions"}
NEVER_COMPARED = {
    "build", "seen_at", "orders.status", "sync_hubspot__orders.hs_fulfillment_status",
    "fulfillment_requests.partner_order_id",
}  # fmt: skip

CHANGES = """
-- an order that the shop no longer has
update raw_shopify_main.orders
set _sdc_deleted_at = now(), _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'gid://shopify/Order/7';
-- one that was cancelled, one that was paid at last, one whose line was taken out
update raw_shopify_main.orders
set "cancelledAt" = '2026-11-20 12:30:00+00', _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'gid://shopify/Order/395';
update raw_shopify_main.orders
set "displayFinancialStatus" = 'PAID', _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'gid://shopify/Order/97';
-- a request that was taken back, a label that was voided, a customer of another name
update raw_shopify_main.fulfillment_orders
set status = 'CANCELLED', _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'gid://shopify/FulfillmentOrder/396';
update raw_shiphero_main.shipments
set
    shipping_labels = replace(shipping_labels::varchar, '"valid"', '"void"')::json,
    _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'H-20';
update raw_shopify_main.customers
set "lastName" = 'Other', _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'gid://shopify/Customer/11';
-- a shipment that was never one, and a word of the warehouse
update raw_shiphero_main.shipments
set _sdc_deleted_at = now(), _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'H-30';
update raw_shiphero_main.orders
set fulfillment_status = 'canceled', _sdc_loaded_at = '2026-11-20 13:00:00+00'
where id = 'O-398';
"""


def test_a_build_that_goes_on_ends_where_a_new_one_ends(
    warehouse: Callable[..., Warehouse],
) -> None:
    going_on = warehouse(CROSSDOCK_INSTANCES="shopify:main hubspot:main shiphero:main")
    history = History(going_on.path, 400, 20)
    history.write()
    going_on.dbt("seed")
    going_on.dbt("run", "--exclude", "tag:reconcile")
    history.change()
    with duckdb.connect(str(going_on.path)) as connection:
        connection.execute(CHANGES)
    going_on.decide("*,SKU-17,SKU-18,2")
    going_on.dbt("run", "--exclude", "tag:reconcile")
    changed = going_on.rows(
        "select count(*) from intermediate.int_order_changes where build ="
        " (select max(build) from intermediate.int_order_changes)"
    )[0][0]
    assert 40 <= changed < 100

    anew = warehouse(CROSSDOCK_INSTANCES="shopify:main hubspot:main shiphero:main")
    _copy_sources(going_on.path, anew.path)
    anew.decide("*,SKU-17,SKU-18,2")
    anew.dbt("seed")
    anew.dbt("run", "--exclude", "tag:reconcile")
    assert dict(_differences(going_on.path, anew.path)) == {}
    contradicted = going_on.rows(
        "select source_id from canonical.orders where status != counted_status order by all"
    )
    assert contradicted == [("20",), ("30",)], "the voided label, the shipment that was never one"


def _copy_sources(source: Path, target: Path) -> None:
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as source (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'source' and schema_name like 'raw_%'"
        ).fetchall()
        for schema, table in tables:
            connection.execute(
                f"create schema if not exists {schema};"
                f"create table {schema}.{table} as from source.{schema}.{table}"
            )


def _differences(left: Path, right: Path) -> Iterator[tuple[str, int]]:
    """Tables that differ, and in how many rows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as l (read_only); attach '{right}' as r (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'l'"
            " and schema_name in ('canonical', 'sync', 'intermediate')"
        ).fetchall()
        assert len(tables) > 100
        for schema, table in tables:
            if table in MEMORIES | REMEMBERED:
                continue
            columns = ", ".join(
                f'"{name}"'
                for (name,) in connection.execute(
                    "select column_name from duckdb_columns() where database_name = 'l'"
                    " and schema_name = ? and table_name = ?",
                    [schema, table],
                ).fetchall()
                if not {name, f"{table}.{name}"} & NEVER_COMPARED
            )
            found = connection.execute(
                f"select count(*) from ((select {columns} from l.{schema}.{table} except all"
                f" select {columns} from r.{schema}.{table}) union all"
                f" (select {columns} from r.{schema}.{table} except all"
                f" select {columns} from l.{schema}.{table}))"
            ).fetchone()
            if found and found[0]:
                yield f"{schema}.{table}", found[0]
