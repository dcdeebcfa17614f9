"""The CRM's records: one store behind every family of paths."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.definitions import OBJECT_TYPES
from sandbox.hubspot.errors import ApiError, Wrong, invalid, not_found, refuse_values
from sandbox.hubspot.index import SearchIndex
from sandbox.hubspot.properties import Definitions
from sandbox.hubspot.values import accept, stamp, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sandbox.hubspot.definitions import ObjectType

Claims = set[tuple[str, str]]


@dataclass
class Record:
    """One CRM record; an absent property has no value."""

    id: str
    kind: ObjectType
    created: datetime
    modified: datetime
    properties: dict[str, str] = field(default_factory=dict)
    archived_at: datetime | None = None


class Store:
    """Every record, the values that must be unique, and what search can see of them."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.definitions = Definitions(now)
        self.index = {name: SearchIndex() for name in OBJECT_TYPES}
        self._records: dict[str, dict[str, Record]] = {name: {} for name in OBJECT_TYPES}
        self._unique: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._merged: dict[str, str] = {}
        self._random = random.Random(f"hubspot ids {seed}")
        self._last_id = 37_000_000_000 + self._random.randrange(10**9)

    def records(self, kind: ObjectType, *, archived: bool = False) -> Iterator[Record]:
        """The records of a kind, oldest id first."""
        for record in self._records[kind.name].values():
            if (record.archived_at is not None) == archived:
                yield record

    def find(
        self, kind: ObjectType, key: str, id_property: str | None = None, *, archived: bool = False
    ) -> Record | None:
        """A record by its id (a merged id finds what it went into) or by a unique property."""
        if id_property and id_property != "hs_object_id":
            self.require_unique(kind, id_property)
            key = self._unique[kind.name, id_property].get(_folded(key), "")
        record = self._records[kind.name].get(self._merged.get(key, key))
        if record is None or (record.archived_at is not None) != archived:
            return None
        return record

    def get(
        self, kind: ObjectType, key: str, id_property: str | None = None, *, archived: bool = False
    ) -> Record:
        """As `find`.

        Raises:
            ApiError: 404, there is none.
        """
        record = self.find(kind, key, id_property, archived=archived)
        if record is None:
            raise not_found(kind.singular, key)
        return record

    def require_unique(self, kind: ObjectType, name: str) -> None:
        """Refuse a property by which records cannot be told apart."""
        prop = self.definitions.of(kind).get(name)
        if prop is None or not prop.unique:
            raise invalid(
                f"Unable to perform read/update/upsert by non-unique {kind.type_id} property {name}"
            )

    def check(
        self,
        kind: ObjectType,
        values: Mapping[str, Any],
        record: Record | None = None,
        claims: Claims | None = None,
    ) -> dict[str, str]:
        """Read the property values of a write.

        Args:
            kind: Kind of the record.
            values: What the caller sent.
            record: The record that is updated, None for a new one.
            claims: Unique values that earlier inputs of the same batch take.

        Raises:
            ApiError: 400 or 409, some value is not taken.
        """
        defined = self.definitions.of(kind)
        wrong: list[Wrong] = []
        accepted: dict[str, str] = {}
        for name, value in values.items():
            prop = defined.get(name)
            if prop is None:
                text = f'Property "{name}" does not exist'
                wrong.append(Wrong(name, "PROPERTY_DOESNT_EXIST", text))
            elif prop.read_only:
                text = f'"{name}" is a read only property; its value cannot be set.'
                wrong.append(Wrong(name, "READ_ONLY_VALUE", text))
            elif isinstance(read := accept(prop, text_of(value)), Wrong):
                wrong.append(read)
            else:
                accepted[name] = read
        if wrong:
            raise refuse_values(wrong)
        self._check_unique(kind, accepted, record, set() if claims is None else claims)
        return accepted

    def create(self, kind: ObjectType, accepted: Mapping[str, str], now: datetime) -> Record:
        """Add a record with checked values."""
        self._last_id += self._random.randint(1, 4000)
        record = Record(str(self._last_id), kind, now, now)
        self._records[kind.name][record.id] = record
        record.properties = {
            "hs_object_id": record.id,
            kind.created: stamp(now),
            kind.modified: stamp(now),
        }
        self._set(record, accepted, now)
        return record

    def update(self, record: Record, accepted: Mapping[str, str], now: datetime) -> None:
        """Write checked values into a record."""
        self._set(record, accepted, now)

    def archive(self, record: Record, now: datetime) -> None:
        """Put a record into the recycling bin; its unique values are free again."""
        record.archived_at = record.modified = now
        for name in self._unique_names(record.kind):
            self._unique[record.kind.name, name].pop(_folded(record.properties.get(name, "")), None)
        self.index[record.kind.name].push(now, record.id, None)

    def merge(self, primary: Record, other: Record, now: datetime) -> None:
        """Fold one record into another, which keeps its own values; this cannot be undone."""
        given = {k: v for k, v in other.properties.items() if not primary.properties.get(k)}
        self.archive(other, now)
        for old, new in list(self._merged.items()):
            if new == other.id:
                self._merged[old] = primary.id
        self._merged[other.id] = primary.id
        before = primary.properties.get("hs_merged_object_ids")
        given["hs_merged_object_ids"] = ";".join(filter(None, (before, other.id)))
        self._set(primary, given, now)

    def _set(self, record: Record, accepted: Mapping[str, str], now: datetime) -> None:
        for name in self._unique_names(record.kind) & accepted.keys():
            taken = self._unique[record.kind.name, name]
            taken.pop(_folded(record.properties.get(name, "")), None)
            if accepted[name]:
                taken[_folded(accepted[name])] = record.id
        record.properties.update(accepted)
        for name in [name for name, text in accepted.items() if text == ""]:
            del record.properties[name]
        record.modified = now
        record.properties[record.kind.modified] = stamp(now)
        self.index[record.kind.name].push(now, record.id, dict(record.properties))

    def _unique_names(self, kind: ObjectType) -> set[str]:
        return {p.name for p in self.definitions.of(kind).values() if p.unique}

    def _check_unique(
        self, kind: ObjectType, accepted: Mapping[str, str], record: Record | None, claims: Claims
    ) -> None:
        names = self._unique_names(kind) & accepted.keys()
        mine = {(name, _folded(accepted[name])) for name in names if accepted[name]}
        for name, text in sorted(mine):
            owner = self._unique[kind.name, name].get(text)
            if (owner is None or (record and owner == record.id)) and (name, text) not in claims:
                continue
            raise _conflict(kind, name, owner or "in this batch")
        claims |= mine


def _conflict(kind: ObjectType, name: str, owner: str) -> ApiError:
    if (kind.name, name) == ("contacts", "email"):
        return ApiError(409, "CONFLICT", f"Contact already exists. Existing ID: {owner}")
    message = f"hs_object_id {owner} already has that value."
    return refuse_values([Wrong(name, "CONFLICTING_UNIQUE_VALUE", message)])


def _folded(text: str) -> str:
    return text.strip().casefold()


def shown(record: Record, names: Iterable[str], defined: Iterable[str]) -> dict[str, Any]:
    """A record as the API answers it, with the named properties or the usual ones."""
    asked = [name for name in names if name in set(defined)]
    wanted = dict.fromkeys([*record.kind.system, *(asked or record.kind.shown)])
    return envelope(record, {name: record.properties.get(name) for name in sorted(wanted)})


def envelope(record: Record, properties: Mapping[str, str | None]) -> dict[str, Any]:
    """The common frame of every answered record."""
    body: dict[str, Any] = {
        "id": record.id,
        "properties": dict(properties),
        "createdAt": stamp(record.created),
        "updatedAt": stamp(record.modified),
        "archived": record.archived_at is not None,
    }
    if record.archived_at:
        body["archivedAt"] = stamp(record.archived_at)
    return body
