"""What the parts of the account share: records of each kind, the log of effects, events."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.easypost.store import Record, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.core import Actor, Sandbox

NAME = "easypost"
MODE = "test"
USER = "user_00000000000000000000000000000001"


@dataclass
class Account:
    """One EasyPost account with its test key."""

    sandbox: Sandbox
    stores: dict[str, Store] = field(default_factory=dict)
    request_id: str | None = None
    """Of the request that is being answered."""

    def of(self, prefix: str) -> Store:
        """The records whose ids begin so."""
        return self.stores.setdefault(prefix, Store(prefix, self.sandbox.seed))

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def record(
        self,
        kind: str,
        record: Record,
        operation: str,
        fields: Mapping[str, Any],
        *,
        cost: Decimal | None = None,
        actor: Actor = "api",
    ) -> None:
        """Log a write that took effect; `cost` is what it costs, in dollars."""
        money = {} if cost is None else {"cost": str(cost), "cost_currency": "USD"}
        self.sandbox.effects.record(
            vendor=NAME,
            actor=actor,
            object=kind,
            id=record["id"],
            external_id=record.get("tracking_code") or record.get("reference"),
            operation=operation,
            fields={**fields, **money},
            request_id=self.request_id if actor == "api" else None,
        )

    def happened(self, description: str, result: Record, at: datetime) -> None:
        """Keep an event; the list of events does not tell what it is about."""
        event = {
            "object": "Event",
            "description": description,
            "mode": MODE,
            "user_id": USER,
            "status": "completed",
            "created_at": iso(at, milliseconds=True),
            "_result_id": result["id"],
        }
        self.of("evt").add(event, at)


def fee(kind: str, amount: Decimal, *, charged: bool) -> dict[str, Any]:
    return {
        "object": "Fee",
        "type": kind,
        "amount": f"{amount:.5f}",
        "charged": charged,
        "refunded": False,
    }
