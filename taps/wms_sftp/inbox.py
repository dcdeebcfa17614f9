"""The folder where the warehouse puts its files: which are there, and which are done with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from crossdock.errors import CrossdockError
from taps.wms_sftp import names
from taps.wms_sftp.history import DONE, History
from taps.wms_sftp.shelf import Shelf
from taps.wms_sftp.spools import Spools

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry, SftpClient
    from taps.wms_sftp.layout import Layout
    from taps.wms_sftp.names import Name

log = logging.getLogger("tap-wms-sftp")
MOST_NAMES = 1_000


@dataclass(frozen=True)
class Places:
    """Folders on the server, and how its files are treated.

    Attributes:
        out: Where the warehouse puts its files.
        archive: Where those go that the loader has committed; empty: they stay.
        settle: Seconds for which a file must not have changed.
        remember: Files that are no longer there and still known by their content.
        release: Contents that a person has looked at: they are read whatever is wrong.
    """

    out: str
    archive: str
    settle: float = 60.0
    remember: int = 2_000
    release: tuple[str, ...] = ()

    def path(self, name: str) -> str:
        """The path of a file in the folder of the warehouse."""
        return str(PurePosixPath(self.out) / name)


class Inbox:
    """All files of one run; looked at once, however many streams read them.

    Args:
        client: The server.
        layout: What the files look like.
        places: Folders and rules.
        states: Name of a stream to what the loader has committed of it.
        selected: Streams that are read in this run.
    """

    def __init__(
        self,
        client: Callable[[], SftpClient],
        layout: Layout,
        places: Places,
        states: Callable[[str], Mapping[str, Any]],
        selected: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._lock = threading.RLock()
        self._states = states
        self._selected = selected
        self._all_names: set[str] = set()
        self._listed: dict[str, tuple[Entry, Name]] | None = None
        self._shelves: dict[str, Shelf] = {}
        self._spools: Spools | None = None
        self.layout = layout
        self.places = places

    @property
    def client(self) -> SftpClient:
        """The server."""
        return self._client()

    def files(self) -> dict[str, tuple[Entry, Name]]:
        """The files that lie there and are ours to look at, oldest first."""
        with self._lock:
            if self._listed is None:
                found = self.client.listing(self.places.out)
                self._all_names = {entry.name for entry in found}
                self._listed = self._sorted(found)
            return self._listed

    @property
    def spools(self) -> Spools:
        """Copies of files that are being read."""
        with self._lock:
            if self._spools is None:
                self._spools = Spools(self.client, self.places.path)
            return self._spools

    def shelf(self, stream: str) -> Shelf:
        """The files of one stream."""
        with self._lock:
            if stream not in self._shelves:
                mine = [
                    (entry, name)
                    for entry, name in self.files().values()
                    if name.kind is not None and name.kind.stream == stream
                ]
                self._shelves[stream] = Shelf(self, mine, History(self._states(stream)))
            return self._shelves[stream]

    def wanted(self, stream: str) -> bool:
        """Whether a stream is read in this run."""
        return self._selected(stream)

    def present(self) -> Collection[str]:
        """Names of everything that lies there."""
        return self.files().keys()

    def done_for(self, name: str) -> bool:
        """Whether the file that tells of another one's end lies beside it."""
        return f"{name}{self.layout.done_suffix}" in self._all_names

    def _sorted(self, entries: list[Entry]) -> dict[str, tuple[Entry, Name]]:
        found = {
            entry.name: (entry, names.read(entry, self.layout))
            for entry in entries
            if not self.layout.passes_over(entry.name)
        }
        gone = self._put_away(found)
        kept = [pair for name, pair in found.items() if name not in gone]
        kept.sort(key=lambda pair: (pair[1].order, pair[0].name))
        return {entry.name: (entry, name) for entry, name in kept}

    def _put_away(self, found: Mapping[str, tuple[Entry, Name]]) -> set[str]:
        """Move the files to the archive that earlier runs have read and the loader committed.

        The state that a run begins with is what the loader has committed: no file leaves
        before its records are safe.
        """
        if not self.places.archive:
            return set()
        histories = {stream: History(self._states(stream)) for stream in self.layout.streams}
        told = History(self._states("files"))
        due = []
        for name, (entry, parts) in found.items():
            if parts.kind is None:
                continue
            seen = [histories[parts.kind.stream].get(name)]
            if self.wanted("files"):
                seen.append(told.get(name))
            if all(each and each.same(entry) and each.status in DONE for each in seen):
                due.append(name)
        return self._move(due)

    def _move(self, due: list[str]) -> set[str]:
        moved: set[str] = set()
        if not due:
            return moved
        try:
            self.client.make_folder(self.places.archive)
            for name in due:
                self._archive(name)
                moved.add(name)
                if self.layout.done_suffix and self.done_for(name):
                    self._archive(f"{name}{self.layout.done_suffix}")
        except CrossdockError as error:
            # They were read, and stay known as long as they lie there.
            log.warning("files stay where they are, for they cannot be archived: %s", error)
        return moved

    def _archive(self, name: str) -> None:
        folder = PurePosixPath(self.places.archive)
        for number in range(1, MOST_NAMES):
            target = folder / (name if number == 1 else f"{name}.{number}")
            if self.client.rename(self.places.path(name), str(target)):
                return
        raise CrossdockError(f"{folder} holds {MOST_NAMES} files of the name {name}")
