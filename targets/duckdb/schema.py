"""From JSON Schema to DuckDB: what a property lands as, and how a column may change later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LOADED_AT = "_sdc_loaded_at"
DELETED_AT = "_sdc_deleted_at"
READ_AT = "_crossdock_read_at"
POSITION = "_crossdock_position"
INCOMING = "crossdock_incoming"
"""The name by which SQL reads the records of a stream that are being loaded."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ISO = "'%Y-%m-%dT%H:%M:%S.%fZ'"


class Kind(Enum):
    """What the values of a column are; the value is how DuckDB declares it."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    NUMBER = "DECIMAL(38,9)"
    BOOLEAN = "BOOLEAN"
    TIME = "TIMESTAMP WITH TIME ZONE"
    JSON = "JSON"
    MIXED = "scalar"
    """Scalars of several types: they land as text."""

    @property
    def duckdb_type(self) -> str:
        """The type of a new column."""
        return "VARCHAR" if self is Kind.MIXED else self.value


@dataclass(frozen=True)
class Column:
    """A property of a stream and the column that it lands in."""

    property: str
    name: str
    kind: Kind


def columns_of(schema: Mapping[str, Any]) -> list[Column]:
    """The columns of a stream in the order of its properties, after the mark of deletion."""
    properties = schema.get("properties", {}).items()
    kinds = {name: _kind(prop) for name, prop in properties if name not in (LOADED_AT, DELETED_AT)}
    return list(name_columns([(DELETED_AT, Kind.TIME), *kinds.items()]))


def name_columns(
    properties: Iterable[tuple[str, Kind]], taken: Iterable[str] = ()
) -> Iterator[Column]:
    """Give each property a column of its own, though DuckDB's names know no case."""
    used = {name.lower() for name in (*taken, LOADED_AT, POSITION)}
    for prop, kind in properties:
        plain = _CONTROL.sub("_", prop) or "_"
        name, number = plain, 1
        while name.lower() in used:
            number += 1
            name = f"{plain}_{number}"
        used.add(name.lower())
        yield Column(prop, name, kind)


def _kind(prop: Any) -> Kind:
    alternatives = set(_alternatives(prop))
    types = {kind for kind, _ in alternatives} - {"null"}
    if types == {"string"}:
        formats = {form for kind, form in alternatives if kind == "string"}
        return Kind.TIME if formats == {"date-time"} else Kind.TEXT
    if types == {"integer"}:
        return Kind.INTEGER
    if types and types <= {"integer", "number"}:
        return Kind.NUMBER
    if types == {"boolean"}:
        return Kind.BOOLEAN
    if types and types <= {"string", "integer", "number", "boolean"}:
        return Kind.MIXED
    return Kind.JSON


def _alternatives(prop: Any) -> Iterator[tuple[str, str | None]]:
    """All (type, format) that a property allows; an unknown one is `any`."""
    if not isinstance(prop, dict):
        yield "any", None
        return
    if "type" in prop:
        types = prop["type"] if isinstance(prop["type"], list) else [prop["type"]]
        for name in types:
            yield str(name), prop.get("format")
        return
    nested = [part for word in ("anyOf", "oneOf", "allOf") for part in prop.get(word, ())]
    if not nested:
        yield "any", None
    for part in nested:
        yield from _alternatives(part)


def widened(existing: str, incoming: str) -> str:
    """The type that holds every value of both without loss.

    An integer column becomes a decimal one, anything else becomes text; a JSON column can
    hold every value as it is.
    """
    if existing == incoming or existing == Kind.JSON.value:
        return existing
    if {existing, incoming} == {Kind.INTEGER.value, Kind.NUMBER.value}:
        return Kind.NUMBER.value
    return Kind.TEXT.value


def converted(expression: str, source: str, target: str) -> str:
    """SQL that turns a value of one type into another, wider one."""
    if source == target:
        return expression
    if target == Kind.JSON.value:
        if source in (Kind.INTEGER.value, Kind.BOOLEAN.value):
            return f"to_json({expression})"
        if source == Kind.NUMBER.value:
            return f"{_as_text(expression, source)}::JSON"
        return f"to_json({_as_text(expression, source)})"
    if target == Kind.TEXT.value:
        return _as_text(expression, source)
    return f"{expression}::{target}"


def _as_text(expression: str, source: str) -> str:
    if source == Kind.TIME.value:
        return f"strftime({expression}, {_ISO})"
    if source == Kind.NUMBER.value:
        return f"rtrim(rtrim({expression}::VARCHAR, '0'), '.')"
    return f"{expression}::VARCHAR"
