"""EasyPost as a destination: addresses to verify and trackers, made once and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.errors import Rejected
from crossdock.http.rules import without_values
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused

if TYPE_CHECKING:
    from taps.easypost.client import EasyPostClient

ADDRESSES = "addresses"
TRACKERS = "trackers"
PAGES = 10
"""How many pages of the newest addresses are looked through for one of ours."""


class EasyPostDestination:
    """One EasyPost account.

    No person is told of: the name of an address holds our key, which finds it again.
    """

    concurrency = 4

    def __init__(self, client: EasyPostClient) -> None:
        self._client = client

    def batch_size(self, object_name: str, action: Action) -> int:
        """One request makes one record."""
        return 1

    def reads_before_create(self, object_name: str) -> bool:
        """A tracker that there is comes back for nothing; an address would be paid for again."""
        return False

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Make records, one by one."""
        return [self._send(item.operation) for item in batch]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """Read a record by its id, a tracker by its code, an address by our key.

        Raises:
            Rejected: Among so many newer addresses it cannot be told whether it is there.
        """
        if operation.destination_id:
            return self._by_id(operation)
        if operation.object == TRACKERS:
            return self._tracker(operation)
        return self._address(operation)

    # Reading

    def _by_id(self, operation: Operation) -> Mapping[str, Any] | None:
        try:
            response = self._client.one(operation.object, str(operation.destination_id))
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        return rules.mapping(response)

    def _tracker(self, operation: Operation) -> Mapping[str, Any] | None:
        code = str({**operation.set, **operation.match}["tracking_code"])
        response = self._client.page(TRACKERS, {"tracking_code": code})
        found: Sequence[Mapping[str, Any]] = rules.mapping(response).get(TRACKERS) or ()
        return next((row for row in found if row.get("tracking_code") == code), None)

    def _address(self, operation: Operation) -> Mapping[str, Any] | None:
        key = str({**operation.set, **operation.match}["name"])
        for row in self._newest_addresses(operation):
            # What is verified comes back in capitals.
            if str(row.get("name") or "").casefold() == key.casefold():
                return row
        return None

    def _newest_addresses(self, operation: Operation) -> Iterator[Mapping[str, Any]]:
        before: dict[str, Any] = {}
        for _ in range(PAGES):
            answer = rules.mapping(self._client.page(ADDRESSES, before))
            rows: Sequence[Mapping[str, Any]] = answer.get(ADDRESSES) or ()
            yield from rows
            if not answer.get("has_more") or not rows:
                return
            before = {"before_id": rows[-1]["id"]}
        raise Rejected(
            f"it is not among the newest {PAGES} pages of addresses",
            connector=self._client.connector,
            stream=operation.object,
            path=f"/v2/{ADDRESSES}",
        )

    # Writing

    def _send(self, operation: Operation) -> Outcome:
        if operation.action == "adopt":
            return Acknowledged(str(operation.destination_id))  # there is nothing to change
        if operation.action != "create" or operation.object not in (ADDRESSES, TRACKERS):
            return Refused(f"target-easypost cannot {operation.action} {operation.object}")
        try:
            response = self._client.request(
                "POST",
                f"/v2/{operation.object}",
                stream=operation.object,
                json=_body(operation),
                cost=0.0,  # the limit is on lists
                write=True,
            )
        except Rejected as error:
            words = without_values(error.reason)
            return Refused(f"EasyPost refused: {words}", error.code)
        return Acknowledged(str(rules.mapping(response)["id"]))


def _body(operation: Operation) -> dict[str, Any]:
    values = {name: value for name, value in operation.set.items() if value not in (None, "")}
    if operation.object == TRACKERS:
        return {"tracker": values}
    return {"address": values, "verify": True}
