"""The base of targets that write to a vendor: Singer in, the journal in the middle."""

from __future__ import annotations

import signal
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from types import FrameType
from typing import Any, ClassVar

from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.sinks import BatchSink

from crossdock import job
from crossdock.capabilities import Capabilities
from crossdock.errors import SettingsError, SyncDefinitionError, UnknownOperation
from crossdock.journal import Journal
from crossdock.journal.intents import from_row
from crossdock.operation import Destination, Operation
from crossdock.target.delivery import Delivery

ROLLOUT = th.Property(
    "rollout",
    th.StringType(allowed_values=["audit", "parallel", "live"]),
    default="audit",
    description="audit writes down what it would send; parallel and live send it",
)


class OperationSink(BatchSink):
    """Collects operations and delivers them together."""

    max_size = 10_000
    include_sdc_metadata_properties = False

    def __init__(self, target: CrossdockTarget, *args: Any, **kwargs: Any) -> None:
        super().__init__(target, *args, **kwargs)
        self._deliver = target.deliver

    def process_batch(self, context: dict[str, Any]) -> None:
        """Deliver what was collected."""
        self._deliver(context["records"])


class CrossdockTarget(Target):
    """A target whose records are operations that tap-canonical planned."""

    default_sink_class = OperationSink
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    offers: ClassVar[Capabilities]
    """What the target can do and needs."""

    _stop = False
    _delivering = False

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """The SDK's own settings are about loading tables: none of ours."""

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """What is set to nothing is not set: a target without a rollout is in audit.

        Raises:
            SettingsError: A setting is missing or wrong.
        """
        self._config = {k: v for k, v in self._config.items() if v not in (None, "")}
        try:
            return super()._validate_config(raise_errors=raise_errors)
        except ConfigValidationError as error:
            raise SettingsError(
                f"{self.name}: {'; '.join(error.errors)}", hint="correct it in meltano.yml or .env"
            ) from error

    @abstractmethod
    def destination(self, journal: Journal) -> Destination:
        """What knows the vendor, made from this target's settings."""

    def deliver(self, records: list[Mapping[str, Any]]) -> None:
        """Deliver the operations that these records name.

        Raises:
            UnknownOperation: The journal does not know one.
            CrossdockError: The destination is down or refuses our credentials.
        """
        journal, run_id = self._journal()
        operations = self._from_journal(journal, records)
        self._see_that_it_can(operations)
        delivery = Delivery(
            self.destination(journal),
            journal,
            run_id,
            rollout=self.config["rollout"],
            stopping=lambda: self._stop,
        )
        if self.config["rollout"] == "audit" and operations:
            self.logger.warning("%s is in audit: it writes down and sends nothing", self.name)
        self._delivering = True
        try:
            for _, group in groupby(operations, key=lambda o: o.sync):
                # A child's references need what the delivery of its parents wrote.
                delivery.deliver(list(group))
        finally:
            self._delivering = False
        if self._stop:
            raise SystemExit(128 + signal.SIGTERM)
        if delivery.stopped:
            raise delivery.stopped

    def _see_that_it_can(self, operations: list[Operation]) -> None:
        """See that the target can do all of it, before it does any of it.

        Raises:
            SyncDefinitionError: A sync asks for what the target cannot do.
        """
        for operation in operations:
            if not self.offers.can(operation.object, operation.action):
                able = "; ".join(self.offers.all_writes)
                raise SyncDefinitionError(
                    f"{operation.sync}: {self.name} cannot {operation.action}"
                    f" {operation.object}; nothing was sent",
                    hint=f"it can: {able}; see object and write_mode in its .yml",
                )

    def _journal(self) -> tuple[Journal, str | None]:
        found = job.current()
        return (found[0], found[1].run_id) if found else (Journal.open(), None)

    @staticmethod
    def _from_journal(journal: Journal, records: list[Mapping[str, Any]]) -> list[Operation]:
        """The journal's own words count; a record only names them."""
        rows = journal.operations.get([r["op_key"] for r in records])
        resolving = {r["op_key"] for r in records if r.get("resolve_only")}
        if missing := [r["op_key"] for r in records if r["op_key"] not in rows]:
            raise UnknownOperation(
                f"{len(missing)} operations were not sent: no plan of this journal knows them",
                hint="targets take only what tap-canonical of the same project emits",
            )
        return [
            replace(from_row(rows[r["op_key"]]), resolve_only=r["op_key"] in resolving)
            for r in records
        ]

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Let what is in flight come back and be booked; send nothing new."""
        if self._delivering:
            self._stop = True  # the delivery that runs below this frame sees it and ends
            return
        super()._handle_termination(signum, frame)
