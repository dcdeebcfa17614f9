"""An operation: one change at one destination, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Action = Literal["create", "update", "archive", "adopt"]

DRIFT = "drift: "
"""How the reason of an operation begins that takes back what somebody else wrote."""


@dataclass(frozen=True)
class Operation:
    """One change that a plan decided on; its fields are the operation record of the journal.

    Attributes:
        op_key: Idempotency key; a retry keeps it, a new decision never reuses one.
        run_id: Run whose plan decided on it.
        sync: Name of the dbt model that wants it.
        destination: System instance, such as `hubspot:main`.
        object: Object at the destination, such as `orders`.
        key: Our stable id of the record.
        version: Number of operations on (sync, key) that had ended when this was planned.
        action: create, update, archive or adopt.
        destination_id: Id at the destination; None for a create.
        match: Unique fields by which the record can be found again, in order of trust.
        set: Field to new value; only what changes. Values are JSON scalars, lists or objects.
        before: Field to the value that `set` replaces.
        refs: Name of a reference to the (sync, key) of the parent, resolved when sent.
        reason: Why it was planned, in a few words.
        resolve_only: The outcome of an earlier try is to be read back, nothing is to be sent.
    """

    op_key: str
    run_id: str
    sync: str
    destination: str
    object: str
    key: str
    version: int
    action: Action
    destination_id: str | None
    match: Mapping[str, Any]
    set: Mapping[str, Any]
    before: Mapping[str, Any]
    refs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reason: str = ""
    resolve_only: bool = False


def as_record(operation: Operation) -> dict[str, Any]:
    """The operation as `crossdock plan --json` and tap-canonical write it: see
    `docs/schemas/operation.json`.
    """
    record = asdict(operation)
    record["refs"] = {name: {"$ref": list(parent)} for name, parent in operation.refs.items()}
    return record


@dataclass(frozen=True)
class Acknowledged:
    """The destination confirmed the operation.

    Attributes:
        destination_id: Id of the record there.
        differs: Field to what the destination was seen to hold, where that is something else
            than was meant. It counts as acknowledged, so that the next plan sees what is left.
    """

    destination_id: str
    differs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """The destination understood and refused; nothing took effect.

    Attributes:
        reason: The vendor's reason without personal data.
        code: The vendor's code or category.
        whole_batch: The refusal names no item: the batch is to be bisected.
        retry: It would not fail again by itself (the vendor was down or its limit was reached).
    """

    reason: str
    code: str | None = None
    whole_batch: bool = False
    retry: bool = False


@dataclass(frozen=True)
class Unknown:
    """No answer came back: whether it took effect must be read back."""

    reason: str


Outcome = Acknowledged | Refused | Unknown


@dataclass(frozen=True)
class Ready:
    """An operation whose references are resolved to ids at the destination."""

    operation: Operation
    ref_ids: Mapping[str, str] = field(default_factory=dict)


class Destination(Protocol):
    """What a target knows of its vendor; the engine does the rest (journal, leases, read-back).

    Implementations hold no state of their own about operations. Every method may be called
    from several threads.
    """

    concurrency: int
    """How many calls of `send` may run at once."""

    def batch_size(self, object_name: str, action: Action) -> int:
        """How many operations of one object and action one call of `send` may carry."""
        ...

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Send one batch (one object, one action); an outcome for each item, in order.

        Raises:
            crossdock.http.errors.AuthError: The whole run to this destination must stop.
            crossdock.http.errors.VendorDown: Nothing of the batch took effect; stop as well.
            crossdock.http.errors.OutcomeUnknown: The whole batch is unknown.
        """
        ...

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """Read the record by a route that sees its own writes, by id or by `operation.match`.

        Returns:
            None if it is not there, else `{"id": destination id, **fields named as in set}`.

        Raises:
            crossdock.http.errors.Rejected: It cannot be told whether or which one it is: an
                unknown outcome is parked, a create is refused. It is never guessed.
        """
        ...

    def reads_before_create(self, object_name: str) -> bool:
        """Whether a create must look first, for want of a unique key at the destination."""
        ...
