"""The SFTP door: a thread that waits at the port, and serves once somebody knocks.

Most worlds are played over HTTP alone, so nothing is loaded and no key is made before that.
"""

from __future__ import annotations

import asyncio
import select
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.faults import Faults
    from sandbox.wms_sftp.vendor import WmsSftpVendor

PATIENCE = 10.0


class Door:
    """One listening socket and the loop that serves it."""

    def __init__(self, vendor: WmsSftpVendor, faults: Faults, listener: socket.socket) -> None:
        self._vendor = vendor
        self._faults = faults
        self._listener = listener
        self._bell, self._button = socket.socketpair()
        self._closing = False
        self._served = threading.Event()
        self._over = threading.Event()
        self._told: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._run, name="wms-sftp", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def told(self) -> dict[str, Any]:
        """Where the door is, and the key that the server shows."""
        self._button.send(b"!")
        self._served.wait(PATIENCE)
        return {"port": self.port, **self._told}

    def close(self) -> None:
        """Let nobody in any more."""
        self._closing = True
        self._over.set()
        self._button.send(b"!")
        self._thread.join(PATIENCE)
        for each in (self._listener, self._bell, self._button):
            each.close()

    def _run(self) -> None:
        select.select([self._listener, self._bell], [], [])
        if self._closing:
            return
        from sandbox.wms_sftp.server import serve

        async def until_closed() -> None:
            self._told = await serve(self._vendor, self._faults, self._listener)
            self._served.set()
            await asyncio.to_thread(self._over.wait)

        asyncio.run(until_closed())


@contextmanager
def door(vendor: WmsSftpVendor, faults: Faults, listener: socket.socket) -> Iterator[Door]:
    """Let clients in over SFTP while the context lasts; then throw the folder away."""
    opened = Door(vendor, faults, listener)
    vendor.door = opened
    try:
        yield opened
    finally:
        vendor.door = None
        opened.close()
        vendor.remove_folder()
