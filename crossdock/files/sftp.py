"""An SFTP server: a client with a pinned host key, which tries again when cut off."""

from __future__ import annotations

import asyncio
import random
import stat
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError, wait
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import asyncssh

from crossdock.errors import CrossdockError
from crossdock.files.login import Login
from crossdock.http.errors import ApiError, AuthError, Rejected, VendorDown
from crossdock.http.retry import Retry

T = TypeVar("T")
Work = Callable[[asyncssh.SFTPClient], Awaitable[T]]

PIECE = 4 << 20
_POLL = 0.2
_LOST = (
    asyncssh.ConnectionLost,
    asyncssh.DisconnectError,
    asyncssh.ChannelOpenError,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    OSError,
    TimeoutError,
)
_RETRY = Retry()
_REFUSED = (asyncssh.HostKeyNotVerifiable, asyncssh.PermissionDenied, asyncssh.KeyExchangeFailed)


@dataclass(frozen=True)
class Entry:
    """A file on the server."""

    name: str
    size: int
    modified: int

    def same(self, other: Entry) -> bool:
        """Whether it looks as it did when the other one was seen."""
        return (self.size, self.modified) == (other.size, other.modified)


class Changed(CrossdockError):  # noqa: N818
    """The file was written to while it was being read."""


class SftpClient:
    """Requests to one server, from any thread; they share one connection.

    Args:
        login: Where the server is, and who we are.
        connector: Name of the connector, for messages.
        timeout: Seconds that one request may take.
        retry: How often a request is tried whose connection was lost.
        sleep: What waits between two tries.
    """

    def __init__(
        self,
        login: Login,
        *,
        connector: str,
        timeout: float = 60.0,
        retry: Retry = _RETRY,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._login = login
        self._connector = connector
        self._timeout = timeout
        self._retry = retry
        self._sleep = sleep
        self._closed = False
        self._turn = threading.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True).start()

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, connector: str) -> SftpClient:
        """The client that the settings describe.

        Raises:
            SettingsError: The login is not complete, or no host key is pinned.
        """
        login = Login.from_config(config)
        return cls(login, connector=connector, timeout=float(config.get("timeout") or 60))

    def listing(self, folder: str) -> list[Entry]:
        """The plain files in a folder."""

        async def work(sftp: asyncssh.SFTPClient) -> list[Entry]:
            return [_entry(name) async for name in sftp.scandir(folder) if _plain(name)]

        return self._ask(work, folder)

    def read(self, path: str, expected: Entry, into: IO[bytes]) -> None:
        """Copy a file, which must not change meanwhile.

        Raises:
            Changed: It did.
        """

        into.seek(0)
        into.truncate()
        left = expected.size
        # Piece by piece, so that a line that breaks costs one of them; and no further than the
        # listing said, for a file that grows faster than we read would have no end.
        while left and (piece := self._piece(path, expected.size - left, min(PIECE, left))):
            left -= into.write(piece)
        after = self.find(path)
        if left or after is None or not after.same(expected):
            raise Changed(f"{path} is being written to", hint="the next run looks again")
        into.seek(0)

    def _piece(self, path: str, offset: int, size: int) -> bytes:
        async def work(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(path, "rb", encoding=None) as file:
                return bytes(await file.read(size, offset))  # type: ignore[arg-type]

        return self._ask(work, path)

    def find(self, path: str) -> Entry | None:
        """The file at a path, if there is one."""

        async def work(sftp: asyncssh.SFTPClient) -> Entry | None:
            try:
                found = await sftp.lstat(path)
            except asyncssh.SFTPNoSuchFile:
                return None
            return Entry(path.rpartition("/")[2], int(found.size or 0), int(found.mtime or 0))

        return self._ask(work, path)

    def make_folder(self, path: str) -> None:
        """Make a folder if there is none."""

        async def work(sftp: asyncssh.SFTPClient) -> None:
            if not await sftp.exists(path):
                await sftp.mkdir(path)

        self._ask(work, path)

    def write(self, path: str, content: bytes) -> None:
        """Put a file there, whole; one of that name is written over."""

        async def work(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(path, "wb", encoding=None) as file:
                await file.write(content)

        self._ask(work, path)

    def remove(self, path: str) -> None:
        """Take a file away, if it is there."""

        async def work(sftp: asyncssh.SFTPClient) -> None:
            if await sftp.exists(path):
                await sftp.remove(path)

        self._ask(work, path)

    def rename(self, old: str, new: str) -> bool:
        """Move a file; false if there is one of the new name, which stays as it is.

        The plain rename of the protocol fails on a name that is taken, but some servers
        overwrite; so it is looked up before.
        """
        if self.find(new) is not None:
            return False

        async def work(sftp: asyncssh.SFTPClient) -> bool:
            try:
                await sftp.rename(old, new)
            except asyncssh.SFTPError:
                if not await sftp.exists(new):
                    raise
                # An earlier try has moved it whose answer was lost, or the name is taken.
                return not await sftp.exists(old)
            return True

        return self._ask(work, old)

    def close(self) -> None:
        """End the connection; whoever waits for an answer gets none."""
        self._closed = True
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._disconnect()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    def _ask(self, work: Work[T], path: str) -> T:
        # One after the other: a line that breaks then breaks one request and not all of them.
        with self._turn:
            return self._tried(work, path)

    def _tried(self, work: Work[T], path: str) -> T:
        for attempt in range(1, self._retry.tries + 1):
            try:
                return self._run(self._do(work))
            except _REFUSED as error:
                raise self._auth(error, path, attempt) from error
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
                raise self._rejected("there is no such file or folder", path, attempt) from error
            except asyncssh.SFTPPermissionDenied as error:
                raise self._rejected("the server denies it", path, attempt) from error
            except _LOST as error:
                if attempt == self._retry.tries or self._closed:
                    told = f"the connection failed: {_told(error)}"
                    raise self._error(VendorDown, told, path, attempt) from error
                self._sleep(self._retry.pause(attempt, random.random))
            except asyncssh.Error as error:
                raise self._rejected(_told(error), path, attempt) from error
        raise AssertionError("the last try answers or raises")

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        gone = CrossdockError(f"{self._connector}: the connection has been closed")
        if self._closed:
            work.close()
            raise gone
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        # Who asks in the moment in which the connection is closed would wait for ever.
        while not wait([answer], timeout=_POLL).done:
            if self._closed:
                answer.cancel()
                raise gone
        try:
            return answer.result()
        except CancelledError as error:
            raise gone from error

    async def _do(self, work: Work[T]) -> T:
        sftp = await self._connected()
        try:
            return await self._in_time(work(sftp))
        except _LOST:
            self._disconnect()
            raise

    async def _in_time(self, work: Awaitable[T]) -> T:
        return await asyncio.wait_for(work, self._timeout)

    async def _connected(self) -> asyncssh.SFTPClient:
        if self._sftp is None:
            self._connection = await self._in_time(self._login.connect(self._timeout))
            self._sftp = await self._in_time(self._connection.start_sftp_client())
        return self._sftp

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._sftp = self._connection = None

    def _auth(self, error: Exception, path: str, attempt: int) -> ApiError:
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return self._error(
                AuthError,
                f"the server shows the key {self._login.offered or 'of an unknown kind'}, "
                "which is not the pinned one",
                path,
                attempt,
                "ask its owner; if it is theirs, set host_key_fingerprint to it",
            )
        told = "the server does not let us in"
        if isinstance(error, asyncssh.KeyExchangeFailed):
            told = "the server and we know no common encryption"
        return self._error(
            AuthError,
            told,
            path,
            attempt,
            "check username and password, or private_key, in meltano.yml or .env",
        )

    def _rejected(self, message: str, path: str, attempt: int) -> ApiError:
        return self._error(Rejected, message, path, attempt, "check the folders in the settings")

    def _error(
        self,
        kind: type[ApiError],
        message: str,
        path: str,
        attempt: int,
        hint: str = "is the server up, and the address right?",
    ) -> ApiError:
        return kind(
            message, connector=self._connector, stream="sftp", path=path, attempt=attempt, hint=hint
        )


def _plain(name: asyncssh.SFTPName) -> bool:
    kind = name.attrs.permissions
    return kind is None or stat.S_ISREG(kind)


def _entry(name: asyncssh.SFTPName) -> Entry:
    text = name.filename if isinstance(name.filename, str) else name.filename.decode()
    return Entry(text, int(name.attrs.size or 0), int(name.attrs.mtime or 0))


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
