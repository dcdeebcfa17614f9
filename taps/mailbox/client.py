"""The folder that a partner shares with us: what lies there, what is new, what is still written."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from crossdock import clock
from crossdock.errors import SettingsError
from crossdock.files.errors import FileRefused, NotReadable
from crossdock.files.tables import MOST_BYTES
from taps.mailbox import mail
from taps.mailbox.layout import Layout

INBOX, MAIL, OUTBOX, SENT = "inbox", "mail", "outbox", "sent"
SETTLE_SECONDS = 10
# Half-written or locked files of browsers, transfer programs and spreadsheets.
_UNFINISHED = re.compile(r"^[.~]|\.(tmp|part|partial|filepart|crdownload|swp)$|~$", re.IGNORECASE)
_MAILDIR = ("new", "cur")
_MOST_HASHES = 2_000
_MOST_RECENT = 2

Made = TypeVar("Made")


@dataclass(frozen=True)
class Found:
    """A file in the folder.

    Attributes:
        name: Its path in the folder; a Maildir's mail keeps its name when it is opened.
        path: Where it is now.
        size: Its size in bytes.
        changed: When it was last written, in nanoseconds.
    """

    name: str
    path: Path
    size: int
    changed: int

    @property
    def modified_at(self) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(self.changed // 10**9, UTC)


@dataclass
class Memory:
    """Which files were read: `files` by name, and hashes of those that are gone by now.

    A file that had something wrong also keeps the layout that it was read with: with another one
    it is read again.
    """

    files: dict[str, list[Any]]
    hashes: list[str]
    layout: str

    @classmethod
    def of(cls, state: Mapping[str, Any], layout: str) -> Self:
        """As a stream's state has it."""
        return cls(dict(state.get("files") or {}), list(state.get("hashes") or []), layout)

    def knows(self, found: Found) -> bool:
        """Whether the file was read as it is, judging by its size and time."""
        held = self.files.get(found.name)
        return held is not None and held[:2] == [found.size, found.changed] and self._good(held)

    def has_read(self, found: Found, digest: str) -> bool:
        """Whether just this was read under this name, though it was written anew since."""
        held = self.files.get(found.name)
        return held is not None and held[2] == digest and self._good(held)

    def twin_of(self, found: Found, digest: str) -> str | None:
        """Another file that had this content, if one had."""
        if digest in self.hashes:
            return "an earlier file"
        others = (name for name, held in self.files.items() if held[2] == digest)
        return next((name for name in others if name != found.name), None)

    def remember(self, found: Found, digest: str, *, good: bool) -> None:
        """The file was read; `good`: all of it."""
        mark = None if good else self.layout
        self.files[found.name] = [found.size, found.changed, digest, mark]

    def as_state(self, present: set[str]) -> dict[str, Any]:
        """What a stream's state shall hold; of files that are gone only their hash."""
        gone = [held[2] for name, held in self.files.items() if name not in present and held[2]]
        kept = {name: held for name, held in self.files.items() if name in present}
        return {"files": kept, "hashes": [*self.hashes, *gone][-_MOST_HASHES:]}

    def _good(self, held: list[Any]) -> bool:
        return held[3] in (None, self.layout)


class Mailbox:
    """One partner's folder.

    Args:
        folder: The folder; `inbox` and `mail` in it are read, `sent` holds what we wrote.
        layout: How the partner writes tables.
        settle: Files written less than this ago may still be written.
    """

    def __init__(self, folder: Path, layout: Layout, settle: timedelta) -> None:
        self.folder = folder
        self.layout = layout
        self._settle = settle
        self._recent: dict[Any, Any] = {}
        self._turn = threading.Lock()

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, connector: str) -> Self:
        """Build it from a connector's settings.

        Raises:
            SettingsError: There is no such folder, or the layout is wrong.
        """
        if not config.get("folder"):
            raise SettingsError(f"{connector}: folder is missing", hint="set it in meltano.yml")
        folder = Path(config["folder"])
        if not folder.is_dir():
            raise SettingsError(
                f"{connector}: cannot connect: there is no folder {folder}",
                hint="make it, mount it, or set another folder",
            )
        seconds = config.get("settle_seconds")
        settle = SETTLE_SECONDS if seconds is None else float(seconds)
        return cls(folder, Layout.load(config.get("layout")), timedelta(seconds=settle))

    def close(self) -> None:
        """Nothing is open in between."""

    def found(self) -> list[Found]:
        """Files that are ready to be read, oldest first."""
        before = clock.real_now() - self._settle
        ready = [
            found
            for found in (*self._files(INBOX), *self._files(MAIL), *self._mails())
            if not before < found.modified_at <= clock.real_now()
        ]
        return sorted(ready, key=lambda found: (found.changed, found.name))

    def sent(self) -> list[Found]:
        """Files with tracking that we wrote."""
        return sorted(self._files(SENT), key=lambda found: found.name)

    def recall(self, key: Any, make: Callable[[], Made]) -> Made:
        """What was made of a file: two streams look at each, and it is read for both at once."""
        with self._turn:
            if key not in self._recent:
                made = make()
                while len(self._recent) >= _MOST_RECENT:
                    del self._recent[next(iter(self._recent))]
                self._recent[key] = made
            found: Made = self._recent[key]
            return found

    def tables(self, found: Found, content: bytes) -> Iterator[tuple[str, bytes]]:
        """Name and content of the tables that a file is, or that are attached to it.

        Raises:
            FileRefused: It is no mail that may be read.
        """
        if not found.name.startswith(f"{MAIL}/"):
            yield found.name, content
            return
        for name, body in mail.attachments(content, self.layout.senders):
            yield f"{found.name}/{name}", body

    def _files(self, folder: str) -> Iterator[Found]:
        for path in self._listed(folder):
            if not _UNFINISHED.search(path.name) and (seen := _seen(path, folder)):
                yield seen

    def _mails(self) -> Iterator[Found]:
        """Mails of a Maildir, whose name goes on with flags once somebody has opened them."""
        for folder in _MAILDIR:
            for path in self._listed(f"{MAIL}/{folder}"):
                if seen := _seen(path, MAIL, path.name.partition(":")[0]):
                    yield seen

    def _listed(self, folder: str) -> list[Path]:
        place = self.folder / folder
        try:
            return [Path(entry.path) for entry in os.scandir(place)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(
                f"the folder {place} cannot be listed ({type(error).__name__})",
                hint="see who may read it",
            ) from error


def content_of(found: Found) -> tuple[bytes, str] | None:
    """Content and hash of a file; None if it is being written right now.

    Raises:
        FileRefused: It is too large, or (NotReadable) cannot be read now.
    """
    if found.size > MOST_BYTES:
        raise FileRefused(f"it is larger than {MOST_BYTES >> 20} MiB")
    try:
        content = found.path.read_bytes()
        now = found.path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotReadable(f"it cannot be read ({type(error).__name__}): see who may") from error
    if (now.st_size, now.st_mtime_ns) != (found.size, found.changed) or len(content) != found.size:
        return None
    return content, hashlib.sha256(content).hexdigest()


def _seen(path: Path, folder: str, name: str | None = None) -> Found | None:
    """The file, unless it is none: links and folders are left alone."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        held = path.stat()
    except OSError:
        return None
    shown = (name or path.name).encode("utf-8", "backslashreplace").decode()
    return Found(f"{folder}/{shown}", path, held.st_size, held.st_mtime_ns)
