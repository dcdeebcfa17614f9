"""What target-@kebab@ knows of the API of @title@."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.errors import Rejected
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused

if TYPE_CHECKING:
    from taps.@name@.client import @Class@Client

NAME = "target-@kebab@"
PARCELS = "parcels"


class @Class@Destination:
    """One account: a parcel is told of once, and never changed."""

    concurrency = 4

    def __init__(self, client: @Class@Client) -> None:
        self._client = client

    def batch_size(self, object_name: str, action: Action) -> int:
        """One request tells of one parcel."""
        return 1

    def reads_before_create(self, object_name: str) -> bool:
        """The API tells a repeated create by its key."""
        return False

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Tell of parcels, one by one."""
        return [self._send(item.operation) for item in batch]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """The parcel as the account has it, by our own id."""
        asked = {"external_id": str(_known(operation)["external_id"])}
        response = self._client.request("GET", "/parcels", stream=PARCELS, params=asked)
        found = rules.mapping(response)["items"]
        return found[0] if found else None

    def _send(self, operation: Operation) -> Outcome:
        if operation.object != PARCELS or operation.action != "create":
            return Refused(f"{NAME} cannot {operation.action} {operation.object}")
        try:
            response = self._client.request(
                "POST",
                "/parcels",
                stream=PARCELS,
                json={name: value for name, value in operation.set.items() if value},
                headers={"Idempotency-Key": operation.op_key},
                write=True,
            )
        except Rejected as error:
            return Refused(error.reason, error.code)
        return Acknowledged(str(rules.mapping(response)["id"]))


def _known(operation: Operation) -> Mapping[str, Any]:
    return {**operation.set, **operation.match}
