"""Lists, newest first, cut into windows of the time at which records were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import Page, Record, format_time, parse_time

if TYPE_CHECKING:
    import httpx

    from taps.easypost.client import EasyPostClient

MADE_AT = "created_at"
# The API does not say whether its bounds belong to a window: ask for more, take what is within.
MARGIN = timedelta(seconds=1)
FIRST_STEP = timedelta(days=30)
MOST_WINDOWS = 16
SHORTEST = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Records made from `start` until before `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def params(self) -> dict[str, str]:
        """The window as the list's own filters."""
        bounds = {
            "start_datetime": self.start and self.start - MARGIN,
            "end_datetime": self.end and self.end + MARGIN,
        }
        return {name: format_time(time) for name, time in bounds.items() if time}

    def holds(self, record: Record) -> bool:
        """Whether a record was made within; one that does not say when is taken."""
        text = record.get(MADE_AT)
        if not isinstance(text, str):
            return True
        made = parse_time(text)
        return (self.start is None or self.start <= made) and (self.end is None or made < self.end)


class Listing:
    """One list of an account.

    Args:
        client: The account.
        kind: Name of the list in the path, and in its answers.
        filters: Further parameters of each request.
    """

    def __init__(
        self, client: EasyPostClient, kind: str, filters: Mapping[str, Any] | None = None
    ) -> None:
        self._client = client
        self._kind = kind
        self._filters = dict(filters or {})
        self.began: datetime | None = None
        """The vendor's time before the first window was asked for."""

    def pages(
        self, window: Window, wanted: Callable[[Record, httpx.Response], bool]
    ) -> Iterator[Page]:
        """The pages of a window, each with the records that are wanted."""
        cursor: dict[str, str] = {}
        while True:
            response = self._client.page(self._kind, {**self._filters, **window.params, **cursor})
            rows = self.rows(response)
            fresh = {row["id"]: row for row in rows}  # an answer may hold a record twice
            records = [row for row in fresh.values() if window.holds(row) and wanted(row, response)]
            yield Page(records, sent_at(response), vendor_time(response))
            if not rows or not rules.mapping(response).get("has_more"):
                return
            cursor = {"before_id": rows[-1]["id"]}

    def rows(self, response: httpx.Response) -> list[Record]:
        """The records of one answer."""
        return list(rules.mapping(response).get(self._kind) or ())

    def windows(self, since: datetime | None) -> Iterator[Window]:
        """Windows from `since`, or from the first record, to now: the oldest first.

        Only the vendor's own times count, so that no clock of ours cuts anything off.
        """
        answer = self._client.page(self._kind, {**self._filters, "page_size": 1})
        self.began = vendor_time(answer)
        newest = self._made(answer)
        if newest is None:
            yield from [Window(since)] if self.rows(answer) else []
            return
        start = self._oldest(newest) if since is None else since
        span = newest - start
        count = max(1, min(MOST_WINDOWS, span // SHORTEST))
        bounds = [start + span * number / count for number in range(1, count)]
        edges: list[datetime | None] = [since, *bounds, None]
        for low, high in pairwise(edges):
            yield Window(low, high)

    def _oldest(self, newest: datetime) -> datetime:
        """A time before the first record, found in steps that grow."""
        step, known = FIRST_STEP, newest
        while True:
            earlier = known - step
            filters = {**self._filters, "end_datetime": format_time(earlier), "page_size": 1}
            found = self._made(self._client.page(self._kind, filters))
            if found is None:
                return earlier
            known, step = min(found, earlier), step * 4

    def _made(self, response: httpx.Response) -> datetime | None:
        """When the first record of an answer was made."""
        times = [row[MADE_AT] for row in self.rows(response) if row.get(MADE_AT)]
        return parse_time(times[0]) if times else None
