"""The files of one stream, judged one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING

from crossdock import clock
from crossdock.files.sftp import Changed
from taps.wms_sftp.scan import FileReader, Scan

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry
    from taps.wms_sftp.history import History, Seen, Status
    from taps.wms_sftp.inbox import Inbox
    from taps.wms_sftp.names import Name

_TAKEN = ("loaded", "duplicate", "conflict")
_LEAST_DIGITS = 8


@dataclass(frozen=True)
class Verdict:
    """What a file is worth.

    Attributes:
        fresh: This run judged it; else an earlier one did.
        reason: Why it is not read.
        same_as: The file that had its content before.
        issues: What is odd about a file that is read nevertheless.
    """

    entry: Entry
    name: Name
    status: Status
    sha256: str = ""
    fresh: bool = True
    reason: str = ""
    same_as: str | None = None
    scan: Scan = field(default_factory=Scan)
    issues: tuple[str, ...] = ()


class Shelf:
    """Judges each file once, in order, however many ask.

    Nothing wrong is acted upon and nothing is lost: a file that contradicts itself or an
    earlier one is held as a whole and stays where it is until a person decides.
    """

    def __init__(self, inbox: Inbox, files: Sequence[tuple[Entry, Name]], history: History) -> None:
        self._inbox = inbox
        self._files = files
        self._lock = threading.Lock()
        self._made: list[Verdict] = []
        self._contents: dict[str, str] = {}
        self._other_layout = history.layout != inbox.layout.digest
        self.history = history

    def verdicts(self) -> Iterator[Verdict]:
        """The verdicts on all files, oldest file first."""
        for index, (entry, name) in enumerate(self._files):
            with self._lock:
                if index == len(self._made):
                    self._made.append(self._judge(entry, name))
            yield self._made[index]

    def reader(self, name: Name) -> FileReader:
        """What reads such a file."""
        if name.kind is None:
            raise ValueError("only files of a known type are on a shelf")
        return FileReader(self._inbox.layout, name.kind)

    def scanned(self, verdict: Verdict) -> Scan:
        """What a file says that an earlier run has judged."""
        with self._inbox.spools.fetch(verdict.entry)[1] as copy:
            return self.reader(verdict.name).scan(copy)

    def notes(self) -> dict[str, object]:
        """What is to be remembered once all files have been handed over."""
        for verdict in self._made:
            if verdict.status != "waiting":
                self.history.put(verdict.entry, verdict.sha256, verdict.status)
        inbox = self._inbox
        return self.history.notes(inbox.present(), inbox.places.remember, inbox.layout.digest)

    def _judge(self, entry: Entry, name: Name) -> Verdict:
        layout, known = self._inbox.layout, self.history.get(entry.name)
        if known and known.same(entry) and not self._again(known):
            return Verdict(entry, name, known.status, known.sha256, fresh=False)
        if layout.done_suffix and not self._inbox.done_for(entry.name):
            return Verdict(entry, name, "waiting", reason="its end has not been told yet")
        try:
            sha256, copy = self._inbox.spools.fetch(entry)
        except Changed:
            return Verdict(entry, name, "waiting", reason="it was written to while it was read")
        verdict = self._weigh(entry, name, known, sha256, copy)
        if verdict.status == "loaded" and verdict.fresh:
            self._contents.setdefault(sha256, entry.name)
            self._inbox.spools.keep(entry.name, sha256, copy)
        else:
            copy.close()
        return verdict

    def _weigh(
        self, entry: Entry, name: Name, known: Seen | None, sha256: str, copy: IO[bytes]
    ) -> Verdict:
        released = self._released(sha256)
        if known and known.is_content(sha256) and not self._again(known):
            return Verdict(entry, name, known.status, sha256, fresh=False)
        twin = self.history.twin(sha256, entry.name) or self._contents.get(sha256)
        if twin and not released and name.kind and name.kind.repeats == "hold":
            return Verdict(
                entry, name, "duplicate", sha256, same_as=twin, reason=f"{twin} had this content"
            )
        settled = self._settled(entry)
        if known and known.status in _TAKEN and not known.is_content(sha256) and not released:
            if not settled:
                return Verdict(entry, name, "waiting", reason="it is being written again")
            told = "another file of this name was read before, with other content"
            return Verdict(entry, name, "conflict", sha256, reason=told)
        scan = self.reader(name).scan(copy)
        if scan.problems and not (released and scan.readable):
            told = "; ".join(scan.problems)
            status: Status = "held" if settled else "waiting"
            return Verdict(entry, name, status, sha256 if settled else "", reason=told, scan=scan)
        if not (settled or scan.trailer or self._inbox.layout.done_suffix):
            return Verdict(entry, name, "waiting", reason="it may still be being written")
        issues = tuple(_issues(name, scan, released))
        return Verdict(entry, name, "loaded", sha256, scan=scan, issues=issues)

    def _again(self, known: Seen) -> bool:
        """Whether a file that was refused is looked at once more."""
        if known.status == "held" and self._other_layout:
            return True
        return known.status in ("held", "conflict", "duplicate") and self._released(known.sha256)

    def _released(self, sha256: str) -> bool:
        told = (text.strip().lower() for text in self._inbox.places.release)
        return any(
            len(text) >= _LEAST_DIGITS and (sha256.startswith(text) or text.startswith(sha256))
            for text in told
        )

    def _settled(self, entry: Entry) -> bool:
        """Whether a file has not changed for long enough.

        Its time is the server's, whose clock may be ahead: then what we saw ourselves counts.
        """
        now, settle = clock.now(), timedelta(seconds=self._inbox.places.settle)
        since = self.history.unchanged_since(entry, now)
        return min(since, datetime.fromtimestamp(entry.modified, UTC)) + settle <= now


def _issues(name: Name, scan: Scan, released: bool) -> Iterator[str]:
    if released:
        yield "a person released it"
    yield from scan.problems
    if scan.bad:
        yield f"{scan.bad} of {scan.lines} lines are in quarantine"
    told = scan.header.get("sequence")
    if told is not None and name.sequence is not None and int(told) != name.sequence:
        yield f"the header says number {told}, the name {name.sequence}"
