"""Serves the warehouse's folder over SFTP with asyncssh."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import asyncssh

from sandbox.wms_sftp.folder import NAME
from sandbox.wms_sftp.vendor import PASSWORD, USER

if TYPE_CHECKING:
    import socket

    from sandbox.faults import Faults
    from sandbox.wms_sftp.vendor import WmsSftpVendor

#: Kinds of faults that break a request over SFTP.
OF_REQUESTS = ("down", "drop_before", "status", "reset", "slow", "timeout")
_WRITING = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT


class _Login(asyncssh.SSHServer):
    """Lets one user in, by password or with a key that was made known."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = [asyncssh.import_public_key(key) for key in keys]

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key in self._keys


class _Files(asyncssh.SFTPServer):
    """The vendor's folder as the root of all paths. A plain rename never overwrites."""

    def __init__(self, chan: Any, vendor: WmsSftpVendor, faults: Faults) -> None:
        super().__init__(chan, chroot=str(vendor.folder.root).encode())
        self._vendor = vendor
        self._faults = faults
        self._writing: dict[int, bytes] = {}

    async def _request(self, what: str, path: bytes, *, writes: bool = False) -> None:
        """Count a request, and break it if a rule says so."""
        self._vendor.counted(writes=writes)
        place = f"{what} {path.decode(errors='replace')}"
        fault = self._faults.pick(NAME, place, request=place, kinds=OF_REQUESTS)
        if fault is None:
            return
        await asyncio.sleep(fault.rule.wait)
        if fault.rule.kind != "slow":
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("cut on purpose")

    async def scandir(self, path: bytes) -> Any:
        await self._request("list", path)
        async for name in super().scandir(path):
            yield name

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        writes = bool(pflags & _WRITING)
        await self._request("write" if writes else "open", path, writes=writes)
        file: Any = super().open(path, pflags, attrs)
        if writes:
            self._writing[id(file)] = path
        return file

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        await self._request("read", str(getattr(file_obj, "name", "")).encode())
        content: Any = super().read(file_obj, offset, size)
        return bytes(content)

    async def close(self, file_obj: Any) -> None:
        path = self._writing.pop(id(file_obj), None)
        super().close(file_obj)
        if path is not None:
            self._vendor.arrived(path.decode())

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._request("rename", oldpath, writes=True)
        super().rename(oldpath, newpath)
        self._vendor.arrived(newpath.decode())

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._request("rename", oldpath, writes=True)
        super().posix_rename(oldpath, newpath)
        self._vendor.arrived(newpath.decode())


async def serve(vendor: WmsSftpVendor, faults: Faults, listener: socket.socket) -> dict[str, Any]:
    """Let clients in; answers where, and the key that the server shows."""
    # asyncssh tells every connection at INFO, and of cut ones more than anybody wants.
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
    key = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.create_server(
        lambda: _Login(vendor.keys),
        sock=listener,
        server_host_keys=[key],
        sftp_factory=lambda chan: _Files(chan, vendor, faults),
        allow_scp=False,
        config=[],
    )
    return {
        "fingerprint": key.get_fingerprint(),
        "host_key": key.export_public_key().decode().strip(),
    }
