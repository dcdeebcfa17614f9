"""The CRM's records: one store behind every family of paths."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.definitions import OBJECT_TYPES
from sandbox.hubspot.errors import ApiError, Wrong, invalid, not_found, refuse_values
from sandbox.hubspot.index import SearchIndex
from sandbox.hubspot.properties import Definitions
from sandbox.hubspot.values import accept, stamp, text_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
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
        self.began = now
        self.definitions = Definitions(now)
        self.index = {name: SearchIndex() for name in OBJECT_TYPES}
        self._records: dict[str, dict[str, Record]] = {name: {} for name in OBJECT_TYPES}
        self._ids: dict[str, list[int]] = {name: [] for name in OBJECT_TYPES}
        self._unique: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._merged: dict[str, str] = {}
        self._random = random.Random(f"hubspot ids {seed}")
        self._last_id = 37_000_000_000 + self._random.randrange(10**9)

    def records(
        self, kind: ObjectType, *, archived: bool = False, after: int = 0
    ) -> Iterator[Record]:
        """The records of a kind, oldest id first, beginning after an id."""
        ids, records = self._ids[kind.name], self._records[kind.name]
        for number in ids[bisect_right(ids, after) :] if after else ids:
            record = records[str(number)]
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
        return self._add(kind, accepted, created=now, now=now)

    def update(self, record: Record, accepted: Mapping[str, str], now: datetime) -> None:
        """Write checked values into a record."""
        self._set(record, accepted, now)

    def archive(self, record: Record, now: datetime) -> None:
        """Put a record into the recycling bin; its unique values are free again."""
        record.archived_at = record.modified = now
        self._free(record)
        self.index[record.kind.name].push(now, record.id, None)

    def restore(self, record: Record, now: datetime) -> None:
        """Take a record out of the bin; its unique values must still be free.

        Raises:
            ApiError: 400 or 409, another record has one of them by now.
        """
        names = self._unique_names(record.kind) & record.properties.keys()
        values = {name: record.properties[name] for name in names}
        self._check_unique(record.kind, values, record, set())
        record.archived_at = None
        self._set(record, values, now)

    def purge(self, record: Record, now: datetime) -> None:
        """Delete a record for good."""
        if record.archived_at is None:
            self._free(record)
        del self._records[record.kind.name][record.id]
        self._ids[record.kind.name].remove(int(record.id))
        self.index[record.kind.name].push(now, record.id, None)

    def merge(self, primary: Record, other: Record, now: datetime) -> Record:
        """Fold two records into a new one that keeps the primary's values.

        Since 2025 neither id survives; both lead to the new record, in reads and writes, and
        neither is listed any more, not even as archived:
        https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies
        """
        values = {k: v for k, v in (other.properties | primary.properties).items() if v}
        own = {*primary.kind.system, "hs_merged_object_ids"}
        given = {name: text for name, text in values.items() if name not in own}
        before = [r.properties.get("hs_merged_object_ids") for r in (primary, other)]
        given["hs_merged_object_ids"] = ";".join(filter(None, (*before, primary.id, other.id)))
        for gone in (primary, other):
            self.purge(gone, now)
        made = self._add(primary.kind, given, min(primary.created, other.created), now)
        gone_ids = {primary.id, other.id}
        for old, new in list(self._merged.items()):
            if new in gone_ids:
                self._merged[old] = made.id
        self._merged.update(dict.fromkeys(gone_ids, made.id))
        return made

    def _add(
        self, kind: ObjectType, accepted: Mapping[str, str], created: datetime, now: datetime
    ) -> Record:
        self._last_id += self._random.randint(1, 4000)
        record = Record(str(self._last_id), kind, created, now)
        self._records[kind.name][record.id] = record
        self._ids[kind.name].append(self._last_id)
        record.properties = {
            "hs_object_id": record.id,
            kind.created: stamp(created),
            kind.modified: stamp(now),
        }
        self._set(record, accepted, now)
        return record

    def _free(self, record: Record) -> None:
        for name in self._unique_names(record.kind):
            self._unique[record.kind.name, name].pop(_folded(record.properties.get(name, "")), None)

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


def shown(record: Record, names: Iterable[str], defined: Container[str]) -> dict[str, Any]:
    """A record as the API answers it, with the named properties or the usual ones."""
    asked = [name for name in names if name in defined]
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
