"""One stream on its way into one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.sinks import Sink

from crossdock.errors import CrossdockError
from targets.duckdb.lines import LineReader
from targets.duckdb.merge import Destination
from targets.duckdb.schema import columns_of
from targets.duckdb.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk.sinks.core import BaseJSONSchemaValidator

    from targets.duckdb.messages import Run
    from targets.duckdb.target import TargetDuckDB


class DuckDBSink(Sink):
    """Collects the records of a stream; the target loads all sinks in one transaction."""

    def __init__(
        self,
        target: TargetDuckDB,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        columns = columns_of(self.original_schema)
        names = {column.property: column.name for column in columns}
        missing = [key for key in self.key_properties if key not in names]
        if missing:
            raise CrossdockError(
                f"the schema of {stream_name} does not declare its key {', '.join(missing)}",
                hint="the tap's key_properties must be among its properties",
            )
        self._target = target
        self.destination = Destination(target.config["default_target_schema"], stream_name)
        self.spool = Spool(
            LineReader(stream_name, columns, self.key_properties),
            [names[key] for key in self.key_properties],
        )

    def get_validator(self) -> BaseJSONSchemaValidator | None:
        """None: whether a value fits its column is checked when the lines are read."""
        return None

    @property
    def current_size(self) -> int:
        """Records that wait for the next commit."""
        return self.spool.records

    def take(self, run: Run) -> None:
        """Take lines in."""
        self.tally_record_read(run["count"])
        self.record_counter_metric.increment(run["count"])
        if run["overlong"]:
            self.spool.add_misfit(run["lines"], "too long to be held; only its beginning is kept")
        else:
            self.spool.add(run["lines"], run["count"])

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Take one decoded record in."""
        message = {"type": "RECORD", "stream": self.stream_name, "record": record}
        self.spool.add(msgspec.json.encode(message) + b"\n", 1)

    def process_batch(self, context: dict[str, Any]) -> None:
        """Commit: all sinks go into the file together."""
        self._target.commit()
