"""`crossdock new`: a connector that runs and passes conformance, to be made one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from crossdock import scaffold, settings
from crossdock.errors import CrossdockError
from crossdock.scaffold import Kind, Name

_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
_EDITABLE = ("--no-deps", "--no-build-isolation", "--editable")

_NEXT = {
    "tap": """
See it pass:   python -m pytest tests/taps/test_tap_@name@.py
               python -m pytest tests/conformance -k @kebab@
Make it yours: sandbox/@name@ (what the API answers), then taps/@name@, then
               transform/dbt/models/staging/@name@
Switch it on:  in meltano.yml, add @name@:main to CROSSDOCK_INSTANCES, @name@ to CROSSDOCK_CHANNELS,
               and `- tap-@kebab@ target-duckdb` to the jobs intake and orders
Write back:    crossdock new target @kebab@
Its page:      crossdock capabilities > docs/capabilities.md
The guide:     docs/add-a-channel.md""",
    "target": """
See it pass:   python -m pytest tests/targets/test_target_@name@.py
               python -m pytest tests/conformance -k @kebab@
Make it yours: sandbox/@name@ (what the API takes), then targets/@name@, then
               transform/dbt/models/sync/@name@
Switch it on:  in meltano.yml, add `- plan-@kebab@ target-@kebab@` to the job activate; it is in
               rollout audit everywhere but in the sandbox
Its page:      crossdock capabilities > docs/capabilities.md
The guide:     docs/add-a-channel.md""",
}  # fmt: skip


@click.group("new")
def new_command() -> None:
    """Write a new connector, with stand-in, models, entries and tests."""


@new_command.command("tap")
@click.argument("name")
@click.option("--install/--no-install", default=True, help="Let pip know the new programs.")
def tap_command(name: str, install: bool) -> None:
    """Write tap-NAME for a system that sells."""
    _write("tap", name, install)


@new_command.command("target")
@click.argument("name")
@click.option("--install/--no-install", default=True, help="Let pip know the new programs.")
def target_command(name: str, install: bool) -> None:
    """Write target-NAME, which tells that system where its parcels are."""
    _write("target", name, install)


def _write(kind: Kind, text: str, install: bool) -> None:
    project, name = settings.project_root(), Name.parse(text)
    for path in scaffold.write(kind, name, project):
        click.echo(f"  {path}")
    if install:
        _install(project)
    else:
        words = " ".join((*_INSTALL[:3], *_EDITABLE, "."))
        click.echo(f"\nFirst of all:  python {words}")
    click.echo(name.fill(_NEXT[kind]))


def _install(project: Path) -> None:
    """Register the entry points; nothing is downloaded."""
    words = [sys.executable, *_INSTALL, *_EDITABLE, str(project)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CrossdockError(
            "the connector is written, but pip could not register its programs:"
            f" {' '.join(done.stderr.split())[-300:]}",
            hint=f"mend that, then run `{' '.join(words)}`",
        )
