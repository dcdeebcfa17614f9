"""Following a column through what DuckDB's SQL can do."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage

from crossdock.mapping.flows import path_text
from tests.mapping.support import SCHEMA, leaves, query, words

LINES = """
with raw_lines as (
    select id, unnest(from_json(lines, '["JSON"]')) as line from raw.orders
)
select id, line ->> '$.sku' as sku, line ->> '$.price.amount' as price from raw_lines
"""


def test_the_path_into_a_document_is_part_of_the_source_field() -> None:
    found = query("select doc ->> '$.customer.id' as x from raw.orders").flows("x")
    assert leaves(found) == {"orders.doc.customer.id"}
    assert leaves(query(LINES).flows("price")) == {"orders.lines[].price.amount"}


def test_a_record_parsed_once_keeps_the_spelling_of_its_fields() -> None:
    sql = """
    with raw_lines as (
        select unnest(from_json(lines, '[{"currentQuantity":"VARCHAR"}]')) as line from raw.orders
    )
    select cast(line."currentQuantity" as bigint) as x from raw_lines
    """
    assert leaves(query(sql).flows("x")) == {"orders.lines[].currentQuantity"}


def test_a_value_in_a_new_document_keeps_its_place() -> None:
    sql = """
    select id, to_json(list(json_object('sku', sku, 'units', quantity) order by sku)) as x
    from raw.orders group by id
    """
    found = {path_text(f.part): f.origin.column for f in query(sql).flows("x")}
    assert found == {"[].sku": "sku", "[].units": "quantity"}


def test_what_is_packed_into_a_struct_or_row_comes_out_again() -> None:
    rows = """
    with best as (select sku, min_by(row(warehouse, at), held) as b from raw.stock group by sku)
    select b[1] as place, b[2] as moment from best
    """
    assert leaves(query(rows).flows("place")) == {"stock.warehouse"}
    assert leaves(query(rows).flows("moment")) == {"stock.at"}
    structs = """
    with newest as (
        select sku, arg_max({place: warehouse, units: qty}, at) as n from raw.stock group by sku
    )
    select sku, unnest(n) from newest
    """
    assert leaves(query(f"with s as ({structs}) select units as x from s").flows("x")) == {
        "stock.qty"
    }


def test_a_map_of_lists_loses_nobody() -> None:
    sql = """
    with ids as (select sku, warehouse, list(at order by at) as ats from raw.stock group by all)
    select sku, to_json(map_from_entries(list(row(warehouse, ats)))) as x from ids group by sku
    """
    assert leaves(query(sql).flows("x")) == {"stock.at"}


@pytest.mark.parametrize(
    "sql",
    [
        "select * exclude (email) replace (trim(sku) as sku) from raw.orders",
        "select sku from raw.orders qualify row_number() over (partition by sku order by id) = 1",
        "select null as sku where false union all by name select sku, email from raw.orders",
        "select list_transform([sku], lambda s: upper(s))[1] as sku from raw.orders",
        "select (select max(o.sku) from raw.orders as o) as sku from raw.stock",
    ],
)
def test_what_duckdb_adds_to_sql_is_followed(sql: str) -> None:
    assert leaves(query(sql).flows("sku")) == {"orders.sku"}


def test_a_recursive_query_ends() -> None:
    sql = """
    with recursive nodes(node, reached) using key (node) as (
        select sku as node, warehouse as reached from raw.stock
        union
        select nodes.node, other.warehouse as reached
        from nodes inner join raw.stock as other on nodes.reached = other.sku
    )
    select node as x, reached as y from nodes
    """
    assert leaves(query(sql).flows("x")) == {"stock.sku"}


def test_a_value_that_is_looked_up_comes_from_what_it_is_looked_up_by() -> None:
    sql = """
    with carriers as (select * from seeds.carriers)
    select orders.id, carriers.code as x
    from raw.orders as orders
    left join carriers on lower(trim(orders.carrier)) = carriers.name
    """
    found = query(sql).flows("x")
    assert leaves(found) == {"orders.carrier"}
    assert words(found) == {"trimmed; lower case; looked up in carriers by name"}


def test_a_join_by_another_column_is_no_lookup() -> None:
    sql = """
    select carriers.name as x from raw.orders as orders
    inner join seeds.carriers as carriers on orders.carrier = carriers.code
    """
    assert [f.origin.kind for f in query(sql).flows("x")] == ["lookup"]


def test_names_of_branches_come_from_what_the_branches_ask() -> None:
    sql = """
    with reasons as (
        select id, 'unpaid' as reason from raw.orders where total is null
        union all select id, 'nobody' as reason from raw.orders where email is null
        union all select id, 'nowhere' as reason from raw.orders where warehouse is null
        union all select id, 'empty' as reason from raw.orders where quantity = 0
    )
    select id, min(reason) as x from reasons group by id
    """
    assert leaves(query(sql).flows("x")) == {
        "orders.total", "orders.email", "orders.warehouse", "orders.quantity",
    }  # fmt: skip


def test_what_cannot_be_followed_says_so() -> None:
    found = query("select x from (select unknown_thing.x from elsewhere.unknown_thing)").flows("y")
    assert [f.origin.kind for f in found] == ["untraced"]


def test_sqlglots_own_lineage_ends_in_the_same_columns() -> None:
    for column in ("id", "sku", "price"):
        ends = {
            node.name.rpartition(".")[2]
            for node in lineage(column, LINES, schema=SCHEMA, dialect="duckdb").walk()
            if isinstance(node.expression, exp.Table)
        }
        ours = {flow.origin.column for flow in query(LINES).flows(column)}
        assert ours == {name.strip('"') for name in ends}
    assert sqlglot.__version__.split(".")[0] >= "26"
