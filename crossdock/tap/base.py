"""A tap over one client, with end records and a tidy end."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import SchemaMessage

from crossdock import settings
from crossdock.capabilities import Capabilities
from crossdock.cli import connector
from crossdock.errors import SettingsError
from crossdock.tap import schema
from crossdock.tap.emission import Emission, emit
from crossdock.tap.stream import CrossdockStream
from crossdock.tap.writer import LineWriter

if TYPE_CHECKING:
    from singer_sdk.mapper import PluginMapper

    from crossdock.http.limits import BucketStore
    from crossdock.tap.pages import Record

RUN_ID = "CROSSDOCK_RUN_ID"
TERMINATED = 128 + 15

COMMON_SETTINGS = (
    th.Property(
        "share",
        th.NumberType(exclusive_minimum=0, maximum=1),
        default=0.5,
        description="Part of the account's limits that is ours; other apps share them",
    ),
    th.Property(
        "concurrency",
        th.IntegerType(minimum=1, maximum=32),
        default=4,
        description="Requests that may be under way at once",
    ),
    th.Property(
        "streams",
        th.ArrayType(th.StringType),
        description="Only these streams; all that the catalog selects if left out",
    ),
    th.Property(
        "totals_interval",
        th.NumberType(minimum=0),
        default=3600,
        description="Seconds between two questions for the source's own counts and sums",
    ),
    th.Property(
        "sweep_interval",
        th.NumberType(minimum=0),
        default=86400,
        description="Seconds between two sweeps of all ids, which find what was deleted",
    ),
    th.Property(
        "credentials_end",
        th.DateType,
        description="Day on which the key ends; `crossdock check` warns 30 days before",
    ),
)
"""Settings of every tap that reads over HTTP."""


class Client(Protocol):
    """What a tap asks its source with; over HTTP it is an `ApiClient`."""

    def close(self) -> None:
        """Let whoever waits for an answer go; nothing is asked any more."""
        ...


class CrossdockTap(Tap):
    """A tap; subclasses name their streams and build their client."""

    # Stream maps and flattening are not advertised: the fast path does not honour them.
    capabilities = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
    ]
    message_writer_class = LineWriter
    offers: ClassVar[Capabilities]
    """What the tap can do and needs."""

    stream_types: Sequence[type[CrossdockStream]] = ()

    def __init__(self, **options: Any) -> None:
        self._stop = threading.Event()
        self.reading = False
        self._run_id = os.environ.get(RUN_ID) or str(uuid.uuid4())
        self._announced: set[str] = set()
        try:
            super().__init__(**options)
        except ConfigValidationError as error:
            raise SettingsError(
                f"{self.name}: {'; '.join(error.errors)}", hint="correct it in meltano.yml or .env"
            ) from error
        connector.announce(self.instance)

    def make_client(self, store: BucketStore | None) -> Client:
        """Build the client of this tap's account.

        Args:
            store: Limit buckets that all processes share; None outside a project.
        """
        raise NotImplementedError

    def discover_streams(self) -> Sequence[Stream]:
        """All streams of the tap."""
        return [kind(self) for kind in self.stream_types]

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """The SDK's own settings are for stream maps, flattening and batches: none of ours."""

    def setup_mapper(self) -> None:
        """There are no stream maps, so nothing is set up before somebody asks for it."""

    @property
    def mapper(self) -> PluginMapper:
        """The SDK's mapper, for its test suites."""
        if self._mapper is None:
            super().setup_mapper()
        return super().mapper

    @mapper.setter
    def mapper(self, mapper: PluginMapper) -> None:
        self._mapper = mapper

    @cached_property
    def client(self) -> Client:
        """The client, built when the first stream asks for it."""
        return self.make_client(shared_store())

    @property
    def instance(self) -> str:
        """The system instance that is read, such as `shopify:main`."""
        system = self.name.removeprefix("tap-")
        return str(self.config.get("instance") or f"{system}:main")

    @property
    def writer(self) -> LineWriter:
        """Where messages go."""
        assert isinstance(self.message_writer, LineWriter)  # noqa: S101 - for the type checker
        return self.message_writer

    @property
    def workers(self) -> int:
        """How many parts of a stream are fetched at once."""
        return int(self.config.get("concurrency") or 4)

    def stopping(self) -> bool:
        """Whether we were told to end."""
        return self._stop.is_set()

    def check_stopping(self, stream: CrossdockStream | None = None) -> None:
        """Leave if we were told to end; the state holds what is finished.

        Raises:
            SystemExit: We were told to end.
        """
        if self._stop.is_set():
            self.logger.info("told to end%s", f" in the middle of {stream.name}" if stream else "")
            raise SystemExit(TERMINATED)

    @property
    def run_id(self) -> str:
        """The run that this reading belongs to."""
        return self._run_id

    @property
    def batch_folder(self) -> Path:
        """Where files of records are made for the loader; it deletes what it has loaded."""
        folder = settings.load().state_dir / "batches"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def sync_all(self) -> None:  # type: ignore[misc] # the SDK reads one stream after the other
        """Read all selected streams, side by side."""
        self._reset_state_progress_markers()
        self._set_compatible_replication_methods()
        if self.state:
            self.state_writer.write_state(self.state)
        streams = self._wanted()
        for stream in streams:
            stream.announce()
            self.check_stopping()
        for _ in emit([Emission(stream) for stream in streams], self):
            continue
        for stream in streams:
            stream.finalize_state_progress_markers()

    def _wanted(self) -> list[CrossdockStream]:
        """The streams that catalog and settings select.

        Raises:
            SettingsError: The settings name a stream that is not there.
        """
        named = self.config.get("streams")
        unknown = set(named or ()) - set(self.streams)
        if unknown:
            raise SettingsError(
                f"{self.name}: there is no stream {min(unknown)}",
                hint=f"streams may name {', '.join(self.streams)}",
            )
        found: list[CrossdockStream] = []
        for stream in self.streams.values():
            assert isinstance(stream, CrossdockStream)  # noqa: S101 - for the type checker
            if stream.selected and (not named or stream.name in named):
                found.append(stream)
        return found

    def announce(self, stream: schema.OwnStream) -> None:
        """Write the schema of a stream of ours, once."""
        if stream.name not in self._announced:
            self.write_message(SchemaMessage(stream.name, stream.schema, stream.key))
            self._announced.add(stream.name)

    def write_end(self, record: Record) -> None:
        """Say that a stream is complete; without this nothing may be deleted by absence."""
        self.announce(schema.END)
        self.writer.write_record(schema.END.name, record, record["ended_at"])

    def _handle_termination(self, signum: int, frame: Any) -> None:
        """End after the record at hand; a second signal ends at once."""
        # A line is written to its end; before the reading begins nothing else is worth a wait.
        if self._stop.is_set() or not (self.reading or self.writer.writing):
            raise SystemExit(TERMINATED)
        self._stop.set()
        if "client" in vars(self):  # it is made when the first stream asks for it
            self.client.close()


def shared_store() -> BucketStore | None:
    """The journal's buckets, where there is a journal."""
    from crossdock.journal import Journal

    journal = Journal.existing()
    return journal.buckets if journal else None
