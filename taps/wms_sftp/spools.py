"""Copies of the server's files on this machine, for as long as they are being read."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from crossdock.files.sftp import Changed

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry, SftpClient

KEPT = 4
IN_MEMORY = 1 << 20
_PIECE = 1 << 20


class Spools:
    """Copies in memory where they are small, else in files without a name.

    A file without a name is gone with the process, however that ends.

    Args:
        client: The server.
        path: The path of a file on it.
    """

    def __init__(self, client: SftpClient, path: Callable[[str], str]) -> None:
        self._client = client
        self._path = path
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, IO[bytes]]] = OrderedDict()

    def fetch(self, entry: Entry) -> tuple[str, IO[bytes]]:
        """Copy a file; answers the SHA-256 of its content, and the copy.

        Raises:
            Changed: The file is being written to.
        """
        # The class has every method of IO, and does not say so.
        copy = cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
        self._client.read(self._path(entry.name), entry, copy)
        digest = hashlib.sha256()
        while piece := copy.read(_PIECE):
            digest.update(piece)
        copy.seek(0)
        return digest.hexdigest(), copy

    def keep(self, name: str, sha256: str, copy: IO[bytes]) -> None:
        """Keep a copy for whoever takes it; the oldest one goes when there are too many."""
        with self._lock:
            self._kept[name] = (sha256, copy)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1][1].close()

    def take(self, entry: Entry, sha256: str) -> IO[bytes]:
        """The copy of a file that was judged before; it is the taker's to close.

        Raises:
            Changed: The file is another one by now.
        """
        with self._lock:
            kept = self._kept.pop(entry.name, None)
        if kept is None or kept[0] != sha256:
            kept = self.fetch(entry)
        if kept[0] != sha256:
            raise Changed(f"{entry.name} has changed since it was looked at",
                          hint="run again")  # fmt: skip
        kept[1].seek(0)
        return kept[1]
