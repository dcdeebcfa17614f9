"""`crossdock dbt`: runs dbt in this process; in a job a failed model is booked, not fatal."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from crossdock import clock, job, settings
from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from pathlib import Path

_PROJECT = ("transform", "dbt")
_BAD = {"error", "fail", "runtime error"}


@click.command(
    "dbt", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, required=True)
def dbt_command(arguments: tuple[str, ...]) -> None:
    """Run dbt, e.g. `crossdock dbt build`, with the clock, the warehouse and the instances set."""
    places = settings.load()
    project = places.project.joinpath(*_PROJECT)
    places.warehouse.parent.mkdir(parents=True, exist_ok=True)
    os.environ["CROSSDOCK_WAREHOUSE"] = str(places.warehouse)
    for name in (
        settings.INSTANCES, settings.CHANNELS, settings.WAREHOUSES, settings.CARRIERS,
    ):  # fmt: skip
        if value := settings.of_control_panel(places.project, name):
            os.environ[name] = value
    os.environ["CROSSDOCK_MACROS_VERSION"] = _version_of(project / "macros")
    os.environ["CROSSDOCK_BUSINESS_NOW"] = clock.now().strftime("%Y-%m-%d %H:%M:%S.%f+00")
    os.environ.setdefault("CROSSDOCK_DECISIONS", str(places.state_dir / "decisions"))
    # Every statement written to a file is a fifth of the time of a run that changes nothing.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "info")
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(project), "--profiles-dir", str(project)]
    outcome = dbtRunner().invoke([*arguments, *where])
    if outcome.exception is not None:
        message = " ".join(str(outcome.exception).split())[:400]
        _fail(f"dbt {arguments[0]}: {message}")
    failed = _book(outcome.result, arguments[0])
    if failed and job.current() is None:
        sys.exit(1)


def _version_of(folder: Path) -> str:
    """What changes with any macro: models that keep what they built then start over."""
    digest = hashlib.md5(usedforsecurity=False)
    for file in sorted(folder.rglob("*.sql")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _book(result: Any, command: str) -> list[str]:
    """Write into the journal how each sync's model ended, and what failed."""
    found = job.current()
    failed = []
    for node in getattr(result, "results", None) or []:
        kind, name = node.node.resource_type, node.node.name
        status = str(getattr(node.status, "value", node.status))
        message = " ".join(str(node.message or status).split())[:300]
        if kind == "model" and found and node.node.config.meta.get("sync"):
            ok = status == "success"
            found[0].runs.model_built(name, found[1].run_id, ok=ok, message=message)
        if status in _BAD:
            failed.append(name)
            line = f"{kind} {name}: {message} -> mend it, then see `crossdock dbt {command}`"
            if found:
                found[0].runs.fail(found[1].run_id, "dbt", line)
            click.echo(f"dbt: {line}", err=True)
    return failed


def _fail(message: str) -> None:
    if job.report_failure("dbt", message):
        click.echo(message, err=True)
        sys.exit(0)
    raise CrossdockError(message)
