"""Streams that read some records again by name, for as long as they are open."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.http.errors import Rejected
from crossdock.tap import Page, Part, Reading, Record
from taps.easypost.listed import Listed, changed

if TYPE_CHECKING:
    import httpx

    from taps.easypost.windows import Wanted

OPEN = "open"
NOT_FOUND = 404


class Open(Listed):
    """A list of which some records are open: they are read again until they are not.

    Their ids are in the state, each with the text by which it is asked for.
    """

    def read(self, since: datetime | None) -> Reading:
        """Read the open records again, then list new ones."""
        listed = super().read(since)
        self._lock = threading.Lock()
        self._were_open: dict[str, str] = (
            dict(self.stream_state.get(OPEN) or {}) if since is not None else {}
        )
        self._open = dict(self._were_open)
        return Reading(
            # The open ones come first: the bookmark may move only once they were read.
            parts=(part for parts in (self._reread(since), listed.parts) for part in parts),
            full=listed.full,
            read_from=since,
            notes=lambda: {OPEN: self._open},
        )

    def is_open(self, record: Record, now: datetime) -> bool:
        """Whether the record may still change."""
        raise NotImplementedError

    def label(self, record: Record) -> str:
        """The text by which a record is asked for."""
        return ""

    def remember(self, bookmark: datetime | None, notes: Mapping[str, Any]) -> None:
        """Between two states nothing is forgotten: what was closed may not be out yet."""
        if OPEN not in notes:
            with self._lock:
                known = {**(self.stream_state.get(OPEN) or {}), **self._open}
            notes = {**notes, OPEN: known}
        super().remember(bookmark, notes)

    def _reread(self, since: datetime | None) -> Iterator[Part]:
        raise NotImplementedError

    def _wanted(self, since: datetime | None) -> Wanted:
        def wanted(record: Record, response: httpx.Response) -> bool:
            if not self.keeps(record) or record["id"] in self._were_open:
                return False
            self._note(record, response)
            return changed(record, since)

        return wanted

    def _by_id(self, record_id: str, since: datetime | None) -> Iterator[Page]:
        """Read one record again; one that was deleted is no longer open."""
        try:
            response = self.account.one(self.name, record_id)
        except Rejected as error:
            if error.status != NOT_FOUND:
                raise
            with self._lock:
                self._open.pop(record_id, None)
            return
        record = dict(rules.mapping(response))
        self._note(record, response)
        records = [self.shaped(record)] if changed(record, since) else []
        yield Page(records, sent_at(response), vendor_time(response))

    def _note(self, record: Record, response: httpx.Response) -> None:
        """Remember whether a record is open."""
        now = vendor_time(response) or clock.now()
        with self._lock:
            if self.is_open(record, now):
                self._open[record["id"]] = self.label(record)
            else:
                self._open.pop(record["id"], None)
