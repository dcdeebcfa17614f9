"""The one stream of decisions: sheets as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock import clock
from crossdock.files.errors import FileRefused, NotReadable
from crossdock.tap import CrossdockStream, IdPage, Page, Reading, Record, record
from crossdock.tap.pages import Item
from taps.decisions.sheets import WHEN, WHO, Sheet, author_of, parse

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry
    from taps.decisions.client import Desk


@dataclass
class Memory:
    """The files that were read: name to size, time, hash, and the keys of its sheets."""

    files: dict[str, list[Any]] = field(default_factory=dict)

    def knows(self, entry: Entry) -> bool:
        """Whether the file was judged as it is."""
        held = self.files.get(entry.name)
        return held is not None and held[:2] == [entry.size, entry.modified]

    def has_content(self, entry: Entry, digest: str) -> bool:
        """Whether just this was judged under its name, though it was written anew since."""
        held = self.files.get(entry.name)
        return held is not None and held[2] == digest

    def keys(self, name: str) -> list[str]:
        """The sheets that count for a file: those of the last version that could be read."""
        held = self.files.get(name)
        return list(held[3]) if held else []

    def remember(self, entry: Entry, digest: str, keys: list[str]) -> None:
        """The file was judged."""
        self.files[entry.name] = [entry.size, entry.modified, digest, keys]


class Sheets(CrossdockStream):
    """Each sheet with all of its rows: what is not in its last version any more is not decided."""

    name = "sheets"
    primary_keys = ("key",)
    replication_key = None
    schema = record(
        "key",
        text="sheet file hash author",
        time="modified_at",
        integer="size row_count refused_rows",
        array="columns rows",
    )

    @property
    def desk(self) -> Desk:
        """The folder."""
        return self._tap.client  # type: ignore[return-value]

    def read(self, since: datetime | None) -> Reading:
        """Files that are new or were changed."""
        self._present = self.desk.files()
        self._memory = Memory(dict(self.stream_state.get("files") or {}))
        self._swept: list[str] | None = self.stream_state.get("swept")
        self._troubled = False
        return Reading([self._pages()], full=False, notes=self._notes)

    def _notes(self) -> dict[str, Any]:
        names = {entry.name for entry in self._present}
        files = {n: held for n, held in self._memory.files.items() if n in names}
        return {"files": files, "swept": self._swept}

    def _pages(self) -> Iterator[Item]:
        new = [entry for entry in self._present if not self._memory.knows(entry)]
        for entry in self.desk.settled(new):
            read_at = clock.real_now()
            records = self._file(entry)
            if records:
                yield Page(records, read_at)
        yield from self._existing()

    def _existing(self) -> Iterator[IdPage]:
        """The keys of all sheets, when they are others than those that were told last.

        Nothing is marked as deleted beside something in quarantine: then the next run tells again.
        """
        keys = sorted(key for entry in self._present for key in self._memory.keys(entry.name))
        if keys == self._swept:
            return
        yield IdPage(keys, clock.real_now())
        self._swept = None if self._troubled else keys

    def quarantine(
        self, reason: str, excerpt: str = "", *, key: str | None = None, place: str | None = None
    ) -> None:
        """Keep what cannot be read for a person to see."""
        self._troubled = True
        super().quarantine(reason, excerpt, key=key, place=place)

    def _file(self, entry: Entry) -> list[Record]:
        digest, keys = "", self._memory.keys(entry.name)
        try:
            held = self.desk.content(entry)
            if held is None:  # the next run finds it whole
                return []
            content, digest = held
            if self._memory.has_content(entry, digest):
                records = []
            else:
                author = author_of(content)
                found = parse(content, entry.name)
                records = [self._sheet(entry, digest, author, sheet) for sheet in found]
                keys = [str(each["key"]) for each in records]
        except FileRefused as error:
            # What its last version said goes on to count: half a sheet would undo decisions.
            self.quarantine(str(error), key=entry.name, place=entry.name)
            if isinstance(error, NotReadable):
                return []
            records = []
        self._memory.remember(entry, digest, keys)
        return records

    def _sheet(self, entry: Entry, digest: str, author: str | None, sheet: Sheet) -> Record:
        key = entry.name
        if not entry.name.lower().endswith(".csv"):
            key = f"{entry.name}#{sheet.name}"
        for bad in sheet.bad:
            place = f"{key} line {bad.line}"
            self.quarantine(bad.reason, bad.excerpt, key=place, place=place)
        modified_at = self.desk.place.modified_at(entry).isoformat()
        # Where a row does not say who and when, the file does.
        told = {WHEN: modified_at} | ({WHO: author} if author else {})
        return {
            "key": key,
            "sheet": sheet.name,
            "file": entry.name,
            "size": entry.size,
            "hash": digest,
            "modified_at": modified_at,
            "author": author,
            "row_count": len(sheet.rows),
            "refused_rows": len(sheet.bad),
            "columns": sheet.columns,
            "rows": [{**told, **row} for row in sheet.rows],
        }


STREAMS = (Sheets,)
