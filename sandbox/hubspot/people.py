"""What people do in the CRM's own pages: `POST /_sandbox/edit`.

`{"object": "contact", "id" | "number": ..., ...}` names a record, by its id or by any unique
property's value, an e-mail address, an order's name or external id; what is done to it is one of

- `"set": {...}`: change values
- `"archive": true`, and `"restore": true` for what lies in the recycling bin
- `"gdpr_delete": true`: delete for good
- `"merge": id`: fold it and another one into a new record
- `"associate": {"object": "company", "id": ..., "label": "Supplier"}`, the label if wanted
- `"dissociate": {"object": "company", "id": ...}`

`{"object": "contact", "create": {...}}` adds one. `{"object": "property", "of": "contact",
"create": {"name": ..., "type": "number"}}` defines a property, `"archive": name` removes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.hubspot.definitions import FIELD_TYPES, MERGEABLE, object_type
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.objects import full

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.hubspot.associations import Type
    from sandbox.hubspot.crm import By, Crm
    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.store import Record


def edit(crm: Crm, body: dict[str, Any], by: By) -> dict[str, Any]:
    """Do what a person asks, and answer the record or the definition as it is then.

    Raises:
        EditError: There is no such thing, or it cannot be changed so.
    """
    try:
        if body.get("object") == "property":
            return _property(crm, body, by)
        return full(_record(crm, _kind(body.get("object")), body, by))
    except ApiError as error:
        raise EditError(error.message) from error


def _property(crm: Crm, body: dict[str, Any], by: By) -> dict[str, Any]:
    kind = _kind(body.get("of"))
    if "archive" in body:
        crm.archive_property(kind, str(body["archive"]), by)
        return {"name": body["archive"], "archived": True}
    given = body.get("create")
    if not isinstance(given, dict):
        raise EditError("say what to do with a property: create or archive")
    type_ = given.get("type", "string")
    usual = {
        "type": type_,
        "label": given.get("name"),
        "groupName": kind.group,
        "fieldType": FIELD_TYPES.get(type_),
    }
    return crm.create_property(kind, {**usual, **given}, by).shown()


def _record(crm: Crm, kind: ObjectType, body: dict[str, Any], by: By) -> Record:
    if "create" in body:
        return crm.create(kind, crm.store.check(kind, body["create"]), [], by)
    wanted = [name for name in _DEEDS if name in body]
    if len(wanted) != 1:
        raise EditError(f"say what to do, one of: create, {', '.join(_DEEDS)}")
    (deed,) = wanted
    record = _named(crm, kind, body, archived=deed == "restore")
    return _DEEDS[deed](crm, record, body[deed], by)


def _set(crm: Crm, record: Record, given: Any, by: By) -> Record:
    if not isinstance(given, dict):
        raise EditError("set needs the new values by name")
    crm.update(record, crm.store.check(record.kind, given, record), by)
    return record


def _archive(crm: Crm, record: Record, _: Any, by: By) -> Record:
    crm.archive(record, by)
    return record


def _restore(crm: Crm, record: Record, _: Any, by: By) -> Record:
    crm.restore(record, by)
    return record


def _gdpr_delete(crm: Crm, record: Record, _: Any, by: By) -> Record:
    crm.gdpr_delete(record, by)
    return record


def _merge(crm: Crm, record: Record, given: Any, by: By) -> Record:
    other = crm.store.get(record.kind, str(given))
    if record.kind.name not in MERGEABLE or other is record:
        raise EditError(f"{record.kind.singular} {record.id} cannot be merged with {given}")
    return crm.merge(record, other, by)


def _associate(crm: Crm, record: Record, given: Any, by: By) -> Record:
    other = _other(crm, given)
    crm.link(record, other, by, _label(crm, record, other, given.get("label")))
    return record


def _dissociate(crm: Crm, record: Record, given: Any, by: By) -> Record:
    crm.unlink(record, _other(crm, given), by)
    return record


_DEEDS: dict[str, Callable[[Crm, Record, Any, By], Record]] = {
    "set": _set,
    "archive": _archive,
    "restore": _restore,
    "gdpr_delete": _gdpr_delete,
    "merge": _merge,
    "associate": _associate,
    "dissociate": _dissociate,
}


def _other(crm: Crm, given: Any) -> Record:
    if not isinstance(given, dict):
        raise EditError('name the other record: {"object": "company", "id": ...}')
    return _named(crm, _kind(given.get("object")), given)


def _label(crm: Crm, source: Record, target: Record, label: Any) -> Type | None:
    """The type of a label, made if the account does not have it."""
    if label is None:
        return None
    types = crm.associations.types(source.kind, target.kind)
    for type_ in types:
        if type_.label == label:
            return type_
    return crm.associations.add_label(source.kind, target.kind, str(label))[0]


def _kind(name: Any) -> ObjectType:
    kind = object_type(str(name))
    if kind is None:
        raise EditError(f"there is no object {name!r} in the CRM")
    return kind


def _named(crm: Crm, kind: ObjectType, body: dict[str, Any], *, archived: bool = False) -> Record:
    if "id" in body:
        return crm.store.get(kind, str(body["id"]), archived=archived)
    number = str(body.get("number"))
    names = [prop.name for prop in crm.store.definitions.of(kind).values() if prop.unique]
    names += ["hs_order_name", "hs_external_order_id"]
    for record in crm.store.records(kind, archived=archived):
        if any(record.properties.get(name) == number for name in names):
            return record
    raise EditError(f"there is no {kind.singular} {number!r}")
