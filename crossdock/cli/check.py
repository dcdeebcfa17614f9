"""`crossdock check`: credentials, scopes, versions, and every sync valid for its destination."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import entry_points

import click

from crossdock import clock, settings
from crossdock.checks import Check, Finding, credentials_end
from crossdock.cli.connector import describe
from crossdock.connectors import configs, of_project
from crossdock.errors import CrossdockError
from crossdock.journal import Journal
from crossdock.plan.definition import WRITES, Sync
from crossdock.settings import Settings

_OWNED = {"crossdock": "ours", "native": "another connector's", "off": "off"}


@click.command("check")
@click.option("--fix", is_flag=True, help="Mend what can be mended, such as missing properties.")
def check_command(fix: bool) -> None:
    """See that every system can be reached and holds what the syncs need."""
    places = settings.load()
    found = [*_of_connectors(places, fix), *_of_syncs(places)]
    for finding in found:
        mark = "fixed" if finding.fixed else "ok" if finding.ok else "FAIL"
        advice = f" -> {finding.advice}" if finding.advice and not finding.ok else ""
        click.secho(f"{mark:5} {finding.what}{advice}", fg=None if finding.ok else "red")
    sys.exit(0 if all(f.ok for f in found) else 1)


def _of_connectors(places: Settings, fix: bool) -> Iterator[Finding]:
    found = configs(places)
    for instance in map(str, places.instances):
        system = instance.split(":")[0]
        registered = entry_points(group="crossdock.checks", name=system)
        config = found.get(instance)
        if not registered or config is None:
            yield Finding(
                f"{instance}: no connector of meltano.yml names it",
                False,
                "see CROSSDOCK_INSTANCES",
            )
            continue
        check: Check = next(iter(registered)).load()
        today = clock.now().date()
        try:
            for finding in (*check(config, fix=fix), *credentials_end(config, today)):
                yield replace(finding, what=f"{instance}: {finding.what}")
        except CrossdockError as error:
            yield Finding(describe(error), False)


def _of_syncs(places: Settings) -> Iterator[Finding]:
    from crossdock.plan.definition import load_syncs
    from crossdock.plan.owners import foreign_writers

    if not places.manifest.exists():
        return  # nothing was built yet: the first run builds and checks them
    journal = Journal.existing()
    try:
        for sync in load_syncs(places.manifest):
            yield Finding(
                f"sync {sync.name} is well defined; its flow is {_OWNED[sync.owner]}", True
            )
            if sync.owner != "crossdock":
                continue
            yield from _of_writes(sync, places)
            if journal is None:
                continue
            for instance in places.instances:
                if instance.system == sync.destination:
                    yield from foreign_writers(sync, str(instance), journal, clock.real_now())
    except CrossdockError as error:
        yield Finding(describe(error), False)


def _of_writes(sync: Sync, places: Settings) -> Iterator[Finding]:
    """Whether the destination's target can do what the sync may ask of it."""
    for connector in of_project(places.project):
        offers = connector.offers
        if offers is None or offers.role != "destination" or offers.system != sync.destination:
            continue
        lacking = [a for a in WRITES[sync.write_mode] if not offers.can(sync.object, a)]
        what = f"{connector.name} can {sync.write_mode} {sync.object}"
        advice = (
            f"it can: {'; '.join(offers.all_writes)}; see object and write_mode in {sync.name}.yml"
        )
        yield Finding(f"{what} ({sync.name})", not lacking, advice)
