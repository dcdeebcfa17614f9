"""Property definitions of each kind of record, and their groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.hubspot.definitions import FIELD_TYPES, OBJECT_TYPES, OPTIONS, PROPERTIES, UNIQUE
from sandbox.hubspot.errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.hubspot.definitions import ObjectType

TYPES = ("bool", "date", "datetime", "enumeration", "number", "phone_number", "string")
MAX_UNIQUE = 10
_REQUIRED = ("name", "label", "groupName", "type", "fieldType")


@dataclass
class Property:
    """One property of a kind of record."""

    name: str
    type: str
    label: str
    group: str
    field_type: str
    created_at: datetime
    description: str = ""
    unique: bool = False
    standard: bool = False
    read_only: bool = False
    options: list[dict[str, Any]] = field(default_factory=list)
    updated_at: datetime | None = None
    archived: bool = False

    def shown(self) -> dict[str, Any]:
        """The definition as the API answers it."""
        return {
            "updatedAt": iso(self.updated_at or self.created_at, milliseconds=True),
            "createdAt": iso(self.created_at, milliseconds=True),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self.options,
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.standard,
            "modificationMetadata": {
                "archivable": not self.standard,
                "readOnlyDefinition": self.standard,
                "readOnlyOptions": self.standard,
                "readOnlyValue": self.read_only,
            },
            "formField": False,
            "dataSensitivity": "non_sensitive",
        }


class Definitions:
    """The properties and groups of every kind of record."""

    def __init__(self, now: datetime) -> None:
        self._properties = {
            kind.name: {prop.name: prop for prop in _standard(kind, now)}
            for kind in OBJECT_TYPES.values()
        }
        self._archived: dict[str, list[Property]] = {name: [] for name in OBJECT_TYPES}
        self._groups = {
            kind.name: {kind.group: f"{kind.singular.replace('_', ' ').capitalize()} information"}
            for kind in OBJECT_TYPES.values()
        }

    def of(self, kind: ObjectType) -> dict[str, Property]:
        return self._properties[kind.name]

    def archived(self, kind: ObjectType) -> list[Property]:
        """The definitions that were removed."""
        return self._archived[kind.name]

    def groups(self, kind: ObjectType) -> list[dict[str, Any]]:
        return [
            {"name": name, "label": label, "displayOrder": -1, "archived": False}
            for name, label in self._groups[kind.name].items()
        ]

    def get(self, kind: ObjectType, name: str) -> Property:
        """One definition.

        Raises:
            ApiError: 404, there is no such property.
        """
        found = self._properties[kind.name].get(name)
        if found is None:
            message = f"The property named {name} for object type {kind.type_id} does not exist."
            raise ApiError(404, "OBJECT_NOT_FOUND", message)
        return found

    def create(self, kind: ObjectType, body: dict[str, Any], now: datetime) -> Property:
        """Add a property.

        Raises:
            ApiError: 400 when the definition is wrong, 409 when the name is taken.
        """
        self._check(kind, body)
        prop = Property(
            name=body["name"],
            type=body["type"],
            label=body["label"],
            group=body["groupName"],
            field_type=body["fieldType"],
            created_at=now,
            description=body.get("description", ""),
            unique=bool(body.get("hasUniqueValue")),
            options=list(body.get("options") or ()),
        )
        self._properties[kind.name][prop.name] = prop
        return prop

    def update(self, kind: ObjectType, name: str, body: dict[str, Any], now: datetime) -> Property:
        """Change a property's label, description, group or options."""
        prop = self.get(kind, name)
        if prop.standard:
            raise invalid(f"Property '{name}' is read only")
        prop.label = body.get("label", prop.label)
        prop.description = body.get("description", prop.description)
        prop.group = body.get("groupName", prop.group)
        prop.options = body.get("options", prop.options)
        prop.updated_at = now
        return prop

    def archive(self, kind: ObjectType, name: str) -> None:
        """Remove a property that an account made."""
        if self.get(kind, name).standard:
            raise invalid(f"Property '{name}' is defined by HubSpot and cannot be archived")
        prop = self._properties[kind.name].pop(name)
        prop.archived = True
        self._archived[kind.name].append(prop)

    def create_group(self, kind: ObjectType, body: dict[str, Any]) -> dict[str, Any]:
        """Add a group of properties."""
        name, label = body.get("name"), body.get("label")
        if not name or not label:
            raise invalid("Some required fields were not set: [name, label]")
        if name in self._groups[kind.name]:
            raise ApiError(409, "CONFLICT", f"Property group '{name}' already exists.")
        self._groups[kind.name][name] = label
        return {"name": name, "label": label, "displayOrder": -1, "archived": False}

    def _check(self, kind: ObjectType, body: dict[str, Any]) -> None:
        missing = [key for key in _REQUIRED if not body.get(key)]
        if missing:
            raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
        name, properties = body["name"], self._properties[kind.name]
        if body["type"] not in TYPES:
            raise invalid(f"Invalid property type '{body['type']}'")
        if body["groupName"] not in self._groups[kind.name]:
            raise invalid(f"Property group '{body['groupName']}' does not exist")
        if name in properties:
            raise ApiError(
                409,
                "OBJECT_ALREADY_EXISTS",
                f"A property named '{name}' already exists.",
                sub_category="Properties.PROPERTY_EXISTS",
            )
        ours = sum(p.unique and not p.standard for p in properties.values())
        if body.get("hasUniqueValue") and ours >= MAX_UNIQUE:
            raise invalid(f"Limit of {MAX_UNIQUE} unique properties per object type is reached")


def _standard(kind: ObjectType, now: datetime) -> Iterator[Property]:
    declared = {
        name: type_ for type_, names in PROPERTIES[kind.name].items() for name in names.split()
    }
    system = {"hs_object_id": "number", kind.created: "datetime", kind.modified: "datetime"}
    for name, type_ in {**declared, **system}.items():
        yield Property(
            name=name,
            type=type_,
            label=name.removeprefix("hs_").replace("_", " ").capitalize(),
            group=kind.group,
            field_type=FIELD_TYPES[type_],
            created_at=now,
            unique=(kind.name, name) in UNIQUE,
            standard=True,
            read_only=name in system,
            options=[
                {"label": value, "value": value, "displayOrder": order, "hidden": False}
                for order, value in enumerate(OPTIONS.get(name, ()))
            ],
        )
