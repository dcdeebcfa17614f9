"""Carries operations to a destination so that each has its effect exactly once.

What is about to be sent is durable in the journal before the request leaves; an outcome
that nobody saw is read back from the destination, never guessed and never sent again blindly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from crossdock.errors import CrossdockError, LeaseLost
from crossdock.http.errors import ApiError, OutcomeUnknown, Rejected
from crossdock.journal import Journal, process, states
from crossdock.journal.intents import Change
from crossdock.operation import (
    Acknowledged,
    Destination,
    Operation,
    Outcome,
    Ready,
    Refused,
    Unknown,
)
from crossdock.target.readback import holds, is_of_others, seen

log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """Delivers operations of one destination.

    Args:
        destination: What knows the vendor.
        journal: What remembers.
        run_id: The run that this belongs to.
        rollout: `audit` sends nothing; `parallel` and `live` send.
    """

    destination: Destination
    journal: Journal
    run_id: str | None
    rollout: str = "audit"
    stopped: CrossdockError | None = None
    stopping: Callable[[], bool] = field(default=lambda: False)

    def deliver(self, operations: Sequence[Operation]) -> None:
        """Bring every operation to an outcome in the journal.

        After a fault that stops the destination the rest is marked as skipped; the fault is
        kept in `stopped` for the caller to raise when everything is booked.
        """
        operations = list({o.op_key: o for o in operations}.values())
        if not operations:
            return
        if self.rollout == "audit":
            written = self._still_open(operations)
            self._mark(written, states.AUDITED, "rollout audit: written down, not sent")
            return
        going = self._still_open(self._read_back(operations))
        if self.rollout == "parallel":
            going = self._leave_to_others(going)
        self._deliver(going)

    def _deliver(self, operations: Sequence[Operation]) -> None:
        ready, orphans = self._resolve(operations)
        self._mark(orphans, states.SKIPPED, "its parent is not there yet")
        sendable = [r for r in ready if r.operation.set or r.operation.refs]
        self._adopt([r.operation for r in ready if not (r.operation.set or r.operation.refs)])
        with ThreadPoolExecutor(max(1, self.destination.concurrency)) as pool:
            for _ in pool.map(self._send, self._batches(sendable)):
                continue
        self._second_look(operations)

    # Which may go at all

    def _read_back(self, operations: Sequence[Operation]) -> list[Operation]:
        """Settle what an earlier try left unknown; answers what is still to be sent."""
        rows = self.journal.operations.get([o.op_key for o in operations])
        doubtful = {k for k, row in rows.items() if row["state"] == states.UNKNOWN}
        send = [o for o in operations if o.op_key not in doubtful]
        for operation in (o for o in operations if o.op_key in doubtful):
            if self.stopped or self.stopping():
                continue  # stays unknown, and is read back by the next run
            if self._settle_unknown(operation) and not operation.resolve_only:
                send.append(operation)
            elif operation.resolve_only:
                self._let_go(operation)
        return send

    def _leave_to_others(self, operations: Sequence[Operation]) -> list[Operation]:
        """In parallel nothing is overwritten that another system wrote: that is written down."""
        changing = [o for o in operations if o.action in ("update", "adopt") and o.set]
        with ThreadPoolExecutor(max(1, self.destination.concurrency)) as pool:
            theirs = [o for o, is_theirs in zip(
                changing, pool.map(self._is_of_others, changing), strict=True
            ) if is_theirs]  # fmt: skip
        self._mark(theirs, states.AUDITED, "rollout parallel: another system wrote it")
        left = {o.op_key for o in theirs}
        return [o for o in operations if o.op_key not in left]

    def _is_of_others(self, operation: Operation) -> bool:
        if self.stopped or self.stopping():
            return False  # it is not sent either
        try:
            return is_of_others(self.destination.find(operation), operation)
        except Rejected as error:
            log.info("%s", error)
            return True  # who wrote it cannot be told
        except ApiError as error:
            self.stopped = error
            return False

    def _settle_unknown(self, operation: Operation) -> bool:
        """Read an unknown outcome back; answers whether it is planned again."""
        try:
            self.journal.leases.take([operation.op_key], self.run_id)
            found = self.destination.find(operation)
        except LeaseLost as error:
            log.info("%s", error)
            return False
        except Rejected as error:
            change = Change(operation.op_key, states.PARKED, f"not to be read back: {error.reason}")
            self.journal.operations.settle(self.run_id, [change])
            return False
        except ApiError as error:
            self.stopped = error
            return False
        if found is not None and holds(found, operation):
            self._book([Ready(operation)], [seen(found, operation)], "read back")
            return False
        detail = "read back: it is not there" if found is None else "read back: not yet changed"
        change = Change(operation.op_key, states.PLANNED, detail)
        self.journal.operations.settle(self.run_id, [change])
        return True

    def _second_look(self, operations: Sequence[Operation]) -> None:
        """Book effects whose answer was lost in this run; of the others the next run asks."""
        rows = self.journal.operations.get([o.op_key for o in operations])
        ours = [o for o in operations if rows[o.op_key]["lease_holder"] == process.me()]
        for operation in ours:
            if self.stopped or rows[operation.op_key]["state"] != states.UNKNOWN:
                continue
            try:
                found = self.destination.find(operation)
            except Rejected as error:
                log.info("%s", error)  # the next run asks again, and parks it
                continue
            except ApiError as error:
                self.stopped = error
                return
            if found is not None and holds(found, operation):
                self._book([Ready(operation)], [seen(found, operation)], "read back")

    def _let_go(self, operation: Operation) -> None:
        """The sync has moved on: what never happened is left to the next plan."""
        row = self.journal.operations.get([operation.op_key])[operation.op_key]
        if row["state"] == states.PLANNED:
            self._mark([operation], states.SUPERSEDED, "it never happened, and is no longer wanted")

    def _still_open(self, operations: Sequence[Operation]) -> list[Operation]:
        """Leave out what the journal says is done, in case the same record came twice."""
        rows = self.journal.operations.get([o.op_key for o in operations])
        done = {k for k, row in rows.items() if row["state"] != states.PLANNED}
        return [o for o in operations if o.op_key not in done]

    def _resolve(self, operations: Sequence[Operation]) -> tuple[list[Ready], list[Operation]]:
        """Turn references into ids at the destination."""
        parents = {parent for o in operations for parent in o.refs.values()}
        name = operations[0].destination if operations else ""
        ids = self.journal.operations.acknowledged_ids(name, parents)
        ready, orphans = [], []
        for operation in operations:
            if all(parent in ids for parent in operation.refs.values()):
                found = {ref: ids[parent] for ref, parent in operation.refs.items()}
                ready.append(Ready(operation, found))
            else:
                orphans.append(operation)
        return ready, orphans

    def _batches(self, ready: Sequence[Ready]) -> Iterable[list[Ready]]:
        order = sorted(ready, key=lambda r: (r.operation.action, r.operation.key))
        for action, group in groupby(order, key=lambda r: r.operation.action):
            items = list(group)
            size = max(1, self.destination.batch_size(items[0].operation.object, action))
            yield from (items[i : i + size] for i in range(0, len(items), size))

    # Sending

    def _send(self, batch: list[Ready]) -> None:
        """Lease a batch, send it, book the outcomes."""
        operations = [item.operation for item in batch]
        if self.stopped or self.stopping():
            why = self.stopped.message if self.stopped else "the run was asked to stop"
            self._mark(operations, states.SKIPPED, why)
            return
        try:
            fences = self.journal.leases.take([o.op_key for o in operations], self.run_id)
        except LeaseLost as error:
            log.warning("%s", error)
            return
        batch = self._not_there_yet(batch)
        if not batch:
            return
        try:
            self._attempt(batch, {_key(item): fences[_key(item)] for item in batch})
        except LeaseLost as error:
            log.warning("%s", error)

    def _not_there_yet(self, batch: list[Ready]) -> list[Ready]:
        """Where a create has no unique key, and in parallel always, look before sending."""
        if not self._looks_first(batch[0].operation):
            return batch
        send = []
        for item in batch:
            try:
                found = None if self.stopped else self.destination.find(item.operation)
            except Rejected as error:
                self._book([item], [Refused(error.reason, error.code)])
                continue
            except ApiError as error:
                self.stopped = error
            if self.stopped:
                self._book([item], [Refused(self.stopped.message, retry=True)])
            elif found is None:
                send.append(item)
            else:
                self._book([item], [seen(found, item.operation)], "it was there already")
        return send

    def _looks_first(self, operation: Operation) -> bool:
        return operation.action == "create" and (
            self.rollout == "parallel" or self.destination.reads_before_create(operation.object)
        )

    def _attempt(self, batch: list[Ready], fences: Mapping[str, int]) -> None:
        self.journal.leases.check(fences)
        outcomes = self._outcomes(batch)
        whole = any(isinstance(o, Refused) and o.whole_batch for o in outcomes)
        if whole and len(batch) > 1:
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                self._attempt(half, {_key(item): fences[_key(item)] for item in half})
            return
        self._book(batch, outcomes)
        if any(isinstance(outcome, Unknown) for outcome in outcomes):
            self._see_whether_it_lives(batch[0].operation)

    def _see_whether_it_lives(self, operation: Operation) -> None:
        """After a lost answer, ask: of a vendor that is down the rest need not be unknown, too."""
        try:
            self.destination.find(operation)
        except Rejected as error:
            log.debug("%s", error)
        except ApiError as error:
            self.stopped = error

    def _outcomes(self, batch: list[Ready]) -> Sequence[Outcome]:
        if self.stopped:
            return [Refused(self.stopped.message, retry=True)] * len(batch)
        try:
            outcomes = self.destination.send(batch)
        except OutcomeUnknown as error:
            return [Unknown(error.reason)] * len(batch)
        except Rejected as error:
            return [Refused(error.reason, error.code, whole_batch=True)] * len(batch)
        except ApiError as error:  # nothing took effect, and nothing else will in this run
            self.stopped = error
            return [Refused(error.reason, error.code, retry=True)] * len(batch)
        if len(outcomes) != len(batch):
            return [Unknown("the answer does not name every item")] * len(batch)
        return outcomes

    # Booking

    def _book(
        self, batch: Sequence[Ready], outcomes: Sequence[Outcome], detail: str | None = None
    ) -> None:
        changes = [
            _change(_key(item), outcome, detail)
            for item, outcome in zip(batch, outcomes, strict=True)
        ]
        self.journal.operations.settle(self.run_id, changes)

    def _adopt(self, operations: Sequence[Operation]) -> None:
        """What is there as we want it needs no request, only to be remembered."""
        if not operations:
            return
        keys = [o.op_key for o in operations]
        self.journal.leases.take(keys, self.run_id)
        self.journal.operations.settle(
            self.run_id,
            [
                Change(o.op_key, states.ACKNOWLEDGED, "nothing to change", o.destination_id)
                for o in operations
            ],
        )

    def _mark(self, operations: Iterable[Operation], state: str, detail: str) -> None:
        changes = [Change(o.op_key, state, detail) for o in operations]
        if changes:
            self.journal.operations.settle(self.run_id, changes)


def _key(item: Ready) -> str:
    return item.operation.op_key


def _change(key: str, outcome: Outcome, detail: str | None) -> Change:
    if isinstance(outcome, Acknowledged):
        return Change(
            key, states.ACKNOWLEDGED, detail, outcome.destination_id, differs=outcome.differs
        )
    if isinstance(outcome, Refused):
        return Change(key, states.REJECTED, outcome.reason, counts=not outcome.retry)
    return Change(key, states.UNKNOWN, outcome.reason)
