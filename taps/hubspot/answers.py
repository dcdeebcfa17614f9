"""What HubSpot's answers hold: records, a cursor, and what a partial answer leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.errors import ApiError

if TYPE_CHECKING:
    import httpx

    from crossdock.tap import Record
    from taps.hubspot.client import HubSpotClient

MISSING = "OBJECT_NOT_FOUND"


def results(client: HubSpotClient, response: httpx.Response, *, stream: str) -> list[Record]:
    """The records of a batch; those that are no more are left out.

    Raises:
        ApiError: Some are left out for another reason, so the answer says nothing of them.
    """
    answer = rules.mapping(response)
    for error in answer.get("errors") or ():
        if error.get("category") != MISSING:
            raise ApiError(
                rules.clean(str(error.get("message") or "a part of the batch failed")),
                connector=client.connector,
                stream=stream,
                path=response.request.url.path,
                status=response.status_code,
                code=error.get("category"),
                hint="run again; if it persists, ask HubSpot's support",
            )
    return list(answer["results"])


def next_page(answer: Any) -> str | None:
    """The cursor of the next page of a list; None on the last."""
    following = (answer.get("paging") or {}).get("next") or {}
    after = following.get("after")
    return None if after is None else str(after)
