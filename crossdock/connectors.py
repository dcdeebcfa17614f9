"""The connectors of a project: what `meltano.yml` names, and the classes behind it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, TypeGuard

import yaml
from singer_sdk.plugin_base import PluginBase

from crossdock.capabilities import Capabilities
from crossdock.errors import SettingsError
from crossdock.settings import Settings

Kind = Literal["tap", "target"]
_SECTIONS: dict[str, Kind] = {"extractors": "tap", "loaders": "target"}


@dataclass(frozen=True)
class Connector:
    """One program that `meltano.yml` names.

    Attributes:
        name: Name of the program, such as `tap-shopify`.
        kind: Which of the two it is.
        plugins: The plugins of `meltano.yml` that run it.
    """

    name: str
    kind: Kind
    plugins: tuple[str, ...]

    @property
    def plugin_class(self) -> type[PluginBase]:
        """The class that the program runs.

        Raises:
            SettingsError: No program of that name is installed.
        """
        for entry in entry_points(group="console_scripts", name=self.name):
            module = import_module(entry.value.partition(":")[0])
            for value in vars(module).values():
                if _is_plugin(value) and getattr(value, "name", None) == self.name:
                    return value
        raise SettingsError(
            f"meltano.yml names {self.name}, and no such program is installed",
            hint="add it to [project.scripts] in pyproject.toml, then run make install",
        )

    @property
    def offers(self) -> Capabilities | None:
        """What it can do; None for one that reads or writes our own files only."""
        return getattr(self.plugin_class, "offers", None)


def of_project(project: Path) -> list[Connector]:
    """The connectors that a project's `meltano.yml` names, taps first.

    Raises:
        SettingsError: There is no `meltano.yml`, or a plugin inherits from none.
    """
    panel = project / "meltano.yml"
    if not panel.exists():
        raise SettingsError(f"there is no {panel}", hint="run this in the project's folder")
    plugins = (yaml.safe_load(panel.read_text()) or {}).get("plugins") or {}
    found: dict[str, tuple[Kind, list[str]]] = {}
    for section, kind in _SECTIONS.items():
        listed = {item["name"]: item for item in plugins.get(section) or ()}
        for name in listed:
            program = _program(name, listed)
            found.setdefault(program, (kind, []))[1].append(name)
    return [Connector(name, kind, tuple(names)) for name, (kind, names) in found.items()]


def _is_plugin(value: object) -> TypeGuard[type[PluginBase]]:
    return isinstance(value, type) and issubclass(value, PluginBase)


def _program(name: str, listed: dict[str, dict[str, Any]]) -> str:
    item = listed.get(name)
    if item is None:
        raise SettingsError(
            f"a plugin of meltano.yml inherits from {name}, which is not there",
            hint="see inherit_from in meltano.yml",
        )
    if parent := item.get("inherit_from"):
        return _program(parent, listed)
    return str(item.get("executable") or name)


def configs(places: Settings) -> dict[str, Mapping[str, Any]]:
    """Instance to the settings of its connector, as Meltano resolves them; targets win.

    Raises:
        SettingsError: No environment of Meltano is active.
    """
    import logging

    import structlog
    from meltano.core.plugin.base import PluginType
    from meltano.core.plugin.settings_service import PluginSettingsService
    from meltano.core.project import Project

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    project = Project.find(places.project)
    environment = os.environ.get("MELTANO_ENVIRONMENT") or project.settings.get(
        "default_environment"
    )
    if not environment:
        raise SettingsError("no Meltano environment is active", hint="set MELTANO_ENVIRONMENT")
    project.activate_environment(environment)
    found: dict[str, Mapping[str, Any]] = {}
    for kind in (PluginType.EXTRACTORS, PluginType.LOADERS):
        for plugin in project.plugins.get_plugins_of_type(kind):
            env = {**project.dotenv_env, **os.environ}
            service = PluginSettingsService(project, plugin, env_override=env)
            config = {k: v for k, v in service.as_dict(redacted=False).items() if v is not None}
            if "instance" in config:
                found[config["instance"]] = {**found.get(config["instance"], {}), **config}
    return found
