"""Small queries for the lineage, without dbt."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot.schema import MappingSchema

from crossdock.mapping.flows import Flow, Origin, path_text
from crossdock.mapping.lineage import DIALECT, Query, Surroundings

#: Tables of a made-up source, and a table that is there to be looked up in.
SCHEMA = {
    "raw": {
        "orders": dict.fromkeys(
            ["id", "email", "phone", "total", "doc", "lines", "sku", "carrier", "placed_at",
             "quantity", "price", "warehouse", "source_instance"], "text",
        ),
        "stock": dict.fromkeys(["sku", "qty", "held", "warehouse", "at"], "text"),
    },
    "seeds": {"carriers": dict.fromkeys(["name", "code"], "text")},
}  # fmt: skip


def relation(schema: str, table: str, column: str) -> tuple[Flow, ...]:
    """A column of one of these tables."""
    if schema == "seeds":
        return (Flow(Origin("lookup", "", table, column)),)
    if column == "source_instance":
        return (Flow(Origin("account", "shop"), value="shop:main"),)
    return (Flow(Origin("field", "shop", table, column)),)


def query(sql: str) -> Query:
    """A query over these tables."""
    lookups: Mapping[str, frozenset[str]] = {"carriers": frozenset({"name"})}
    return Query(
        sql, MappingSchema(SCHEMA, dialect=DIALECT), Surroundings(relation, lookups=lookups)
    )


def leaves(flows: tuple[Flow, ...]) -> set[str]:
    """Where a value comes from, as `table.column.path`."""
    return {path_text((f.origin.table, f.origin.column, *f.origin.path)) for f in flows}


def words(flows: tuple[Flow, ...]) -> set[str]:
    """What happens to a value, one text for each way."""
    return {"; ".join(f.steps) or "direct copy" for f in flows}
