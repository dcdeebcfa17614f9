"""Writes to the CRM, each of which leaves an effect in the sandbox's log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.associations import Associations, type_between
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
        self, kind: ObjectType, accepted: Mapping[str, str], targets: list[Record], by: By
    ) -> Record:
        """Add a record with checked values, and join it to others."""
        record = self.store.create(kind, accepted, by.now)
        fields: dict[str, Any] = dict(accepted)
        if targets:
            fields["associations"] = [f"{t.kind.singular}:{t.id}" for t in targets]
        for target in targets:
            self.associations.link(record, target)
        self._log(by, record, "create", fields)
        return record

    def update(self, record: Record, accepted: Mapping[str, str], by: By) -> None:
        """Write checked values into a record."""
        self.store.update(record, accepted, by.now)
        self._log(by, record, "update", accepted)

    def archive(self, record: Record, by: By) -> None:
        self.store.archive(record, by.now)
        self._log(by, record, "archive", {})

    def merge(self, primary: Record, other: Record, by: By) -> None:
        """Fold one record into another."""
        self.associations.move(other, primary)
        self.store.merge(primary, other, by.now)
        self._log(by, primary, "merge", {"merged": other.id})

    def link(self, source: Record, target: Record, by: By) -> int:
        """Join two records; answer the association's type id. Joined ones stay as they are."""
        type_id = type_between(source.kind, target.kind)
        if self.associations.link(source, target):
            self._log(by, source, "associate", {target.kind.singular: target.id})
        return type_id

    def unlink(self, source: Record, target: Record, by: By) -> None:
        if self.associations.unlink(source, target):
            self._log(by, source, "dissociate", {target.kind.singular: target.id})

    def create_property(self, kind: ObjectType, body: dict[str, Any], by: By) -> Property:
        """Add a property definition."""
        prop = self.store.definitions.create(kind, body, by.now)
        self._effects.record(
            vendor=NAME,
            actor=by.actor,
            object="property",
            id=f"{kind.name}.{prop.name}",
            external_id=None,
            operation="create",
            fields=body,
            request_id=by.request_id,
        )
        return prop

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
