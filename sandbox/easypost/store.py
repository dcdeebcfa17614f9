"""Records in the order in which they were made, and the pages of a list."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.easypost.errors import invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Record = dict[str, Any]

USUAL_PAGE = 20
MAX_PAGE = 100


class Store:
    """All records of one kind."""

    def __init__(self, prefix: str, seed: int) -> None:
        self._prefix = prefix
        self._seed = seed
        self._times: list[datetime] = []
        # A deleted record leaves its place, so that a page can still begin behind it.
        self._places: list[Record | None] = []
        self._index: dict[str, int] = {}

    def __iter__(self) -> Iterator[Record]:
        """The records, oldest first."""
        return (record for record in self._places if record is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, record: Record, at: datetime) -> Record:
        """Keep a new record, with an id that follows from the seed and its place."""
        text = f"{self._seed}/{self._prefix}/{len(self._places)}"
        digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        record = {"id": f"{self._prefix}_{digest}", **record}
        self._index[record["id"]] = len(self._places)
        self._places.append(record)
        self._times.append(at)
        return record

    def find(self, record_id: str) -> Record | None:
        place = self._index.get(record_id)
        return None if place is None else self._places[place]

    def get(self, record_id: str) -> Record:
        """A record by its id.

        Raises:
            ApiError: 404, there is none, or no longer.
        """
        record = self.find(record_id)
        if record is None:
            raise not_found()
        return record

    def delete(self, record_id: str) -> None:
        self.get(record_id)
        self._places[self._index[record_id]] = None

    def page(
        self, query: Mapping[str, str], wanted: Callable[[Record], bool] = lambda _: True
    ) -> tuple[list[Record], bool]:
        """One page, newest first, and whether there are more.

        Raises:
            ApiError: The query makes no sense.
        """
        size = page_size(query)
        low, high = self._bounds(query)
        found: list[Record] = []
        for place in self._walk(low, high, query):
            record = self._places[place]
            if record is None or not wanted(record):
                continue
            if len(found) == size:
                return self._ordered(found, query), True
            found.append(record)
        return self._ordered(found, query), False

    def _bounds(self, query: Mapping[str, str]) -> tuple[int, int]:
        """The places between the times and the ids that the query names."""
        low, high = 0, len(self._places)
        if query.get("start_datetime"):
            low = bisect_left(self._times, _time(query, "start_datetime"))
        if query.get("end_datetime"):
            high = bisect_right(self._times, _time(query, "end_datetime"))
        if query.get("before_id"):
            high = min(high, self._place(query["before_id"]))
        if query.get("after_id"):
            low = max(low, self._place(query["after_id"]) + 1)
        return low, high

    def _walk(self, low: int, high: int, query: Mapping[str, str]) -> Iterator[int]:
        """Newest first; what follows an id begins with the one next to it."""
        places = range(low, high)
        return iter(places) if query.get("after_id") else reversed(places)

    def _ordered(self, found: list[Record], query: Mapping[str, str]) -> list[Record]:
        return found[::-1] if query.get("after_id") else found

    def _place(self, record_id: str) -> int:
        if record_id not in self._index:
            raise not_found()
        return self._index[record_id]


def page_size(query: Mapping[str, str]) -> int:
    """How many records a page may hold; more than a hundred are never given."""
    text = query.get("page_size") or str(USUAL_PAGE)
    if not text.isdigit() or int(text) < 1:
        raise invalid("page_size", "must be a positive number")
    return min(int(text), MAX_PAGE)


def _time(query: Mapping[str, str], name: str) -> datetime:
    try:
        value = datetime.fromisoformat(query[name])
    except ValueError:
        raise invalid(name, "is not a valid datetime") from None
    if value.tzinfo is None:
        raise invalid(name, "has no time zone")
    return value
