"""The HubSpot account of a sandbox."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.app import Api
from sandbox.hubspot.crm import NAME, By, Crm
from sandbox.hubspot.definitions import OBJECT_TYPES
from sandbox.hubspot.people import edit
from sandbox.hubspot.seed import seed
from sandbox.hubspot.seed_office import seed_office

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.hubspot.definitions import ObjectType


class HubSpotVendor:
    """HubSpot Professional with the world's customers as contacts, and no orders."""

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._lock = threading.RLock()
        self._crm = Crm(sandbox)
        now = sandbox.clock.now()
        seed(self._crm.store, sandbox.world, sandbox.seed, now)
        seed_office(self._crm, sandbox.world, sandbox.seed, now)
        self._api = Api(sandbox, self._crm, self._lock)

    def app(self) -> ASGIApp:
        return self._api.app()

    def advance(self, now: datetime) -> int:
        """Nothing happens in a CRM by itself."""
        return 0

    def next_event_at(self) -> datetime | None:
        return None

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a person work in the CRM; `sandbox.hubspot.people` says how."""
        with self._lock:
            return edit(self._crm, body, By("person", self._clock.now()))

    def state(self) -> dict[str, Any]:
        """Contacts, orders and whatever else is there, each with what belongs to it."""
        with self._lock:
            return {kind.name: self._state_of(kind) for kind in OBJECT_TYPES.values()}

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
