"""What is written into the journal: intents, and the steps of their lives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.journal import states
from crossdock.journal.store import stamp
from crossdock.operation import Operation


@dataclass(frozen=True)
class Planned:
    """An operation together with what the journal needs to close it.

    Attributes:
        operation: What is to be done.
        owned: Every owned field with its value once this has taken effect.
        attempts: How often this record was refused before.
    """

    operation: Operation
    owned: Mapping[str, Any]
    attempts: int = 0


@dataclass(frozen=True)
class Change:
    """One step in the life of an operation.

    Attributes:
        op_key: Which operation.
        state: The state that it goes to.
        detail: Why, without personal data.
        destination_id: Id at the destination; needed when acknowledged.
        counts: Whether a refusal counts towards the cap.
        differs: Fields that the destination holds otherwise than was meant, if acknowledged.
        forgives: Earlier refusals no longer count.
    """

    op_key: str
    state: str
    detail: str | None = None
    destination_id: str | None = None
    counts: bool = False
    differs: Mapping[str, Any] = field(default_factory=dict)
    forgives: bool = False


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def as_owned(value: Any) -> str | None:
    """A value as acknowledged fields keep it: text, or nothing."""
    return value if value is None or isinstance(value, str) else canonical_json(value)


def row_hash(fields: Mapping[str, Any]) -> str:
    """The md5 of a row's canonical JSON."""
    return hashlib.md5(canonical_json(fields).encode(), usedforsecurity=False).hexdigest()


def to_row(run_id: str, planned: Planned) -> dict[str, Any]:
    """A new intent as a row of the journal's operations."""
    operation = planned.operation
    return {
        "op_key": operation.op_key,
        "run_id": run_id,
        "sync": operation.sync,
        "destination": operation.destination,
        "object": operation.object,
        "key": operation.key,
        "version": operation.version,
        "action": operation.action,
        "destination_id": operation.destination_id,
        "match": dict(operation.match),
        "set": dict(operation.set),
        "before": dict(operation.before),
        "refs": {name: list(parent) for name, parent in operation.refs.items()},
        "owned": dict(planned.owned),
        "reason": operation.reason,
        "state": states.PLANNED,
        "attempts": planned.attempts,
        "fence": 0,
        "planned_at": stamp(),
        "updated_at": stamp(),
    }


def from_row(row: Mapping[str, Any]) -> Operation:
    """The operation that a row of the journal holds."""
    return Operation(
        op_key=row["op_key"],
        run_id=row["run_id"],
        sync=row["sync"],
        destination=row["destination"],
        object=row["object"],
        key=row["key"],
        version=row["version"],
        action=row["action"],
        destination_id=row["destination_id"],
        match=row["match"],
        set=row["set"],
        before=row["before"],
        refs={name: (parent[0], parent[1]) for name, parent in row["refs"].items()},
        reason=row["reason"],
    )


def op_key(operation: Operation) -> str:
    """The idempotency key: the same decision has the same key, a new one never."""
    refs = {name: list(parent) for name, parent in operation.refs.items()}
    payload = {"set": dict(operation.set), "refs": refs, "id": operation.destination_id}
    identity = [operation.sync, operation.destination, operation.key, operation.version]
    text = canonical_json([*identity, operation.action, payload])
    return hashlib.sha256(text.encode()).hexdigest()
