"""tap-canonical: plans the syncs of one destination and emits their operations."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities

from crossdock import job, settings
from crossdock.cli.connector import run
from crossdock.errors import PlanError
from crossdock.journal import Journal
from crossdock.operation import as_record
from crossdock.plan import destination
from crossdock.plan.destination import Decision
from crossdock.settings import Instance

_OBJECT = th.ObjectType(additional_properties=True)

OPERATION = th.PropertiesList(
    th.Property("op_key", th.StringType, required=True),
    th.Property("run_id", th.StringType, required=True),
    th.Property("sync", th.StringType, required=True),
    th.Property("destination", th.StringType, required=True),
    th.Property("object", th.StringType, required=True),
    th.Property("key", th.StringType, required=True),
    th.Property("version", th.IntegerType, required=True),
    th.Property("action", th.StringType, required=True),
    th.Property("destination_id", th.StringType),
    th.Property("match", _OBJECT),
    th.Property("set", _OBJECT),
    th.Property("before", _OBJECT),
    th.Property("refs", _OBJECT),
    th.Property("reason", th.StringType),
    th.Property("resolve_only", th.BooleanType),
).to_dict()


class OperationStream(Stream):
    """The operations of a destination's syncs, parents before children."""

    name = "operations"
    primary_keys = ("op_key",)
    schema = OPERATION

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        """The operations that the journal now holds as planned."""
        tap: TapCanonical = self._tap  # type: ignore[assignment]
        for decision in tap.decisions:
            if decision.status == "planned":
                yield from (as_record(o) for o in decision.plan.operations)


class TapCanonical(Tap):
    """Compares what should be with what is, and emits what is to be done.

    The plan is in the journal before the first record leaves; the warehouse is closed by then.
    """

    name = "tap-canonical"
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    config_jsonschema = th.PropertiesList(
        th.Property(
            "destination",
            th.StringType,
            required=True,
            description="System instance whose syncs are planned, such as hubspot:main",
        ),
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        """One stream for all syncs: parents come before children, whatever their names."""
        return [OperationStream(tap=self)]

    @cached_property
    def decisions(self) -> list[Decision]:
        """The plan, written into the journal.

        Raises:
            PlanError: A guard is exceeded, outside a job (a job books that and goes on).
            JournalError: Outside a job, while one is going on.
        """
        found = job.current()
        journal, run_id = (
            (found[0], found[1].run_id)
            if found
            else (Journal.open(), f"alone-{secrets.token_hex(6)}")
        )
        if not found:
            journal.runs.see_that_none_goes_on()
        journal.leases.end_dead(run_id)
        instance = Instance.parse(self.config["destination"])
        decisions = destination.decide(instance, settings.load(), journal, run_id=run_id)
        destination.write(decisions, journal, run_id)
        for decision in decisions:
            if decision.message:
                self.logger.warning(decision.message)
        waiting = [d.message for d in decisions if d.status == "guarded"]
        if waiting and not found:
            raise PlanError(waiting[0])
        return decisions


def main() -> None:
    """Run tap-canonical."""
    run(TapCanonical)
