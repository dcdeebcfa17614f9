"""Writes to the CRM, each of which leaves an effect in the sandbox's log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.associations import Associations, Type, type_between
from sandbox.hubspot.store import Record, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.core import Actor, Sandbox
    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.properties import Property

NAME = "hubspot"


@dataclass(frozen=True)
class By:
    """Who writes, when, and in which request."""

    actor: Actor
    now: datetime
    request_id: str | None = None


class Crm:
    """The account: its records, and what is written to them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.store = Store(sandbox.clock.now(), sandbox.seed)
        self.associations = Associations(self.store)
        self._effects = sandbox.effects

    def create(
        self,
        kind: ObjectType,
        accepted: Mapping[str, str],
        targets: list[tuple[Record, Type]],
        by: By,
    ) -> Record:
        """Add a record with checked values, and join it to others."""
        record = self.store.create(kind, accepted, by.now)
        fields: dict[str, Any] = dict(accepted)
        if targets:
            fields["associations"] = [f"{t.kind.singular}:{t.id}" for t, _ in targets]
        for target, type_ in targets:
            self.associations.link(record, target, type_)
        self._log(by, record, "create", fields)
        return record

    def update(self, record: Record, accepted: Mapping[str, str], by: By) -> None:
        """Write checked values into a record."""
        self.store.update(record, accepted, by.now)
        self._log(by, record, "update", accepted)

    def archive(self, record: Record, by: By) -> None:
        self.store.archive(record, by.now)
        self._log(by, record, "archive", {})

    def restore(self, record: Record, by: By) -> None:
        """Take a record out of the recycling bin."""
        self.store.restore(record, by.now)
        self._log(by, record, "restore", {})

    def gdpr_delete(self, record: Record, by: By) -> None:
        """Delete a record for good: no bin, no listing, no trace in search."""
        self.associations.forget(record)
        self.store.purge(record, by.now)
        self._log(by, record, "gdpr_delete", {})

    def merge(self, primary: Record, other: Record, by: By) -> Record:
        """Fold two records into a new one, whose id both of theirs lead to from now on."""
        made = self.store.merge(primary, other, by.now)
        for gone in (primary, other):
            self.associations.move(gone, made)
            self.associations.forget(gone)
        self._log(by, made, "merge", {"primary": primary.id, "merged": other.id})
        return made

    def link(self, source: Record, target: Record, by: By, type_: Type | None = None) -> int:
        """Join two records; answer the association's type id. Joined ones stay as they are."""
        type_id = type_between(source.kind, target.kind)
        if self.associations.link(source, target, type_):
            label = {"label": type_.label} if type_ and type_.label else {}
            self._log(by, source, "associate", {target.kind.singular: target.id, **label})
        return type_id

    def unlink(self, source: Record, target: Record, by: By) -> None:
        if self.associations.unlink(source, target):
            self._log(by, source, "dissociate", {target.kind.singular: target.id})

    def unlabel(self, source: Record, target: Record, type_: Type, by: By) -> None:
        if self.associations.unlabel(source, target, type_):
            fields = {target.kind.singular: target.id, "label": type_.label}
            self._log(by, source, "unlabel", fields)

    def create_property(self, kind: ObjectType, body: dict[str, Any], by: By) -> Property:
        """Add a property definition."""
        prop = self.store.definitions.create(kind, body, by.now)
        self._log_property(by, f"{kind.name}.{prop.name}", "create", body)
        return prop

    def archive_property(self, kind: ObjectType, name: str, by: By) -> None:
        """Remove a property definition, and with it the values from every answer."""
        self.store.definitions.archive(kind, name)
        self._log_property(by, f"{kind.name}.{name}", "archive", {})

    def _log_property(self, by: By, id_: str, operation: str, fields: Mapping[str, Any]) -> None:
        self._effects.record(
            vendor=NAME,
            actor=by.actor,
            object="property",
            id=id_,
            external_id=None,
            operation=operation,
            fields=fields,
            request_id=by.request_id,
        )

    def _log(self, by: By, record: Record, operation: str, fields: Mapping[str, Any]) -> None:
        self._effects.record(
            vendor=NAME,
            actor=by.actor,
            object=record.kind.singular,
            id=record.id,
            external_id=self._external_id(record),
            operation=operation,
            fields=fields,
            request_id=by.request_id,
        )

    def _external_id(self, record: Record) -> str | None:
        """The caller's own key: a unique property that the account made, else the order's."""
        for prop in self.store.definitions.of(record.kind).values():
            if prop.unique and not prop.standard and prop.name in record.properties:
                return record.properties[prop.name]
        return record.properties.get("hs_external_order_id")
