"""The streams of a warehouse's folder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.tap import CrossdockStream, Item, Page, Part, Reading, Record, Total, format_time
from taps.wms_sftp import shapes
from taps.wms_sftp.report import FileReport
from taps.wms_sftp.scan import Bad, plain

if TYPE_CHECKING:
    from taps.wms_sftp.inbox import Inbox
    from taps.wms_sftp.shelf import Verdict
    from taps.wms_sftp.tap import TapWmsSftp

PAGE = 1_000
PAGE_BYTES = 4 << 20
_KEY = 32
_SECOND = timedelta(seconds=1)


class FolderStream(CrossdockStream):
    """A stream that remembers files instead of times."""

    primary_keys = ("key",)
    replication_key = None

    _tap: TapWmsSftp

    @property
    def inbox(self) -> Inbox:
        """The folder, looked at once for all streams."""
        return self._tap.inbox


class RecordStream(FolderStream):
    """The lines of one or more types of files."""

    @property
    def schema(self) -> dict[str, Any]:
        """What the layout makes of its files."""
        kinds = self._tap.layout.streams.get(self.name, [])
        fields = [each for kind in kinds for each in (*kind.header, *kind.detail)]
        return shapes.schema_of(self.name, fields)

    def read(self, since: datetime | None) -> Reading:
        """The lines of all files that no earlier run has read."""
        return Reading([Part(self._pages())], False, None, self._notes)

    def _notes(self) -> Mapping[str, Any]:
        return self.inbox.shelf(self.name).notes()

    def _pages(self) -> Iterator[Item]:
        totals = _Totals()
        for verdict in self.inbox.shelf(self.name).verdicts():
            if not verdict.fresh:
                continue
            if verdict.status == "loaded":
                yield from self._file(verdict)
                totals.add(verdict)
            elif verdict.status in ("held", "conflict"):
                self.quarantine(
                    verdict.reason,
                    verdict.scan.excerpt,
                    key=verdict.sha256[:_KEY],
                    place=verdict.entry.name,
                )
        yield from totals.all()

    def _file(self, verdict: Verdict) -> Iterator[Page]:
        read_at = clock.real_now()
        base, own, key = self._shared(verdict), self._of_header(verdict), _key(verdict)
        records: list[Record] = []
        size = 0
        with self.inbox.spools.take(verdict.entry, verdict.sha256) as copy:
            for item in self.inbox.shelf(self.name).reader(verdict.name).records(copy):
                if isinstance(item, Bad):
                    place = f"{verdict.entry.name} line {item.line}"
                    self.quarantine(
                        item.reason, item.excerpt, key=f"{key}-{item.line}", place=place
                    )
                    continue
                record = {"key": f"{key}-{item.line}", **base, "line": item.line}
                records.append({**record, **own, **item.values, "extra": dict(item.extra) or None})
                size += item.size
                if len(records) >= PAGE or size >= PAGE_BYTES:
                    yield Page(records, read_at)
                    records, size = [], 0
        if records:
            yield Page(records, read_at)

    def _shared(self, verdict: Verdict) -> Record:
        name = verdict.name
        return {
            "file": verdict.entry.name,
            "type": name.type,
            "client": name.client,
            "sequence": name.sequence,
            "file_time": format_time(name.time),
        }

    def _of_header(self, verdict: Verdict) -> Record:
        return {k: v for k, v in plain(verdict.scan.header).items() if k not in shapes.OWN}


class Acknowledgements(RecordStream):
    """What the warehouse says to each line of our orders."""

    name = shapes.ACKNOWLEDGEMENTS


class ShipmentConfirmations(RecordStream):
    """What left, line by line: actual quantities, carrier, tracking."""

    name = shapes.SHIPMENTS


class StockSnapshots(RecordStream):
    """All stock at one time; only the newest of a warehouse is true."""

    name = shapes.STOCK


class ReturnReceipts(RecordStream):
    """What came back."""

    name = shapes.RETURNS


class Files(FolderStream):
    """Every file that lies there, what became of it, and the numbers that are missing."""

    name = shapes.FILES
    schema = shapes.FILES_SCHEMA

    def read(self, since: datetime | None) -> Reading:
        """What changed since the last run."""
        report = FileReport(self.inbox, self.stream_state)
        return Reading([Part(report.pages())], False, None, report.notes)


class _Totals:
    """What the trailers say of the files that were read, by the time in the file's name."""

    def __init__(self) -> None:
        self._sums: dict[tuple[datetime, str], Decimal] = {}
        self._files: Counter[datetime] = Counter()

    def add(self, verdict: Verdict) -> None:
        kind, told = verdict.name.kind, verdict.scan.trailer
        if kind is None or kind.trailer is None or not told:
            return
        at = verdict.name.time
        self._files[at] += 1
        measures = {f"sum:{of}": told[name] for name, of in kind.trailer.sums.items()}
        if kind.trailer.count:
            measures["count"] = told[kind.trailer.count]
        for measure, value in measures.items():
            if value is not None:
                before = self._sums.get((at, measure), Decimal(0))
                self._sums[at, measure] = before + Decimal(value)

    def all(self) -> Iterator[Total]:
        """One figure for each time and measure; rows are found by `file_time`."""
        for (at, measure), value in sorted(self._sums.items()):
            note = f"trailers of {self._files[at]} files, by file_time"
            yield Total(measure, str(value), at, at + _SECOND, "vendor", note)


def _key(verdict: Verdict) -> str:
    """The beginning of the keys of a file's records.

    The same content under another name is the same news, so it gets the same keys and can
    never count twice; where each repetition is news of its own, the name takes part.
    """
    kind = verdict.name.kind
    if kind is not None and kind.repeats == "load":
        text = f"{verdict.entry.name}\n{verdict.sha256}"
        return hashlib.sha256(text.encode()).hexdigest()[:_KEY]
    return verdict.sha256[:_KEY]


STREAMS = (Acknowledgements, ShipmentConfirmations, StockSnapshots, ReturnReceipts, Files)
