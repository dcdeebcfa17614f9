"""Streams of records that are listed by the time at which they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import CrossdockStream, Page, Part, Reading, Record, Total, parse_time
from taps.easypost import schemas
from taps.easypost.windows import Listing, Window

if TYPE_CHECKING:
    import httpx

    from taps.easypost.client import EasyPostClient

CHANGED_AT = "updated_at"
DAY = timedelta(days=1)


class Listed(CrossdockStream):
    """Records that are listed by the time at which they were made.

    The API cannot list what has changed. So records of the last days are listed again, and
    those are handed on that changed since the bookmark.
    """

    primary_keys = ("id",)
    replication_key = CHANGED_AT
    filters: ClassVar[Mapping[str, Any]] = {}
    """Parameters of the list."""

    looks_back: bool = True
    """Records may change for some days after they were made."""

    def read(self, since: datetime | None) -> Reading:
        """List what was made since the bookmark, and a few days before it."""
        self._listing = Listing(self.account, self.name, self.filters)
        return Reading(parts=self._windows(since), full=since is None, read_from=since)

    @property
    def account(self) -> EasyPostClient:
        """The account that is read."""
        return cast("EasyPostClient", self._tap.client)

    def keeps(self, record: Record) -> bool:
        """Whether a record belongs to the stream at all."""
        return True

    def totals(self, reading: Reading) -> Iterator[Total]:
        """How many records were made on the last day, by another listing.

        EasyPost states no counts.
        """
        if self._listing.began is None:
            return
        end = self._listing.began - self.lag
        window = Window(end - DAY, end)
        count = sum(
            len(page.records)
            for page in self._listing.pages(window, lambda record, _: self.keeps(record))
        )
        yield Total("count", str(count), window.start, end, "sweep", "by created_at")

    def shaped(self, record: Record) -> Record:
        """The record with the fields of its schema, and all others together in one."""
        known = self.schema["properties"]
        shaped = {name: value for name, value in record.items() if name in known}
        other = {name: value for name, value in record.items() if name not in known}
        return {**shaped, schemas.OTHER: other or None}

    def _windows(self, since: datetime | None) -> Iterator[Part]:
        back = self._look_back if self.looks_back else timedelta()
        for window in self._listing.windows(since and since - back):
            yield Part(self._pages(window, since), until=window.end)

    @property
    def _look_back(self) -> timedelta:
        return timedelta(days=float(self.config.get("lookback_days") or 0))

    def _pages(self, window: Window, since: datetime | None) -> Iterator[Page]:
        def wanted(record: Record, response: httpx.Response) -> bool:
            return self.keeps(record) and changed(record, since)

        for page in self._listing.pages(window, wanted):
            yield self._page(page)

    def _page(self, page: Page) -> Page:
        return Page([self.shaped(row) for row in page.records], page.read_at, page.vendor_time)

    def _single(self, record: Record, response: httpx.Response) -> Page:
        return Page([self.shaped(record)], sent_at(response), vendor_time(response))


def changed(record: Record, since: datetime | None) -> bool:
    """Whether a record has changed since; one that does not say when counts as changed."""
    text = record.get(CHANGED_AT)
    return since is None or not isinstance(text, str) or parse_time(text) >= since
