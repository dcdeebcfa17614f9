"""target-duckdb: brings the streams of a tap into the warehouse, losing nothing."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn, cast

from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError, RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities

from crossdock import clock, settings
from crossdock.cli import connector
from crossdock.errors import CrossdockError, SettingsError
from crossdock.warehouse import WAIT, connect
from targets.duckdb import batch, merge
from targets.duckdb.messages import RunReader, drain
from targets.duckdb.quarantine import TABLE, Tally
from targets.duckdb.sinks import DuckDBSink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import FrameType

    from crossdock.warehouse import Warehouse
    from targets.duckdb.messages import Run
    from targets.duckdb.spool import Spooled

END = "_crossdock_end"
_LOAD_SCHEMA = "MELTANO_EXTRACT__LOAD_SCHEMA"
_BATCH_ROWS = 200_000
_BATCH_BYTES = 256 << 20
_BATCH_SECONDS = 300
_END_FIELDS = ("stream", "count", "full", "started_at")


class RecordBeforeSchema(CrossdockError, RecordsWithoutSchemaException):  # noqa: N818
    """A tap must say what a stream looks like before it sends records of it."""


class TargetDuckDB(Target):
    """Loads Singer streams into a DuckDB file, one transaction for each batch."""

    name = "target-duckdb"
    default_sink_class = DuckDBSink
    message_reader_class = RunReader
    capabilities = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STRUCTURED_LOGGING,
        PluginCapabilities.BATCH,
    ]
    config_jsonschema = th.PropertiesList(
        th.Property(
            "path",
            th.StringType,
            description="The DuckDB file. Default: the warehouse of the project.",
        ),
        th.Property(
            "default_target_schema",
            th.StringType,
            description="Schema that the streams land in, such as raw_shopify_main. Default:"
            " the extractor's load_schema.",
        ),
        th.Property(
            "lock_wait_seconds",
            th.NumberType,
            default=WAIT,
            description="How long to wait while another process holds the file.",
        ),
        th.Property(
            "batch_rows",
            th.IntegerType,
            default=_BATCH_ROWS,
            description="Records after which there is a commit, at the latest.",
        ),
    ).to_dict()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._max_parallelism = 1
        self._places = settings.load()
        self._schema_name = _schema_name(self.config)
        self._config = {**self._config, "default_target_schema": self._schema_name}
        self._received: Counter[str] = Counter()
        self._misfits = Tally()
        self._emitted: dict[str, Any] | None = None
        connector.announce(self._instance())  # a failed load leaves its data stale

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Leave out the SDK's own settings: the quick way of loading does not honour them."""

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run, and read the input to its end whatever happens, for the tap's sake."""
        try:
            super().invoke(**options)
        except Exception as error:
            if not (options.get("about") or options.get("file_input")):
                drain(sys.stdin)
            if isinstance(error, ConfigValidationError):
                raise SettingsError("; ".join(error.errors)) from error
            raise

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        named = self.config.get("path")
        return self._places.project / named if named else self._places.warehouse

    def commit(self) -> None:
        """Load everything that waits, in one transaction, and then give the state on."""
        sinks = self._all_sinks()
        state = self._latest_state
        if not sinks and state is None:
            return
        spooled = [(sink, sink.spool.take()) for sink in sinks]
        wait = float(self.config.get("lock_wait_seconds") or 0)
        with (
            connect(self.path, read_only=False, wait=wait) as warehouse,
            warehouse.transaction(),
        ):
            self._load(warehouse, spooled, state)
        for sink in sinks:
            sink.mark_drained()
        for old in self._sinks_to_clear:
            old.clean_up()
        self._sinks_to_clear = []
        self._reset_max_record_age()
        self._emit(state)

    def process_endofpipe(self) -> None:
        """Load the rest; what did not fit makes itself known."""
        self.commit()
        for sink in self._sinks_active.values():
            sink.clean_up()
        if error := self._misfits.error(self._schema_name):
            connector.announce("")  # all else is loaded, so the source is as fresh as can be
            raise error

    def _load(
        self,
        warehouse: Warehouse,
        spooled: list[tuple[DuckDBSink, Spooled]],
        state: dict[str, Any] | None,
    ) -> None:
        now = clock.now()
        merge.prepare(warehouse, self._schema_name)
        rows = []
        for sink, part in spooled:
            stream = sink.stream_name
            merge.load(warehouse, sink.destination, part, now)
            self._misfits.add(stream, part.misfits)
            fitting, misfits = part.table.num_rows, len(part.misfits)
            self._received[stream] += fitting + misfits
            if fitting or misfits:
                rows.append(merge.LogRow(stream, fitting, misfits))
        for sink, part in spooled:
            if sink.stream_name == END:
                self._finish_listings(warehouse, part, now)
        if not rows and state != self._emitted:
            rows.append(merge.LogRow(None, 0, 0))
        merge.log(warehouse, self._schema_name, _load_id(), rows, state, now)

    def _instance(self) -> str:
        """The system instance whose streams these are; empty for our own ones."""
        known = self._places.instances
        return next((str(each) for each in known if each.raw_schema == self._schema_name), "")

    def _finish_listings(self, warehouse: Warehouse, ends: Spooled, now: datetime) -> None:
        """Mark what complete listings did not bring, where all of their records arrived."""
        for end in _completed(ends):
            stream = end["stream"]
            sink = self._sinks_active.get(stream)
            if not isinstance(sink, DuckDBSink):
                continue
            if stream in self._misfits or self._received[stream] < end["count"]:
                self.logger.warning(
                    "Not all records of %s could be loaded: none is marked as deleted.", stream
                )
                continue
            merge.mark_deleted(warehouse, sink.destination, end["started_at"], now)

    def _emit(self, state: dict[str, Any] | None) -> None:
        if state is not None and state != self._emitted:
            self._write_state_message(state)
            self._emitted = state

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        if not isinstance(message_dict.get("schema"), dict):
            raise CrossdockError(
                "a SCHEMA message has no schema", hint="look at what the tap writes"
            )
        stream = str(message_dict.get("stream"))
        if stream == TABLE:
            raise CrossdockError(f"{TABLE} is the loader's own table", hint="rename the stream")
        self.get_sink(
            stream,
            schema=message_dict["schema"],
            key_properties=message_dict.get("key_properties") or [],
        )

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        run = cast("Run", message_dict)
        sink = self._sinks_active.get(run["stream"])
        if not isinstance(sink, DuckDBSink):
            raise RecordBeforeSchema(
                f"a record of {run['stream']} came before its schema",
                hint="the tap must write a SCHEMA message first",
            )
        sink.take(run)
        if self._is_full():
            self.commit()

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Nothing to do: rows are replaced by key, and deletions come by complete listings."""

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        for lines in batch.runs(message_dict):
            self._process_record_message(cast("dict[str, Any]", lines))

    def _is_full(self) -> bool:
        spools = [sink.spool for sink in self._all_sinks()]
        return (
            sum(spool.records for spool in spools) >= self.config["batch_rows"]
            or sum(spool.size for spool in spools) >= _BATCH_BYTES
            or time.time() - self._last_full_drain_at > _BATCH_SECONDS
        )

    def _all_sinks(self) -> list[DuckDBSink]:
        """All sinks in the order in which their streams came."""
        sinks = [*self._sinks_to_clear, *self._sinks_active.values()]
        return [sink for sink in sinks if isinstance(sink, DuckDBSink)]

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Stop at once: what was not committed was not acknowledged either."""
        raise SystemExit(128 + signum)


def _schema_name(config: Mapping[str, Any]) -> str:
    name = config.get("default_target_schema") or os.environ.get(_LOAD_SCHEMA)
    if not name:
        raise SettingsError(
            "default_target_schema is missing",
            hint="set it, or load_schema of the extractor, e.g. raw_shopify_main",
        )
    return str(name)


def _load_id() -> str:
    """Unique, and in the order of time."""
    return f"{clock.real_now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def _completed(ends: Spooled) -> Iterator[dict[str, Any]]:
    """The end records of complete listings, property to value."""
    names = {column.property: column.name for column in ends.columns}
    if not all(field in names for field in _END_FIELDS):
        return
    if not ends.table.num_rows:
        return
    for row in ends.table.select([names[field] for field in _END_FIELDS]).to_pylist():
        end = {field: row[names[field]] for field in _END_FIELDS}
        if end["full"] and None not in end.values():
            yield end


def main() -> NoReturn:
    """The program target-duckdb."""
    connector.run(TargetDuckDB)
