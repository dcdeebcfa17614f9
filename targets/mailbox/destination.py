"""What target-mailbox knows of a partner's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import OutcomeUnknown, VendorDown
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused

if TYPE_CHECKING:
    from targets.mailbox.outbox import Outbox, Row

NAME = "target-mailbox"
TRACKING = "tracking"
PARCELS_IN_A_FILE = 1_000


class MailboxDestination:
    """One folder: a parcel is told of once, in one file, and never changed."""

    concurrency = 1

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def batch_size(self, object_name: str, action: Action) -> int:
        """One file tells of many parcels."""
        return PARCELS_IN_A_FILE

    def reads_before_create(self, object_name: str) -> bool:
        """Our own copies tell at once, and for nothing, what was sent before."""
        return True

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Write one file.

        Raises:
            VendorDown: The folder cannot be used; nothing was sent.
            OutcomeUnknown: The file counts as sent, but may not have its name yet.
        """
        items = [item.operation for item in batch]
        rows = [_row(item) for item in items if _is_of_us(item)]
        try:
            self._outbox.finish()
            if rows:
                self._outbox.put(rows)
        except OSError as error:
            if self._holds(rows):
                raise OutcomeUnknown(_why(error), **_PLACE) from error
            raise VendorDown(_why(error), **_PLACE, hint="see who may write there") from error
        return [
            Acknowledged(str(item.set["parcel_id"]))
            if _is_of_us(item)
            else Refused(f"{NAME} cannot {item.action} {item.object}")
            for item in items
        ]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """What was sent by this operation, or of this parcel.

        Raises:
            VendorDown: The folder cannot be read.
        """
        known = {**operation.set, **operation.match}
        try:
            self._outbox.finish()
            found = self._outbox.rows_of([operation.op_key, str(known.get("parcel_id") or "")])
        except OSError as error:
            raise VendorDown(_why(error), **_PLACE, hint="see who may read there") from error
        return {"id": found[0]["parcel_id"], **found[0]} if found else None

    def _holds(self, rows: Sequence[Row]) -> bool:
        try:
            return bool(self._outbox.rows_of(row["operation"] for row in rows))
        except OSError:
            return True  # not to be told: the next run reads it back


_PLACE: Mapping[str, Any] = {"connector": NAME, "stream": TRACKING, "path": "outbox"}


def _is_of_us(operation: Operation) -> bool:
    return operation.object == TRACKING and operation.action == "create"


def _row(operation: Operation) -> Row:
    told = {name: "" if value is None else str(value) for name, value in operation.set.items()}
    return {**told, "operation": operation.op_key}


def _why(error: OSError) -> str:
    return f"the folder cannot be used ({type(error).__name__})"
