"""A target with the settings that `meltano.yml` gives it, for commands that write by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crossdock import settings
from crossdock.connectors import configs, of_project
from crossdock.errors import SettingsError
from crossdock.journal import Journal
from crossdock.operation import Destination
from crossdock.target.base import CrossdockTarget


@dataclass(frozen=True)
class Configured:
    """What delivers to one destination."""

    target: CrossdockTarget
    journal: Journal

    @property
    def rollout(self) -> str:
        """audit, parallel or live."""
        return str(self.target.config["rollout"])

    @contextmanager
    def destination(self) -> Iterator[Destination]:
        """What knows the vendor."""
        yield self.target.destination(self.journal)


def configured(instance: str, journal: Journal) -> Configured:
    """The target of a destination.

    Raises:
        SettingsError: No target of `meltano.yml` writes there.
    """
    places = settings.load()
    system = instance.split(":")[0]
    config: Mapping[str, Any] | None = configs(places).get(instance)
    for connector in of_project(places.project):
        plugin = connector.plugin_class if connector.kind == "target" else None
        if plugin is None or not issubclass(plugin, CrossdockTarget) or config is None:
            continue
        if plugin.offers.system == system:
            known = {name: value for name, value in config.items() if value is not None}
            return Configured(plugin(config=known, validate_config=True), journal)
    raise SettingsError(
        f"no target of meltano.yml writes to {instance}", hint="see CROSSDOCK_INSTANCES"
    )
