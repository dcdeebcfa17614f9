"""target-duckdb: brings the streams of a tap into the warehouse, losing nothing."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn, cast

from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError, RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities

from crossdock import settings
from crossdock.cli import connector
from crossdock.errors import CrossdockError, SettingsError
from crossdock.warehouse import WAIT
from targets.duckdb import batch, housekeeping
from targets.duckdb.loader import Batch, Loader
from targets.duckdb.messages import RunReader, drain
from targets.duckdb.quarantine import TABLE
from targets.duckdb.sinks import DuckDBSink

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import FrameType

    from targets.duckdb.messages import Run

_LOAD_SCHEMA = "MELTANO_EXTRACT__LOAD_SCHEMA"
_BATCH_ROWS = 200_000
_BATCH_BYTES = 256 << 20
_BATCH_SECONDS = 300


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
        wait = float(self.config.get("lock_wait_seconds") or 0)
        self._loader = Loader(self.path, self._schema_name, wait, self._write_state_message)
        self._batches = self._places.state_dir / "batches"
        self._loaded_files: list[Path] = []
        housekeeping.clear_left_behind(self._batches)
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
        if not sinks and self._latest_state is None:
            return
        parts = [(sink.stream_name, sink.spool.take()) for sink in sinks]
        self._loader.commit(Batch(parts, self._latest_state, self._loaded_files))
        self._loaded_files = []
        for sink in sinks:
            sink.mark_drained()
        for old in self._sinks_to_clear:
            old.clean_up()
        self._sinks_to_clear = []
        self._reset_max_record_age()

    def process_endofpipe(self) -> None:
        """Load the rest; what did not fit makes itself known."""
        self.commit()
        for sink in self._sinks_active.values():
            sink.clean_up()
        if error := self._loader.misfits():
            connector.announce("")  # all else is loaded, so the source is as fresh as can be
            raise error

    def _instance(self) -> str:
        """The system instance whose streams these are; empty for our own ones."""
        known = self._places.instances
        return next((str(each) for each in known if each.raw_schema == self._schema_name), "")

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
        if self._is_full():  # only now, so that a state that follows a batch goes with it
            self.commit()
        sink.take(run)

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Nothing to do: rows are replaced by key, and deletions come by complete listings."""

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        for lines in batch.runs(message_dict):
            self._process_record_message(cast("dict[str, Any]", lines))
        for file in batch.files(message_dict):
            if file.resolve().is_relative_to(self._batches.resolve()):
                self._loaded_files.append(file)  # goes with the next commit

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


def main() -> NoReturn:
    """The program target-duckdb."""
    connector.run(TargetDuckDB)
