"""Where things are, and which systems there are: read from the environment, in one place."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crossdock.errors import SettingsError

STATE_DIR = "CROSSDOCK_STATE_DIR"
WAREHOUSE = "CROSSDOCK_WAREHOUSE"
JOURNAL = "CROSSDOCK_JOURNAL"
INSTANCES = "CROSSDOCK_INSTANCES"
CHANNELS = "CROSSDOCK_CHANNELS"
WAREHOUSES = "CROSSDOCK_WAREHOUSES"
CARRIERS = "CROSSDOCK_CARRIERS"
PROJECT = "CROSSDOCK_PROJECT"

_INSTANCE = re.compile(r"^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Instance:
    """One account of one system, written `system:name`, as in `shopify:main`."""

    system: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Instance:
        """Read `shopify:main`.

        Raises:
            SettingsError: The text is not of that form.
        """
        if not _INSTANCE.match(text):
            raise SettingsError(
                f"{text!r} is no system instance", hint="write it as system:name, e.g. shopify:main"
            )
        system, name = text.split(":")
        return cls(system, name)

    def __str__(self) -> str:
        return f"{self.system}:{self.name}"

    @property
    def raw_schema(self) -> str:
        """The warehouse schema that its streams land in: `raw_shopify_main`."""
        return f"raw_{self.system}_{self.name}"


@dataclass(frozen=True)
class Settings:
    """The places that every command and connector shares."""

    project: Path
    state_dir: Path
    warehouse: Path
    journal: str
    instances: tuple[Instance, ...]

    @property
    def read_copy(self) -> Path:
        """The copy of the warehouse for people and BI tools."""
        return self.warehouse.with_suffix(".read.duckdb")

    @property
    def memos(self) -> Path:
        """Where plans remember what was settled; it may be thrown away at any time."""
        return self.state_dir / "plan"

    @property
    def manifest(self) -> Path:
        """The manifest of the dbt project: what the syncs are, and their columns."""
        return self.project / "transform" / "dbt" / "target" / "manifest.json"


def project_root() -> Path:
    """The nearest folder upwards that holds `meltano.yml`, or the working folder."""
    named = os.environ.get(PROJECT) or os.environ.get("MELTANO_PROJECT_ROOT")
    if named:
        return Path(named).resolve()
    here = Path.cwd().resolve()
    return next((p for p in (here, *here.parents) if (p / "meltano.yml").exists()), here)


def load() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: An instance is not of the form `system:name`.
    """
    project = project_root()
    state_dir = project / os.environ.get(STATE_DIR, ".crossdock")
    warehouse = project / os.environ.get(WAREHOUSE, str(state_dir / "warehouse.duckdb"))
    journal = os.environ.get(JOURNAL) or f"sqlite:///{state_dir / 'journal.db'}"
    names = re.split(r"[,\s]+", of_control_panel(project, INSTANCES).strip())
    return Settings(
        project=project,
        state_dir=state_dir,
        warehouse=warehouse,
        journal=journal,
        instances=tuple(Instance.parse(name) for name in names if name),
    )


def of_control_panel(project: Path, name: str) -> str:
    """A variable that `meltano.yml` sets: Meltano hands it on, a shell does not know it."""
    if named := os.environ.get(name):
        return named
    path = project / "meltano.yml"
    if not path.exists():
        return ""
    panel: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    active = os.environ.get("MELTANO_ENVIRONMENT") or panel.get("default_environment")
    of_environment = next(
        (e.get("env") or {} for e in panel.get("environments", []) if e["name"] == active), {}
    )
    return str(of_environment.get(name) or (panel.get("env") or {}).get(name) or "")
