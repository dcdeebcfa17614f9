"""Which record belongs to which; every association holds in both directions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.definitions import OBJECT_TYPES, association_type
from sandbox.hubspot.errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.store import Record, Store

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"


class Associations:
    """Pairs of records."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pairs: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)

    def link(self, source: Record, target: Record) -> bool:
        """Join two records; answer whether they were apart."""
        type_between(source.kind, target.kind)
        apart = target.id not in self._pairs[source.id, target.kind.name]
        self._pairs[source.id, target.kind.name][target.id] = None
        self._pairs[target.id, source.kind.name][source.id] = None
        return apart

    def unlink(self, source: Record, target: Record) -> bool:
        """Part two records; answer whether they were joined."""
        joined = target.id in self._pairs[source.id, target.kind.name]
        self._pairs[source.id, target.kind.name].pop(target.id, None)
        self._pairs[target.id, source.kind.name].pop(source.id, None)
        return joined

    def of(self, record: Record, kind: ObjectType) -> list[Record]:
        """The living records of a kind that belong to one record."""
        ids = self._pairs.get((record.id, kind.name), {})
        found = (self._store.find(kind, id_) for id_ in ids)
        return [other for other in found if other is not None]

    def move(self, source: Record, target: Record) -> None:
        """Give one record's associations to another, after a merge."""
        for kind in OBJECT_TYPES.values():
            for other in self.of(source, kind):
                self.unlink(source, other)
                if other is not target:
                    self.link(target, other)

    def targets(self, kind: ObjectType, given: Iterable[Any]) -> list[Record]:
        """The records that the `associations` of a create name.

        Raises:
            ApiError: 400, a target or a type is wrong.
        """
        found = []
        for item in given:
            target_id = str(item["to"]["id"])
            for spec in item["types"]:
                other = kind_of(kind, spec)
                record = self._store.find(other, target_id)
                if record is None:
                    raise ApiError(
                        400,
                        "VALIDATION_ERROR",
                        f"Invalid association: no {other.singular} with ID {target_id} exists",
                        context={"id": [target_id]},
                    )
                found.append(record)
        return found


def kind_of(source: ObjectType, spec: dict[str, Any]) -> ObjectType:
    """The kind at the far end of an association type.

    Raises:
        ApiError: 400, there is no such type from this kind.
    """
    type_id = spec.get("associationTypeId")
    if spec.get("associationCategory") == HUBSPOT_DEFINED:
        for kind in OBJECT_TYPES.values():
            if association_type(source.name, kind.name) == type_id:
                return kind
    raise invalid(f"{source.singular} has no association type {type_id}")


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
    return {"results": [{"id": other.id, "type": label} for other in associations.of(record, kind)]}
