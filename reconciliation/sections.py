"""Reads the tables of the page: rows of dbt models, whatever their columns are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock.warehouse import Warehouse, ident
from reconciliation.manifest import Report

_NUMBERS = ("BIGINT", "HUGEINT", "INTEGER", "DECIMAL", "UBIGINT", "SMALLINT")


def read(warehouse: Warehouse, report: Report) -> dict[str, Any]:
    """One table of the page as plain values."""
    types = warehouse.columns(*report.relation)
    hidden = {report.attention["column"]} if report.attention else set()
    columns = [
        {"name": name, "label": label(name), "kind": _kind(kind), "hint": report.hints.get(name)}
        for name, kind in types.items()
        if name not in hidden
    ]
    rows = [
        {name: plain(value) for name, value in zip(types, row, strict=True)}
        for row in warehouse.fetchall(f"select * from {ident(*report.relation)}")
    ]
    unequal = sum(row[left] != row[right] for row in rows for left, right in report.equal)
    return {
        "name": report.name,
        "part": report.part,
        "title": report.title,
        "text": " ".join(report.text.split()),
        "empty": report.empty,
        "bar": report.bar,
        "words": report.words,
        "brief": list(report.brief),
        "equal": [list(pair) for pair in report.equal],
        "unequal": unequal,
        "attention": _attention(report, rows),
        "columns": columns,
        "rows": rows,
    }


def _attention(report: Report, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    if report.attention is None:
        return None
    column, count = report.attention["column"], report.attention["count"]
    number = sum(row[count] for row in rows if row[column])
    return {"column": column, "count": number, "text": report.attention["text"]}


def label(name: str) -> str:
    """A column's name as a heading: `on_hand` is `On hand`."""
    words = name.replace("_", " ")
    spelled = {"wms": "WMS", "crm": "CRM", "sku": "SKU", "skus": "SKUs"}
    words = " ".join(spelled.get(word, word) for word in words.split())
    return words[:1].upper() + words[1:]


def plain(value: Any) -> Any:
    """A value of DuckDB as JSON knows it; money stays exact, as text."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


def _kind(data_type: str) -> str:
    if data_type.endswith("[]"):
        return "list"
    if data_type.startswith(_NUMBERS):
        return "number"
    return "time" if data_type.startswith("TIMESTAMP") else "text"
