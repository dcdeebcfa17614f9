"""tap-journal: the journal as streams, so that dbt can reconcile what we meant with what is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from sqlalchemy import JSON as JSON_TYPE
from sqlalchemy import Boolean, Float, Integer, Table, select

from crossdock.cli.connector import run
from crossdock.journal import Journal
from crossdock.journal.schema import (
    acknowledged,
    failures,
    key_moves,
    operations,
    runs,
    sync_books,
)

_TIMES = {
    "at",
    "started_at",
    "ended_at",
    "business_at",
    "planned_at",
    "updated_at",
    "acknowledged_at",
    "changed_at",
}


class JournalStream(Stream):
    """One table of the journal; those with a time are read on from the last one seen."""

    def __init__(self, tap: Tap, table: Table, cursor: str | None = None) -> None:
        self.table = table
        super().__init__(tap=tap, name=table.name, schema=_schema(table))
        self.primary_keys = tuple(column.name for column in table.primary_key)
        self.replication_key = cursor

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        """The rows, oldest first; those of the last time seen come again."""
        statement = select(self.table)
        if self.replication_key:
            cursor = self.table.c[self.replication_key]
            since = self.get_starting_replication_key_value(context)
            statement = statement.order_by(cursor)
            if since:
                statement = statement.where(cursor >= since)
        tap: TapJournal = self._tap  # type: ignore[assignment]
        yield from tap.journal.rows(statement)


class TapJournal(Tap):
    """Reads runs, operations, acknowledged state and books."""

    name = "tap-journal"
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STRUCTURED_LOGGING,
        TapCapabilities.STATE,
    ]
    config_jsonschema = th.PropertiesList().to_dict()
    journal: Journal

    def discover_streams(self) -> list[Stream]:
        """The tables that reconciliation needs."""
        self.journal = Journal.open()
        return [
            JournalStream(self, runs),
            JournalStream(self, operations, "updated_at"),
            JournalStream(self, acknowledged, "changed_at"),
            JournalStream(self, key_moves, "at"),
            JournalStream(self, sync_books),
            JournalStream(self, failures),
        ]


def _schema(table: Table) -> dict[str, Any]:
    properties = []
    for column in table.columns:
        kind: Any = th.DateTimeType if column.name in _TIMES else th.StringType
        if isinstance(column.type, JSON_TYPE):
            kind = th.CustomType({"type": ["object", "array", "null"]})
        elif isinstance(column.type, Boolean):
            kind = th.BooleanType
        elif isinstance(column.type, Integer):
            kind = th.IntegerType
        elif isinstance(column.type, Float):
            kind = th.NumberType
        properties.append(th.Property(column.name, kind))
    schema: dict[str, Any] = th.PropertiesList(*properties).to_dict()
    return schema


def main() -> None:
    """Run tap-journal."""
    run(TapJournal)
