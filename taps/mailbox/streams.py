"""The streams of a mailbox: orders, the files that they came in, the tracking that we left."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.files.errors import FileRefused, NotReadable
from crossdock.files.tables import rows
from crossdock.tap import CrossdockStream, IdPage, Page, Reading, Record, record
from taps.mailbox.client import Found, Memory, content_of
from taps.mailbox.orders import Parsed, parse

if TYPE_CHECKING:
    from taps.mailbox.client import Mailbox


class MailboxStream(CrossdockStream):
    """What new files bring; which were read is the state."""

    replication_key = None
    _troubled = False

    @property
    def mailbox(self) -> Mailbox:
        """The folder."""
        return self._tap.client  # type: ignore[return-value]

    def found(self) -> list[Found]:
        """The files that the stream looks at."""
        return self.mailbox.found()

    def read(self, since: datetime | None) -> Reading:
        """Files that are new or were changed; an order stays when its file is taken away."""
        present = self.found()
        memory = Memory.of(self.stream_state, self.mailbox.layout.digest)
        new = [found for found in present if not memory.knows(found)]
        names = {found.name for found in present}
        return Reading([self._pages(new, memory)], full=False, notes=lambda: memory.as_state(names))

    def _pages(self, new: list[Found], memory: Memory) -> Iterator[Page]:
        for found in new:
            self._troubled = False
            read_at, digest = clock.real_now(), ""
            try:
                held = content_of(found)
                if held is None:  # the next run finds it whole
                    continue
                content, digest = held
                again = memory.has_read(found, digest)
                twin = memory.twin_of(found, digest)
                page = Page([] if again else self.records(found, content, digest, twin), read_at)
            except FileRefused as error:
                self.trouble(str(error), place=found.name)
                page = Page(self.of_refused(found, digest, str(error)), read_at)
                if isinstance(error, NotReadable):
                    yield page
                    continue
            memory.remember(found, digest, good=not self._troubled)
            yield page

    def trouble(
        self, reason: str, excerpt: str = "", *, key: str | None = None, place: str
    ) -> None:
        """Something of a file cannot be read: it is read again with another layout."""
        self._troubled = True

    def records(self, found: Found, content: bytes, digest: str, twin: str | None) -> list[Record]:
        """The records of one file.

        Args:
            twin: Another file that had the same content.

        Raises:
            FileRefused: It is no file that can be read.
        """
        raise NotImplementedError

    def of_refused(self, found: Found, digest: str, reason: str) -> list[Record]:
        """The records that such a file has nevertheless."""
        return []

    def parsed(self, found: Found, content: bytes, digest: str) -> list[tuple[str, Parsed]]:
        """Each table of the file, read."""
        mailbox = self.mailbox

        def make() -> list[tuple[str, Parsed]]:
            return [
                (name, parse(rows(body, name, mailbox.layout), mailbox.layout))
                for name, body in mailbox.tables(found, content)
            ]

        return mailbox.recall((found.name, digest), make)


class Orders(MailboxStream):
    """Orders with their lines; the same number in a later file replaces the order."""

    name = "orders"
    primary_keys = ("id",)
    schema = record(
        "id",
        text="number file status hold_reason payment_status currency email phone note location"
        " shipping_method shipping_price ship_name ship_company ship_line1 ship_line2 ship_city"
        " ship_region ship_postal_code ship_country",
        time="placed_at updated_at",
        array="lines",
    )

    def records(self, found: Found, content: bytes, digest: str, twin: str | None) -> list[Record]:
        """The orders of one file; rows that cannot be read go to quarantine."""
        if twin is not None:
            return []
        orders: dict[str, Record] = {}
        for name, parsed in self.parsed(found, content, digest):
            for bad in parsed.bad:
                place = f"{name} line {bad.line}"
                self.trouble(bad.reason, bad.excerpt, key=bad.order, place=place)
            orders |= {n: self._order(found, name, o) for n, o in parsed.orders.items()}
        return list(orders.values())

    def trouble(
        self, reason: str, excerpt: str = "", *, key: str | None = None, place: str
    ) -> None:
        """What cannot be read goes to quarantine; the stream of files only counts it."""
        super().trouble(reason, place=place)
        self.quarantine(reason, excerpt, key=key, place=place)

    @staticmethod
    def _order(found: Found, file: str, order: dict[str, Any]) -> Record:
        at = found.modified_at.isoformat()
        return {
            **order,
            "file": file,
            "status": order["status"] or "open",
            "placed_at": order.get("placed_at") or at,
            "updated_at": at,
        }


class Files(MailboxStream):
    """Each file that arrived, and what became of it."""

    name = "files"
    primary_keys = ("name",)
    schema = record(
        "name",
        text="hash status reason",
        time="modified_at",
        integer="size orders rows refused_rows",
    )

    def sweep(self) -> Iterator[IdPage]:
        """Names of the files that lie there now."""
        yield IdPage([found.name for found in self.found()], clock.real_now())

    def records(self, found: Found, content: bytes, digest: str, twin: str | None) -> list[Record]:
        """The file, with how many orders and rows are in it."""
        if twin is not None:
            return [self._file(found, digest, "seen_twice", f"it is the same as {twin}")]
        tables = [parsed for _, parsed in self.parsed(found, content, digest)]
        self._troubled = any(parsed.bad for parsed in tables)
        counts = {
            "orders": sum(len(parsed.orders) for parsed in tables),
            "rows": sum(parsed.rows for parsed in tables),
            "refused_rows": sum(len(parsed.bad) for parsed in tables),
        }
        return [{**self._file(found, digest, "read", None), **counts}]

    def of_refused(self, found: Found, digest: str, reason: str) -> list[Record]:
        """A file that was refused arrived nevertheless."""
        return [self._file(found, digest, "refused", reason)]

    @staticmethod
    def _file(found: Found, digest: str, status: str, reason: str | None) -> Record:
        return {
            "name": found.name,
            "size": found.size,
            "hash": digest,
            "modified_at": found.modified_at.isoformat(),
            "status": status,
            "reason": reason,
        }


class Tracking(MailboxStream):
    """Tracking that target-mailbox has left for the partner."""

    name = "tracking"
    primary_keys = ("parcel_id",)
    schema = record(
        "parcel_id",
        text="operation order_number tracking_number carrier tracking_url shipped_at file",
    )

    def found(self) -> list[Found]:
        """The files that were sent, whether or not the partner has taken them since."""
        return self.mailbox.sent()

    def records(self, found: Found, content: bytes, digest: str, twin: str | None) -> list[Record]:
        """The parcels that one file tells of."""
        parcels = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
        known = [name for name in self.schema["properties"] if name != "file"]
        return [
            {name: row[name] for name in known if row.get(name)} | {"file": found.path.name}
            for row in parcels
        ]


STREAMS = (Orders, Files, Tracking)
