"""Runs a connector: one clear line when it fails, and in a job the others go on."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crossdock.errors import CrossdockError, PartlyRead, SettingsError

if TYPE_CHECKING:
    from singer_sdk.plugin_base import PluginBase

_ASKING = {"--about", "--version", "--help", "--discover", "--test"}


def run(connector: type[PluginBase]) -> NoReturn:
    """Run a tap or target as a program.

    A fatal error becomes one line. When an open run of a parent process is found, it is
    recorded there and the exit code is 0, because Meltano ends a run at its first failing
    block; called alone the exit code is 1.
    """
    os.environ.setdefault("LOGLEVEL", "WARNING")  # the SDK tells every metric at INFO
    # A connector lives as long as its sockets: the system closes them with the process.
    warnings.simplefilter("ignore", ResourceWarning)
    try:
        code = connector.cli.main(args=sys.argv[1:], standalone_mode=False)
        if code:
            raise SettingsError("its settings are wrong", hint="see the lines above this one")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        sys.exit(_failed(connector, error))
    if connector.name.startswith("tap-") and not _ASKING.intersection(sys.argv):
        _succeeded()
    sys.exit(0)


def _failed(connector: type[PluginBase], error: Exception) -> int:
    name = connector.name
    line = describe(error)
    print(line if line.startswith(f"{name}: ") else f"{name}: {line}", file=sys.stderr)
    logging.getLogger(name).debug("failed", exc_info=error)
    if _ASKING.intersection(sys.argv):
        return 1
    from crossdock import job

    partly = isinstance(error, PartlyRead)
    if not job.report_failure(name, line, instance=None if partly else _instance()):
        return 1
    if partly:
        _succeeded()
    if name.startswith("target-"):
        _drain_input()  # a closed pipe would make the tap fail as well
    return 0


def _succeeded() -> None:
    from crossdock import job

    instance = _instance()
    if instance and (found := job.current()):
        journal, open_run = found
        journal.runs.source_read(instance, open_run.run_id, ok=True)


def describe(error: Exception) -> str:
    """One line for an error that nobody expected, or the line that a CrossdockError brings."""
    if isinstance(error, CrossdockError):
        return str(error)
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _instance() -> str | None:
    """The instance of the tap that runs here; targets read the instance from elsewhere."""
    instance: Any = _running.get("instance")
    return str(instance) if instance else None


_running: dict[str, str] = {}


def announce(instance: str) -> None:
    """A tap says which source it reads, so that its success or failure is booked there."""
    _running["instance"] = instance


def _drain_input() -> None:
    for _ in sys.stdin.buffer:
        continue
