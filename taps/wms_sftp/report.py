"""What became of each file: the stream `files`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.tap import Page, Record, format_time
from taps.wms_sftp import shapes
from taps.wms_sftp.history import History, Status
from taps.wms_sftp.scan import plain
from taps.wms_sftp.sequences import Findings, Sequences

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry
    from taps.wms_sftp.inbox import Inbox
    from taps.wms_sftp.names import Name
    from taps.wms_sftp.scan import Scan
    from taps.wms_sftp.shelf import Verdict

SEQUENCES = "sequences"
_PAGE = 500


class FileReport:
    """The rows of one run: files whose fate changed, and numbers that are missing.

    Args:
        inbox: The folder.
        state: What the loader has committed of the stream.
    """

    def __init__(self, inbox: Inbox, state: Mapping[str, Any]) -> None:
        self._inbox = inbox
        self._history = History(state)
        self._sequences = Sequences(inbox.layout.sequence, state.get(SEQUENCES) or {})

    def pages(self) -> Iterator[Page]:
        """The rows, as the files are judged."""
        read_at = clock.real_now()
        files = self._inbox.files()
        unseen = [(n, parts) for n, (_, parts) in files.items() if not self._history.get(n)]
        found = self._sequences.see(unseen)
        rows: list[Record] = [*self._gaps(found)]
        for row in self._rows(found):
            rows.append(row)
            if len(rows) >= _PAGE:
                yield Page(rows, read_at)
                rows = []
        if rows:
            yield Page(rows, read_at)

    def notes(self) -> Mapping[str, Any]:
        """What was reported."""
        inbox = self._inbox
        told = self._history.notes(inbox.present(), inbox.places.remember, inbox.layout.digest)
        return {**told, SEQUENCES: self._sequences.notes()}

    def _rows(self, found: Findings) -> Iterator[Record]:
        shelved = self._inbox.layout.streams
        for stream in shelved:
            if self._inbox.wanted(stream):
                for verdict in self._inbox.shelf(stream).verdicts():
                    yield from self._judged(verdict, stream, found)
        for entry, name in self._inbox.files().values():
            yield from self._unjudged(entry, name)

    def _unjudged(self, entry: Entry, name: Name) -> Iterator[Record]:
        stream = name.kind.stream if name.kind else None
        if stream is not None and self._inbox.wanted(stream):
            return
        status: Status = "not_read" if stream else "unknown"
        reason = "its stream is not selected" if stream else "the layout knows no such name"
        if self._news(entry, "", status):
            yield _row(entry, name, status, stream=stream, reason=reason)

    def _judged(self, verdict: Verdict, stream: str, found: Findings) -> Iterator[Record]:
        entry, name = verdict.entry, verdict.name
        if not self._news(entry, verdict.sha256, verdict.status):
            return
        scan = verdict.scan
        if not verdict.fresh:  # judged by an earlier run whose report was lost
            scan = self._inbox.shelf(stream).scanned(verdict)
        odd = found.issues.get(entry.name)
        issues = [*verdict.issues, *([odd] if odd else [])]
        yield _row(
            entry,
            name,
            verdict.status,
            stream=stream,
            sha256=verdict.sha256 or None,
            reason=verdict.reason or None,
            same_as=verdict.same_as,
            issues=issues or None,
            **_contents(scan, name),
        )

    def _news(self, entry: Entry, sha256: str, status: Status) -> bool:
        """Whether this was not reported yet; from now on it was."""
        known = self._history.get(entry.name)
        news = known is None or known.status != status
        if known is not None and sha256 and not known.is_content(sha256):
            news = True
        self._history.put(entry, sha256, status)
        return news

    def _gaps(self, found: Findings) -> Iterator[Record]:
        for status, numbers in (("missing", found.missing), ("arrived", found.arrived)):
            for group, number in numbers:
                kind, _, client = group.partition("/")
                told = self._inbox.layout.files.get(kind)
                yield {
                    "key": f"missing:{group}:{number}",
                    "type": kind,
                    "client": client.partition("/")[0] or None,
                    "stream": told.stream if told else None,
                    "sequence": number,
                    "status": status,
                    "reason": "no file of this number has come" if status == "missing" else None,
                }


def _contents(scan: Scan, name: Name) -> Record:
    trailer = name.kind.trailer if name.kind else None
    count = scan.trailer.get(trailer.count) if trailer and trailer.count else None
    return {
        "lines": scan.lines,
        "good": scan.good,
        "bad": scan.bad,
        "count_told": count,
        "header": plain(scan.header) or None,
        "trailer": plain(scan.trailer) or None,
        "totals": {of: str(value) for of, value in sorted(scan.sums.items())} or None,
    }


def _row(entry: Entry, name: Name, status: Status, **more: Any) -> Record:
    """One row; other content under a name that was read gets a row of its own."""
    conflict = f"@{more['sha256'][:12]}" if status == "conflict" else ""
    blank = dict.fromkeys(shapes.FILES_SCHEMA["properties"])
    return {
        **{key: None for key in blank if not key.startswith("_")},
        "key": f"{entry.name}{conflict}",
        "name": entry.name,
        "type": name.type,
        "client": name.client,
        "file_time": format_time(name.time),
        "sequence": name.sequence,
        "size": entry.size,
        "modified": format_time(datetime.fromtimestamp(entry.modified, UTC)),
        "status": status,
        **more,
    }
