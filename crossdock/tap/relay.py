"""Relay connections: pages that are followed by cursor, in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossdock.http.errors import ApiError
from crossdock.http.graphql import Answer

Connection = Mapping[str, Any]
Fetch = Callable[[str | None], tuple[Answer, Connection]]


def nodes(connection: Connection | None) -> list[dict[str, Any]]:
    """The records of a connection, whether it lists nodes or edges."""
    if not connection:
        return []
    if "nodes" in connection:
        return list(connection["nodes"])
    return [edge["node"] for edge in connection.get("edges") or []]


def next_cursor(connection: Connection | None) -> str | None:
    """The cursor of the next page; None on the last."""
    info = (connection or {}).get("pageInfo") or {}
    return info.get("endCursor") if info.get("hasNextPage") else None


def pages(
    fetch: Fetch, *, connector: str, stream: str, after: str | None = None
) -> Iterator[tuple[Answer, Connection]]:
    """Follow a connection to its end.

    Raises:
        ApiError: The source answered the same cursor twice, so following it would not end.
    """
    cursor = after
    while True:
        answer, connection = fetch(cursor)
        yield answer, connection
        following = next_cursor(connection)
        if following is None:
            return
        if following == cursor:
            raise ApiError(
                "the same page came twice",
                connector=connector,
                stream=stream,
                path="pageInfo.endCursor",
                hint="run again; if it persists, tell the vendor",
            )
        cursor = following
