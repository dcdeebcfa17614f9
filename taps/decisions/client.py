"""Where the files of decisions lie: a folder of this machine, or one of an SFTP server."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

from crossdock import settings
from crossdock.errors import SettingsError
from crossdock.files.errors import FileRefused, NotReadable
from crossdock.files.sftp import Changed, Entry, SftpClient
from crossdock.files.tables import MOST_BYTES

FOLDER = "decisions"
SETTLE_SECONDS = 1.0
_TABLE = re.compile(r"^[^.~].*\.(csv|xlsx)$", re.IGNORECASE)
_NS = 10**9


class Place(Protocol):
    """A folder, wherever it is."""

    trusts_times: bool
    """Whether its clock is ours, so that the time of a file says how old it is."""

    def entries(self) -> list[Entry]:
        """The files in it."""
        ...

    def read(self, entry: Entry) -> bytes | None:
        """Content of a file; None if it changes just now.

        Raises:
            NotReadable: It cannot be read now.
        """
        ...

    def modified_at(self, entry: Entry) -> datetime:
        """When it was last written."""
        ...

    def close(self) -> None:
        """End what is open."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder of this machine.

    Attributes:
        path: The folder; where there is none, nobody has decided anything.
    """

    path: Path
    trusts_times = True

    def entries(self) -> list[Entry]:
        """The files in it; links and folders are left alone."""
        try:
            found = [each for each in os.scandir(self.path) if each.is_file(follow_symlinks=False)]
            told = [(each.name, each.stat(follow_symlinks=False)) for each in found]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(
                f"the folder {self.path} cannot be listed ({type(error).__name__})",
                hint="see who may read it",
            ) from error
        return [Entry(name, held.st_size, held.st_mtime_ns) for name, held in told]

    def read(self, entry: Entry) -> bytes | None:
        """Content of a file; None if it changes just now."""
        path = self.path / entry.name
        try:
            content = path.read_bytes()
            now = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotReadable(f"it cannot be read ({type(error).__name__}): see who may") from error
        same = (now.st_size, now.st_mtime_ns) == (entry.size, entry.modified)
        return content if same and len(content) == entry.size else None

    def modified_at(self, entry: Entry) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(entry.modified // _NS, UTC)

    def close(self) -> None:
        """Nothing is open in between."""


@dataclass(frozen=True)
class Server:
    """A folder of an SFTP server."""

    client: SftpClient
    path: str
    trusts_times = False

    def entries(self) -> list[Entry]:
        """The files in it."""
        return self.client.listing(self.path)

    def read(self, entry: Entry) -> bytes | None:
        """Content of a file; None if it changes just now."""
        with TemporaryFile() as copy:
            try:
                self.client.read(f"{self.path}/{entry.name}", entry, copy)
            except Changed:
                return None
            return copy.read()

    def modified_at(self, entry: Entry) -> datetime:
        """When it was last written, by the server's clock."""
        return datetime.fromtimestamp(entry.modified, UTC)

    def close(self) -> None:
        """End the connection."""
        self.client.close()


class Desk:
    """The files of decisions, and which of them are ready to be read.

    Args:
        place: Where they lie.
        settle: Seconds for which a new file must not change before it is read.
    """

    def __init__(
        self, place: Place, settle: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.place = place
        self._settle = settle
        self._sleep = sleep

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, connector: str) -> Desk:
        """Build it from the settings.

        Raises:
            SettingsError: One is missing or wrong.
        """
        seconds = config.get("settle_seconds")
        settle = SETTLE_SECONDS if seconds is None else float(seconds)
        if config.get("host"):
            client = SftpClient.from_config(config, connector=connector)
            return cls(Server(client, str(config.get("folder") or FOLDER)), settle)
        named = config.get("folder")
        home = settings.load()
        return cls(Folder(home.project / named if named else home.state_dir / FOLDER), settle)

    def close(self) -> None:
        """End what is open."""
        self.place.close()

    def files(self) -> list[Entry]:
        """The CSV and XLSX files there."""
        return sorted(
            (entry for entry in self.place.entries() if _TABLE.match(entry.name)),
            key=lambda entry: entry.name,
        )

    def settled(self, new: list[Entry]) -> list[Entry]:
        """Those of some new files that are not written to any more; waits a moment to see."""
        wait = max((self._left(entry) for entry in new), default=0.0)
        if wait <= 0:
            return new
        self._sleep(wait)
        now = {entry.name: entry for entry in self.files()}
        return [entry for entry in new if entry.name in now and now[entry.name].same(entry)]

    def content(self, entry: Entry) -> tuple[bytes, str] | None:
        """Content and hash of a file; None if it changes just now.

        Raises:
            FileRefused: It is too large, or (NotReadable) cannot be read now.
        """
        if entry.size > MOST_BYTES:
            raise FileRefused(f"it is larger than {MOST_BYTES >> 20} MiB")
        content = self.place.read(entry)
        return None if content is None else (content, hashlib.sha256(content).hexdigest())

    def _left(self, entry: Entry) -> float:
        """Seconds until it may be read."""
        if not self.place.trusts_times:
            return self._settle
        age = time.time() - entry.modified / _NS
        # A time that is still to come says nothing of when the file was written.
        return self._settle if age < 0 else self._settle - age
