"""Streams of records that are listed by the time at which they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from crossdock.tap import CrossdockStream, Page, Part, Reading, Record, Total, parse_time
from taps.easypost.windows import Listing, Wanted, Window

if TYPE_CHECKING:
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
        days = float(self.config.get("lookback_days") or 0) if self.looks_back else 0.0
        start = since and since - timedelta(days=days)
        parts = self._listing.parts(start, self._wanted(since))
        return Reading(parts=map(self._part, parts), full=since is None, read_from=since)

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
        """The record as it is handed on."""
        return record

    def _wanted(self, since: datetime | None) -> Wanted:
        """Of all that is listed, what is handed on."""
        return lambda record, _: self.keeps(record) and changed(record, since)

    def _part(self, part: Part) -> Part:
        pages = cast("Iterator[Page]", part.pages)
        return Part(map(self._page, pages), part.until)

    def _page(self, page: Page) -> Page:
        return Page([self.shaped(row) for row in page.records], page.read_at, page.vendor_time)


def changed(record: Record, since: datetime | None) -> bool:
    """Whether a record has changed since; one that does not say when counts as changed."""
    text = record.get(CHANGED_AT)
    return since is None or not isinstance(text, str) or parse_time(text) >= since
