"""What is read of an EasyPost account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crossdock.tap import IdPage, Page, Part, Record, parse_time
from taps.easypost import schemas
from taps.easypost.client import PAGE
from taps.easypost.listed import CHANGED_AT, Listed, changed
from taps.easypost.reopened import Open
from taps.easypost.windows import MADE_AT, Listing, Window

if TYPE_CHECKING:
    import httpx


class Trackers(Open):
    """Where parcels are, with all that their carriers have reported."""

    name = "trackers"
    schema = schemas.TRACKERS
    looks_back = False  # a change is found because its tracker is open
    # After so many days without a report nothing more is to come. `finalized` would say so,
    # but only the answer to a creation holds it, and there also for parcels that have not left.
    quiet_after = {
        "delivered": timedelta(0),
        "cancelled": timedelta(0),
        "return_to_sender": timedelta(days=30),
        "failure": timedelta(days=30),
        "error": timedelta(days=30),
    }
    given_up_after = timedelta(days=90)

    def is_open(self, record: Record, now: datetime) -> bool:
        """Whether the carrier may still have something to report."""
        told = record.get(CHANGED_AT) or record.get(MADE_AT)
        quiet = now - parse_time(told) if isinstance(told, str) else timedelta(0)
        return quiet < self.quiet_after.get(str(record.get("status")), self.given_up_after)

    def label(self, record: Record) -> str:
        """The tracking code: a list can be asked for a hundred of them at once."""
        return str(record.get("tracking_code") or "")

    def sweep(self) -> Iterator[IdPage]:
        """All trackers there are; nothing else can be deleted."""
        for page in Listing(self.account, self.name).pages(Window(), lambda *_: True):
            yield IdPage([row["id"] for row in page.records], page.read_at, page.vendor_time)

    def _reread(self, since: datetime | None) -> Iterator[Part]:
        waiting = list(self._were_open.items())
        for place in range(0, len(waiting), PAGE):
            yield Part(self._by_codes(dict(waiting[place : place + PAGE]), since))

    def _by_codes(self, codes: dict[str, str], since: datetime | None) -> Iterator[Page]:
        """Ask for several codes at once; whatever does not come is asked for by its id."""
        missing, asked = set(codes), set(codes.values()) - {""}
        listing = Listing(self.account, self.name, {"tracking_codes[]": sorted(asked)})

        def wanted(record: Record, response: httpx.Response) -> bool:
            if record["id"] not in missing:
                return False
            missing.discard(record["id"])
            self._note(record, response)
            return changed(record, since)

        for page in listing.pages(Window(), wanted) if asked else ():
            yield self._page(page)
            if not missing:
                return
        for tracker_id in sorted(missing):
            yield from self._by_id(tracker_id, since)


class Shipments(Open):
    """Shipments whose label was bought; open is one whose refund the carrier considers."""

    name = "shipments"
    awaited = False
    schema = schemas.SHIPMENTS

    def shaped(self, record: Record) -> Record:
        """The tracker has a stream of its own."""
        tracker = record.get("tracker")
        rest = {name: value for name, value in record.items() if name != "tracker"}
        return {**rest, "tracker_id": tracker and tracker.get("id")}

    def is_open(self, record: Record, now: datetime) -> bool:
        """Whether a refund is under way."""
        return record.get("refund_status") == "submitted"

    def _reread(self, since: datetime | None) -> Iterator[Part]:
        for shipment_id in self._were_open:
            yield Part(self._by_id(shipment_id, since))


class Addresses(Listed):
    """Addresses that were verified, with what came of it; others are copies of what we sent."""

    name = "addresses"
    awaited = False
    schema = schemas.ADDRESSES

    def keeps(self, record: Record) -> bool:
        """Whether it was verified."""
        return bool(record.get("verifications"))


STREAMS = (Trackers, Shipments, Addresses)
