"""What a sync is: the `meta.sync` of a dbt model, read from dbt's manifest and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator

from crossdock.errors import SyncDefinitionError
from crossdock.operation import Action

Policy = Literal["own", "fill_empty", "never_null", "write_once", "on_create"]
Owner = Literal["crossdock", "native", "off"]
Normalise = Literal["text", "decimal", "datetime", "phone", "enum", "json"]

_SCHEMA = Path(__file__).with_name("sync.schema.json")
#: What a model of `key_moves` must say.
MOVE_COLUMNS = ("destination_instance", "destination_id", "from_key", "to_key", "to_destination_id")

#: What each write mode may come to.
WRITES: Mapping[str, tuple[Action, ...]] = {
    "upsert": ("create", "update"),
    "update_only": ("update",),
    "create_only": ("create",),
    "append": ("create",),
    "mirror": ("create", "update", "archive"),
}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Field:
    """How one field of the destination is written and compared."""

    name: str
    policy: Policy
    normalise: Normalise = "text"

    @property
    def is_read_back(self) -> bool:
        """Whether the destination can be asked what it holds of it."""
        return self.policy != "on_create"


@dataclass(frozen=True)
class Guards:
    """Limits over which a plan waits for a person."""

    max_creates: int = 500
    max_updates_pct: float = 30.0
    max_emptied_pct: float = 10.0
    max_archives: int = 0


@dataclass(frozen=True)
class Sync:
    """One sync: a relation with the desired state, and how it becomes true.

    Attributes:
        name: Name of the dbt model.
        relation: (schema, table) of the desired state.
        observed: (schema, table) of what the destination holds.
        refs: Name of a reference to (sync, column with the parent's key).
        requires: Systems that must have been read, beside the destination itself.
        owner: Who writes this flow; only `crossdock` is planned.
        key_moves: (schema, table) that says which keys became others.
    """

    name: str
    relation: tuple[str, str]
    destination: str
    object: str
    key: str
    match_on: tuple[str, ...]
    observed: tuple[str, str]
    write_mode: str
    refs: Mapping[str, tuple[str, str]]
    fields: tuple[Field, ...]
    on_drift: str
    requires: tuple[str, ...]
    max_age: timedelta | None
    guards: Guards
    owner: Owner
    key_moves: tuple[str, str] | None = None


def load_syncs(manifest: Path) -> list[Sync]:
    """Read every sync of a dbt manifest, parents before children.

    Raises:
        SyncDefinitionError: There is no manifest, or the YAML of a sync is wrong.
    """
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_bytes())["nodes"]
    except FileNotFoundError as error:
        raise SyncDefinitionError(
            "the dbt models were never built", hint="run `meltano run model` first"
        ) from error
    models = {n["name"]: n for n in nodes.values() if n["resource_type"] == "model"}
    syncs = {}
    for name, node in models.items():
        meta = (node.get("config", {}).get("meta") or node.get("meta") or {}).get("sync")
        if meta is not None:
            syncs[name] = _parse(name, node, meta, models)
    return _in_order(syncs)


def _parse(name: str, node: Mapping[str, Any], meta: Any, models: Mapping[str, Any]) -> Sync:
    validator = Draft202012Validator(json.loads(_SCHEMA.read_bytes()))
    for problem in validator.iter_errors(meta):
        path = ".".join(["meta.sync", *map(str, problem.absolute_path)])
        raise SyncDefinitionError(f"{name}: {path}: {problem.message}", hint="mend its .yml")
    if meta["observed"] not in models:
        raise SyncDefinitionError(
            f"{name}: meta.sync.observed: there is no model {meta['observed']}",
            hint="name the staging model of what the destination holds",
        )
    fields = tuple(
        Field(field, spec["policy"], spec.get("normalise", "text"))
        for field, spec in meta["fields"].items()
    )
    _see_columns(name, node, meta)
    return Sync(
        name=name,
        relation=(node["schema"], node.get("alias") or name),
        destination=meta["destination"],
        object=meta["object"],
        key=meta["key"],
        match_on=tuple(meta.get("match_on", ())),
        observed=(models[meta["observed"]]["schema"], models[meta["observed"]].get("alias") or ""),
        write_mode=meta["write_mode"],
        refs={n: (r["sync"], r["key"]) for n, r in meta.get("refs", {}).items()},
        fields=fields,
        on_drift=meta.get("on_drift", "flag"),
        requires=tuple(meta.get("requires", ())),
        max_age=_duration(meta["max_age"]) if "max_age" in meta else None,
        guards=Guards(**meta.get("guards", {})),
        owner=meta.get("owner", "crossdock") or "off",  # YAML reads a bare off as false
        key_moves=_key_moves(name, meta.get("key_moves"), models),
    )


def _key_moves(name: str, moves: str | None, models: Mapping[str, Any]) -> tuple[str, str] | None:
    """The relation that says which keys became others; its columns are dbt's to name."""
    if moves is None:
        return None
    have = {column.lower() for column in models.get(moves, {}).get("columns", {})}
    if missing := [column for column in MOVE_COLUMNS if column not in have]:
        raise SyncDefinitionError(
            f"{name}: meta.sync.key_moves: {moves} has no column {missing[0]}",
            hint="name a model with the columns " + ", ".join(MOVE_COLUMNS),
        )
    return models[moves]["schema"], models[moves].get("alias") or moves


def _see_columns(name: str, node: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
    """A field that the model does not have is an error before anything is sent."""
    have = {column.lower() for column in node.get("columns", {})}
    wanted = [
        ("key", meta["key"]),
        ("destination_instance", "destination_instance"),
        ("destination_id", "destination_id"),
        *((f"fields.{field}", field) for field in meta["fields"]),
        *((f"match_on.{field}", field) for field in meta.get("match_on", ())),
        *((f"refs.{ref}", spec["key"]) for ref, spec in meta.get("refs", {}).items()),
    ]
    for path, column in wanted:
        if column.lower() not in have:
            raise SyncDefinitionError(
                f"{name}: meta.sync.{path}: the model has no column {column}",
                hint="add it to the .sql and its .yml, or take it out of meta.sync",
            )


def _in_order(syncs: Mapping[str, Sync]) -> list[Sync]:
    graph = {}
    for sync in syncs.values():
        parents = {parent for parent, _ in sync.refs.values()}
        if missing := parents - syncs.keys():
            raise SyncDefinitionError(
                f"{sync.name}: meta.sync.refs: there is no sync {sorted(missing)[0]}",
                hint="name a model that has meta.sync of its own",
            )
        graph[sync.name] = parents
    try:
        return [syncs[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise SyncDefinitionError(
            f"syncs refer to each other in a circle: {' -> '.join(error.args[1])}",
            hint="take one ref out",
        ) from error


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if match is None:
        raise SyncDefinitionError(f"{text!r} is no duration", hint="write it as 15m or 2h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
