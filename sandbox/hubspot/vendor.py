"""The HubSpot account of a sandbox."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.hubspot.app import Api
from sandbox.hubspot.crm import NAME, By, Crm
from sandbox.hubspot.definitions import OBJECT_TYPES, object_type
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.objects import full
from sandbox.hubspot.seed import seed

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.store import Record


class HubSpotVendor:
    """HubSpot Professional with the world's customers as contacts, and no orders."""

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._lock = threading.RLock()
        self._crm = Crm(sandbox)
        seed(self._crm.store, sandbox.world, sandbox.seed, sandbox.clock.now())
        self._api = Api(sandbox, self._crm, self._lock)

    def app(self) -> ASGIApp:
        return self._api.app()

    def advance(self, now: datetime) -> int:
        """Nothing happens in a CRM by itself."""
        return 0

    def next_event_at(self) -> datetime | None:
        return None

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a person work in the CRM.

        `{"object": "contact", "id" | "number": ..., "set": {...}}` changes a record, with
        `"archive": true` instead of `set` deletes it, with `"merge": id` folds another into
        it; `{"object": ..., "create": {...}}` adds one. `number` is any unique property's
        value, an e-mail address, or an order's name or external id.
        """
        kind = object_type(str(body.get("object")))
        if kind is None:
            raise EditError(f"there is no object {body.get('object')!r} in the CRM")
        with self._lock:
            by = By("person", self._clock.now())
            try:
                return full(self._edited(kind, body, by))
            except ApiError as error:
                raise EditError(error.message) from error

    def state(self) -> dict[str, Any]:
        """Contacts, orders and whatever else is there, each with what belongs to it."""
        with self._lock:
            return {kind.name: self._state_of(kind) for kind in OBJECT_TYPES.values()}

    def _edited(self, kind: ObjectType, body: dict[str, Any], by: By) -> Record:
        crm = self._crm
        if "create" in body:
            return crm.create(kind, crm.store.check(kind, body["create"]), [], by)
        record = self._named(kind, body)
        if body.get("archive"):
            crm.archive(record, by)
        elif "merge" in body:
            crm.merge(record, crm.store.get(kind, str(body["merge"])), by)
        elif isinstance(body.get("set"), dict):
            crm.update(record, crm.store.check(kind, body["set"], record), by)
        else:
            raise EditError("say what to do: set, create, archive or merge")
        return record

    def _named(self, kind: ObjectType, body: dict[str, Any]) -> Record:
        if "id" in body:
            return self._crm.store.get(kind, str(body["id"]))
        number = str(body.get("number"))
        defined = self._crm.store.definitions.of(kind).values()
        names = [prop.name for prop in defined if prop.unique]
        names += ["hs_order_name", "hs_external_order_id"]
        for record in self._crm.store.records(kind):
            if any(record.properties.get(name) == number for name in names):
                return record
        raise EditError(f"there is no {kind.singular} {number!r}")

    def _state_of(self, kind: ObjectType) -> list[dict[str, Any]]:
        listed = []
        for record in self._crm.store.records(kind):
            joined = {
                other.name: [target.id for target in self._crm.associations.of(record, other)]
                for other in OBJECT_TYPES.values()
            }
            entry = {"id": record.id, "properties": dict(record.properties)}
            listed.append(entry | {"associations": {k: v for k, v in joined.items() if v}})
        return listed
