"""Lists, newest first, cut into windows of the time at which records were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import Page, Part, Record, format_time, parse_time

if TYPE_CHECKING:
    import httpx

    from taps.easypost.client import EasyPostClient

MADE_AT = "created_at"
# The API does not say whether its bounds belong to a window: ask for more, take what is within.
MARGIN = timedelta(seconds=1)
FIRST_STEP = timedelta(days=1)
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


Wanted = Callable[[Record, "httpx.Response"], bool]
"""Whether a record of an answer is to be handed on."""


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

    def parts(self, since: datetime | None, wanted: Wanted) -> Iterator[Part]:
        """What was made from `since` on, or ever: one page if that is all, else by windows."""
        window = Window(since)
        first = self._ask(window)
        self.began = vendor_time(first)
        if not _has_more(first):
            yield Part(iter([self._page(first, window, wanted)]))
            return
        for each in self._windows(since, self._made(first)):
            yield Part(self.pages(each, wanted), until=each.end)

    def pages(self, window: Window, wanted: Wanted) -> Iterator[Page]:
        """The pages of a window, each with the records that are wanted."""
        cursor: dict[str, str] = {}
        while True:
            response = self._ask(window, **cursor)
            yield self._page(response, window, wanted)
            rows = self.rows(response)
            if not rows or not _has_more(response):
                return
            cursor = {"before_id": rows[-1]["id"]}

    def rows(self, response: httpx.Response) -> list[Record]:
        """The records of one answer."""
        return list(rules.mapping(response).get(self._kind) or ())

    def _ask(self, window: Window, **more: Any) -> httpx.Response:
        return self._client.page(self._kind, {**self._filters, **window.params, **more})

    def _page(self, response: httpx.Response, window: Window, wanted: Wanted) -> Page:
        fresh = {row["id"]: row for row in self.rows(response)}  # one may be there twice
        records = [row for row in fresh.values() if window.holds(row) and wanted(row, response)]
        return Page(records, sent_at(response), vendor_time(response))

    def _windows(self, since: datetime | None, newest: datetime | None) -> Iterator[Window]:
        """Windows from `since`, or from the first record, to now: the oldest first.

        Only the vendor's own times count, so that no clock of ours cuts anything off.
        """
        bounds: list[datetime] = []
        if newest is not None:
            start = self._oldest(newest) if since is None else since
            span = newest - start
            count = max(1, min(MOST_WINDOWS, span // SHORTEST))
            bounds = [start + span * number / count for number in range(1, count)]
        for low, high in pairwise([since, *bounds, None]):
            yield Window(low, high)

    def _oldest(self, newest: datetime) -> datetime:
        """A time before the first record, found in steps that grow."""
        step, known = FIRST_STEP, newest
        while True:
            earlier = known - step
            found = self._made(self._ask(Window(end=earlier), page_size=1))
            if found is None:
                return earlier
            known, step = min(found, earlier), step * 4

    def _made(self, response: httpx.Response) -> datetime | None:
        """When the newest record of an answer was made."""
        times = [row[MADE_AT] for row in self.rows(response) if row.get(MADE_AT)]
        return parse_time(times[0]) if times else None


def _has_more(response: httpx.Response) -> bool:
    """Whether a list goes on; one that does not say so goes on until a page is empty."""
    return bool(rules.mapping(response).get("has_more", True))
