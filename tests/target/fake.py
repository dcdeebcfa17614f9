"""A vendor small enough to see through, with the faults that real ones have."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.http.errors import ApiError, OutcomeUnknown, Rejected, VendorDown
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused


def fault(kind: type[ApiError], reason: str) -> ApiError:
    return kind(reason, connector="target-fake", stream="orders", path="/orders")


@dataclass
class FakeVendor:
    """Holds records by `ref`; every write that takes effect is in `effects`.

    Attributes:
        size: Operations in one batch.
        looks_first: Creates have no unique key here.
        bad: Keys that are refused.
        silent: A refusal names no item, so the batch is refused as a whole.
        lose: How many answers get lost after the effect.
        drop: How many requests get lost before it.
        dies_after: Number of effects after which the vendor is down.
        unreadable: Nothing can be found again.
    """

    size: int = 1
    concurrency: int = 1
    looks_first: bool = False
    bad: set[str] = field(default_factory=set)
    silent: bool = False
    lose: int = 0
    drop: int = 0
    dies_after: int | None = None
    unreadable: bool = False
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)
    reads: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def batch_size(self, object_name: str, action: Action) -> int:
        return self.size

    def reads_before_create(self, object_name: str) -> bool:
        return self.looks_first

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        with self.lock:
            self.calls.append([item.operation.key for item in batch])
            self._alive()
            if self.drop:
                self.drop -= 1
                raise fault(OutcomeUnknown, "read timeout")
            if self.silent and any(item.operation.key in self.bad for item in batch):
                return [Refused("something is wrong", whole_batch=True)] * len(batch)
            outcomes = [self._write(item) for item in batch]
            if self.lose:
                self.lose -= 1
                raise fault(OutcomeUnknown, "connection reset")
            return outcomes

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        with self.lock:
            self.reads += 1
            self._alive()
            if self.unreadable:
                raise fault(Rejected, "nothing to find it by")
            if operation.destination_id:
                return self.records.get(operation.destination_id)
            wanted = operation.match.get("ref")
            return next((r for r in self.records.values() if r.get("ref") == wanted), None)

    @property
    def created(self) -> list[str]:
        return sorted(key for action, key, _ in self.effects if action == "create")

    def _write(self, item: Ready) -> Outcome:
        operation = item.operation
        if operation.key in self.bad:
            return Refused("not valid", "INVALID")
        record_id = operation.destination_id or f"id-{len(self.records) + 1}"
        record = self.records.setdefault(record_id, {"id": record_id, **operation.match})
        record.update(operation.set)
        record.update(item.ref_ids)
        self.effects.append((operation.action, operation.key, dict(operation.set)))
        return Acknowledged(record_id)

    def _alive(self) -> None:
        if self.dies_after is not None and len(self.effects) >= self.dies_after:
            raise fault(VendorDown, "connection refused")
