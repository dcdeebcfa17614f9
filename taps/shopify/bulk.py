"""Bulk operations: the shop runs a query over all of its records and puts the result into a file.

https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.errors import CrossdockError
from crossdock.http.errors import OutcomeUnknown
from crossdock.http.rules import clean
from crossdock.tap import parse_time

if TYPE_CHECKING:
    from taps.shopify.client import ShopifyClient

logger = logging.getLogger("tap-shopify")

_OPERATION = """
fragment Operation on BulkOperation {
  id status errorCode createdAt completedAt objectCount rootObjectCount fileSize url
}
"""

START = f"""
mutation Start($query: String!) {{
  bulkOperationRunQuery(query: $query, groupObjects: false) {{
    bulkOperation {{ ...Operation }}
    userErrors {{ field message code }}
  }}
}}
{_OPERATION}"""

STATUS = f"""
query Status($id: ID!) {{ node(id: $id) {{ ...Operation }} }}
{_OPERATION}"""

RUNNING = f"""
query Running {{
  bulkOperations(first: 10, sortKey: CREATED_AT, reverse: true, query: "operation_type:query") {{
    nodes {{ query ...Operation }}
  }}
}}
{_OPERATION}"""

START_POINTS, STATUS_POINTS, RUNNING_POINTS = 12, 1, 12
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0
PATIENCE = 900.0
"""Seconds to wait for a place: a shop runs five operations at a time, one before 2026-01."""

ENDED = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")
BUSY = ("OPERATION_IN_PROGRESS", "LIMIT_REACHED")


class BulkFailed(CrossdockError):  # noqa: N818
    """The operation cannot be run, or brought nothing to go on with."""


@dataclass(frozen=True)
class Result:
    """A finished operation.

    Attributes:
        url: Where its file is; None if nothing was found.
        size: The file's length.
        began: The shop's clock when the operation was created: later changes may be missing.
        read_at: Real time just before we asked for it. An operation that was taken up is older;
            what has changed since is read after it.
    """

    url: str | None
    size: int | None
    began: datetime
    read_at: datetime


class BulkOperation:
    """One operation, from its start to its file.

    Args:
        client: The shop.
        stream: Stream that it is for.
        document: The query.
        pause: Waits that many seconds; False if we are told to end.
    """

    def __init__(
        self, client: ShopifyClient, stream: str, document: str, pause: Callable[[float], bool]
    ) -> None:
        self._client = client
        self._stream = stream
        self._document = document
        self._pause = pause

    def run(self) -> Result | None:
        """Run it to its end; None if we are told to end.

        Raises:
            BulkFailed: It was refused, or it failed.
        """
        read_at = clock.real_now()
        operation = self._begin()
        pause = FIRST_PAUSE
        while operation is not None and operation["status"] not in ENDED:
            if not self._pause(pause):
                return None
            pause = min(LONGEST_PAUSE, pause * 1.5)
            operation = self._ask(STATUS, {"id": operation["id"]}, STATUS_POINTS)["node"]
        if operation is None:
            return None
        if operation["status"] != "COMPLETED":
            why = operation.get("errorCode") or operation["status"]
            raise self._failed(f"the bulk operation ended with {why}")
        logger.info(
            "tap-shopify: %s: the bulk operation found %s objects",
            self._stream,
            operation["objectCount"],
        )
        return self._result(operation, read_at)

    def _result(self, operation: Mapping[str, Any], read_at: datetime) -> Result:
        size = operation.get("fileSize")
        return Result(
            url=operation.get("url"),
            size=None if size is None else int(size),
            began=parse_time(operation["createdAt"]),
            read_at=read_at,
        )

    def _begin(self) -> Mapping[str, Any] | None:
        """Start the operation, or go on with the same one of a run that was cut short."""
        waited, pause = 0.0, FIRST_PAUSE
        while True:
            operation = self._same() or self._start()
            if operation is not None:
                return operation
            if waited > PATIENCE:
                raise self._failed("the shop is busy with other bulk operations")
            if not self._pause(pause):
                return None
            waited, pause = waited + pause, min(LONGEST_PAUSE, pause * 1.5)

    def _same(self) -> Mapping[str, Any] | None:
        found = self._ask(RUNNING, {}, RUNNING_POINTS)["bulkOperations"]["nodes"]
        return next(
            (
                each
                for each in found
                if each["status"] in ("CREATED", "RUNNING") and each["query"] == self._document
            ),
            None,
        )

    def _start(self) -> Mapping[str, Any] | None:
        """Start it; None while there is no place for it."""
        try:
            answer = self._client.query(
                START,
                {"query": self._document},
                stream=self._stream,
                cost=START_POINTS,
                write=True,
            )
        except OutcomeUnknown:
            return None  # if it has begun, it is found among those that run
        payload = answer.data["bulkOperationRunQuery"]
        errors = payload["userErrors"]
        if any(error.get("code") in BUSY for error in errors):
            return None
        if errors:
            raise self._failed("; ".join(clean(str(error["message"])) for error in errors))
        operation: Mapping[str, Any] = payload["bulkOperation"]
        return operation

    def _failed(self, why: str) -> BulkFailed:
        return BulkFailed(f"tap-shopify: {self._stream}: {why}")

    def _ask(self, document: str, variables: Mapping[str, Any], points: float) -> dict[str, Any]:
        return self._client.query(document, variables, stream=self._stream, cost=points).data
