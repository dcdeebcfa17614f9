"""Follows a connection whose pages may shift while it is read, and loses nothing.

What ShipHero's cursors mean is not documented. They may be positions: a record that leaves the
list, or moves to its end because somebody changed it, pulls all later ones forward, and the one
behind the border of two pages is never seen. So each page begins with records of the page before
it. If the first one is known and unchanged, then everything that was behind it still is; if not,
the walk goes back until it meets one that is. This holds for positions and for cursors that name
a record, in any order in which unchanged records keep their places among each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from crossdock.http.errors import ApiError
from crossdock.http.graphql import Answer
from crossdock.tap import Record

Connection = dict[str, Any]
Fetch = Callable[[str | None], tuple[Answer, Connection]]

_REMEMBERED = 10_000
_MOST_RESTARTS = 10
_FIRST_STEP_BACK = 8


class Walk:
    """One walk along a connection.

    Args:
        fetch: Asks for the page behind a cursor; None: the first one.
        size: Records that a page may hold; at least two, of which one is known already.
        seen: Records that were handed over already, here or in a walk before this one.
        connector: Name for messages.
        stream: Name for messages.
    """

    def __init__(
        self, fetch: Fetch, *, size: int, seen: set[int], connector: str, stream: str
    ) -> None:
        self._fetch = fetch
        self._seen = seen
        self._connector = connector
        self._stream = stream
        self._most = max(1, size // 2)
        self._overlap = 1
        self._cursors: deque[str] = deque(maxlen=_REMEMBERED)
        self._checked = True
        self._restarts = 0
        self.pages = 0
        """Answers that were read."""

    def __iter__(self) -> Iterator[tuple[Answer, list[Record]]]:
        """Each answer, with those of its records that were not handed over before."""
        after: str | None = None
        back = 0
        while True:
            answer, connection = self._fetch(after)
            self.pages += 1
            edges = connection.get("edges") or []
            if after is not None and self._checked and not self._joined(edges):
                back = back * 8 or _FIRST_STEP_BACK
                self._overlap = min(self._most, self._overlap * 2)
                after = self._step_back(back)
                continue
            back = 0
            yield answer, self._new(edges)
            self._note(after, edges)
            if not (connection.get("pageInfo") or {}).get("hasNextPage"):
                return
            after = self._next(after, edges)

    def _joined(self, edges: list[Any]) -> bool:
        return bool(edges) and _mark(edges[0]["node"]) in self._seen

    def _new(self, edges: list[Any]) -> list[Record]:
        nodes = []
        for edge in edges:
            mark = _mark(edge["node"])
            if mark not in self._seen:
                self._seen.add(mark)
                nodes.append(edge["node"])
        return nodes

    def _note(self, after: str | None, edges: list[Any]) -> None:
        """Remember where each record stood, as far as the walk has come."""
        if after is None:
            self._cursors.clear()
        while self._cursors and self._cursors[-1] != after:
            self._cursors.pop()
        self._cursors.extend(edge["cursor"] for edge in edges)

    def _next(self, after: str | None, edges: list[Any]) -> str:
        """A cursor so far before the end of the page that the next one begins with known ones."""
        # A page of one record has nothing to begin the next one with.
        self._checked = len(edges) > 1
        cursor = edges[-1]["cursor"] if edges else None
        if self._checked:
            cursor = edges[-1 - min(self._overlap, len(edges) - 1)]["cursor"]
        if cursor is None or cursor == after:
            raise ApiError(
                "the same page came twice",
                connector=self._connector,
                stream=self._stream,
                path="pageInfo",
                hint="run again; if it persists, tell the vendor",
            )
        return str(cursor)

    def _step_back(self, records: int) -> str | None:
        place = len(self._cursors) - 1 - records
        if place >= 0:
            return self._cursors[place]
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise ApiError(
                "the list changes faster than it can be read",
                connector=self._connector,
                stream=self._stream,
                path="pageInfo.endCursor",
                hint="run again when fewer records change; raise `share` if it persists",
            )
        return None


def _mark(node: Record) -> int:
    """Tells versions of records apart."""
    return hash(repr(node))
