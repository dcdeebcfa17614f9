"""The sheet of a project folder: its models compiled without any data, and remembered."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crossdock import settings
from crossdock.errors import SyncDefinitionError
from crossdock.mapping.project import Project
from crossdock.mapping.sheet import Row, Sheet, constants_of, sheet_of
from crossdock.plan.definition import load_syncs

_NAMES = (settings.INSTANCES, settings.CHANNELS, settings.WAREHOUSES, settings.CARRIERS)
_KEPT = {".sql", ".yml", ".yaml", ".csv", ".py"}


def load_sheet(places: settings.Settings) -> Sheet:
    """The sheet of the project, from the last time if nothing has changed since."""
    folder = places.project / "transform" / "dbt"
    variables = {name: settings.of_control_panel(places.project, name) for name in _NAMES}
    work = places.state_dir / "mapping"
    kept = work / f"{_checksum(folder, variables)}.json"
    if kept.exists():
        return _from_json(json.loads(kept.read_bytes()))
    target = work / "target"
    compile_models(folder, target, variables)
    sheet = read_sheet(target / "manifest.json", folder, [str(i) for i in places.instances])
    for old in work.glob("*.json"):
        old.unlink()
    kept.write_text(json.dumps(asdict(sheet), ensure_ascii=False))
    return sheet


def read_sheet(manifest: Path, folder: Path, accounts: list[str]) -> Sheet:
    """The sheet of compiled models."""
    document: dict[str, Any] = json.loads(manifest.read_bytes())
    project = Project(document, folder, accounts)
    sheet = sheet_of(project, load_syncs(manifest), constants_of(document))
    unread = tuple(f"not read: {why}" for why in project.failures.values())
    return Sheet(sheet.rows, (*sheet.problems, *unread))


def compile_models(folder: Path, target: Path, variables: dict[str, str]) -> None:
    """Have dbt compile the models so that every column of every declared source is read.

    Raises:
        SyncDefinitionError: dbt cannot read the project.
    """
    target.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "compile",
        "--project-dir", str(folder), "--profiles-dir", str(folder),
        "--target-path", str(target), "--log-path", str(target),
    ]  # fmt: skip
    environment = os.environ | {name: value for name, value in variables.items() if value}
    environment |= {
        "CROSSDOCK_LINEAGE": "1",
        "CROSSDOCK_WAREHOUSE": ":memory:",
        "CROSSDOCK_DECISIONS": str(target / "none"),
        "CROSSDOCK_BUSINESS_NOW": "",
        "CROSSDOCK_GO_LIVE_AT": "",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        words = " ".join((done.stdout + done.stderr).split())[-600:]
        raise SyncDefinitionError(f"dbt cannot compile the models: {words}", hint="mend the model")


def _checksum(folder: Path, variables: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(variables, sort_keys=True).encode())
    for file in _files(folder):
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _files(folder: Path) -> Iterator[Path]:
    """Whatever the sheet depends on: the models, and what reads them."""
    own = [*Path(__file__).parent.rglob("*.py"), Path(__file__).parents[1] / "plan/definition.py"]
    of_project = [
        file
        for part in ("models", "macros", "seeds", "tests")
        for file in (folder / part).rglob("*")
        if file.suffix in _KEPT
    ]
    yield from sorted([*own, *of_project, *folder.glob("*.yml")])


def _from_json(document: dict[str, Any]) -> Sheet:
    return Sheet(tuple(Row(**row) for row in document["rows"]), tuple(document["problems"]))
