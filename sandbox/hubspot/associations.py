"""Which record belongs to which; every association holds in both directions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.definitions import OBJECT_TYPES, association_type
from sandbox.hubspot.errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.store import Record, Store

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
USER_DEFINED = "USER_DEFINED"
PAGE = 500
"""Associations of one record with one kind that an answer holds."""

_FIRST_LABEL = 1


@dataclass(frozen=True)
class Type:
    """One way in which a record of a kind belongs to one of another kind."""

    id: int
    category: str
    label: str | None
    source: str
    target: str
    inverse: int
    """The id of the same association, seen from the other end."""

    def shown(self) -> dict[str, Any]:
        """The type as reads and lists of labels answer it."""
        return {"category": self.category, "typeId": self.id, "label": self.label}


class Associations:
    """Pairs of records, each with the types that it holds by."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._types: dict[int, Type] = {}
        self._pairs: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(dict)
        for source in OBJECT_TYPES:
            for target in OBJECT_TYPES:
                forward = association_type(source, target)
                back = association_type(target, source)
                if forward is not None and back is not None:
                    plain = Type(forward, HUBSPOT_DEFINED, None, source, target, back)
                    self._types[forward] = plain

    def types(self, source: ObjectType, target: ObjectType) -> list[Type]:
        """The types between two kinds: HubSpot's own one, and the account's labels."""
        ends = (source.name, target.name)
        return [type_ for type_ in self._types.values() if (type_.source, type_.target) == ends]

    def add_label(self, source: ObjectType, target: ObjectType, label: str) -> list[Type]:
        """Make a label of the account's own, which has an id for each direction."""
        type_between(source, target)
        if any(type_.label == label for type_ in self.types(source, target)):
            raise ApiError(409, "CONFLICT", f"Association label '{label}' already exists.")
        made = sum(type_.category == USER_DEFINED for type_ in self._types.values())
        forward, back = _FIRST_LABEL + made, _FIRST_LABEL + made + 1
        pair = [
            Type(forward, USER_DEFINED, label, source.name, target.name, back),
            Type(back, USER_DEFINED, label, target.name, source.name, forward),
        ]
        # A label's ids and those of HubSpot's own types are numbered apart.
        self._types.update({-type_.id: type_ for type_ in pair})
        return pair

    def type_of(self, source: ObjectType, spec: dict[str, Any]) -> Type:
        """The type that a caller names by category and id.

        Raises:
            ApiError: 400, there is no such type from this kind.
        """
        number, category = spec.get("associationTypeId"), spec.get("associationCategory")
        key = -number if category == USER_DEFINED and isinstance(number, int) else number
        found = self._types.get(key) if isinstance(key, int) else None
        if found is None or (found.category, found.source) != (category, source.name):
            raise invalid(f"{source.singular} has no association type {number}")
        return found

    def link(self, source: Record, target: Record, type_: Type | None = None) -> bool:
        """Join two records, under a label if one is given; answer whether that was new."""
        plain = type_between(source.kind, target.kind)
        wanted = {plain} | ({-type_.id} if type_ and type_.category == USER_DEFINED else set())
        held = self._pairs[source.id, target.kind.name].setdefault(target.id, set())
        new = wanted - held
        held |= wanted
        back = self._pairs[target.id, source.kind.name].setdefault(source.id, set())
        back |= {self._inverse(key) for key in wanted}
        return bool(new)

    def unlink(self, source: Record, target: Record) -> bool:
        """Part two records; answer whether they were joined."""
        joined = self._pairs[source.id, target.kind.name].pop(target.id, None)
        self._pairs[target.id, source.kind.name].pop(source.id, None)
        return joined is not None

    def unlabel(self, source: Record, target: Record, type_: Type) -> bool:
        """Take a label off; records stay joined. Answer whether it was there."""
        held = self._pairs[source.id, target.kind.name].get(target.id, set())
        key = -type_.id
        if type_.category != USER_DEFINED or key not in held:
            return False
        held.discard(key)
        self._pairs[target.id, source.kind.name][source.id].discard(self._inverse(key))
        return True

    def of(self, record: Record, kind: ObjectType) -> list[Record]:
        """The living records of a kind that belong to one record, oldest id first."""
        ids = self._pairs.get((record.id, kind.name), {})
        found = (self._store.find(kind, id_) for id_ in sorted(ids, key=int))
        return [other for other in found if other is not None]

    def between(self, source: Record, target: Record) -> list[Type]:
        """The types by which two records are joined."""
        held = self._pairs[source.id, target.kind.name].get(target.id, set())
        return [self._types[key] for key in sorted(held, key=abs)]

    def move(self, source: Record, target: Record) -> None:
        """Give one record's associations to another, after a merge."""
        for kind in OBJECT_TYPES.values():
            for other in self.of(source, kind):
                types = self.between(source, other)
                self.unlink(source, other)
                for type_ in types if other is not target else ():
                    self.link(target, other, type_)

    def forget(self, record: Record) -> None:
        """Take a record that is no more out of every pair."""
        for kind in OBJECT_TYPES.values():
            for other_id in self._pairs.pop((record.id, kind.name), {}):
                self._pairs[other_id, record.kind.name].pop(record.id, None)

    def targets(self, kind: ObjectType, given: Iterable[Any]) -> list[tuple[Record, Type]]:
        """The records that the `associations` of a create name, each with its type.

        Raises:
            ApiError: 400, a target or a type is wrong.
        """
        found = []
        for item in given:
            target_id = str(item["to"]["id"])
            for spec in item["types"]:
                type_ = self.type_of(kind, spec)
                other = OBJECT_TYPES[type_.target]
                record = self._store.find(other, target_id)
                if record is None:
                    raise ApiError(
                        400,
                        "VALIDATION_ERROR",
                        f"Invalid association: no {other.singular} with ID {target_id} exists",
                        context={"id": [target_id]},
                    )
                found.append((record, type_))
        return found

    def _inverse(self, key: int) -> int:
        inverse = self._types[key].inverse
        return inverse if key > 0 else -inverse


def type_between(source: ObjectType, target: ObjectType) -> int:
    """HubSpot's id of the association between two kinds.

    Raises:
        ApiError: 400, these kinds cannot be associated.
    """
    type_id = association_type(source.name, target.name)
    if type_id is None:
        raise invalid(f"No default association between {source.name} and {target.name}")
    return type_id


def listed(associations: Associations, record: Record, kind: ObjectType) -> dict[str, Any]:
    """The `associations` entry of a record that is read with one kind."""
    label = f"{record.kind.singular}_to_{kind.singular}"
    others = associations.of(record, kind)
    entry: dict[str, Any] = {
        "results": [{"id": other.id, "type": label} for other in islice(others, PAGE)]
    }
    if len(others) > PAGE:
        entry["paging"] = {"next": {"after": others[PAGE - 1].id, "link": "?after"}}
    return entry
