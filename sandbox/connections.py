"""Open connections by the caller's address, so that a fault can cut one."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

#: Seconds for what was written to leave before the connection ends.
FLUSH = 0.02


class Protocol(H11Protocol):
    """HTTP/1.1 of uvicorn that remembers its transports; ASGI itself offers no way to cut one."""

    open: ClassVar[dict[tuple[str, int], asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            self.open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            self.open.pop(self.client, None)
        super().connection_lost(exc)


async def cut(scope: Scope, receive: Receive) -> None:
    """Close the caller's connection without an answer, as a crashed server would.

    Args:
        scope: The request's scope.
        receive: The server's own `receive`, whose body has been read.
    """
    transport = Protocol.open.get(tuple(scope["client"]))
    if transport is not None:
        transport.abort()
    await gone(receive)


async def close(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """End the connection in the middle of an answer, once what was sent has left.

    Args:
        scope: The request's scope.
        receive: The server's own `receive`, whose body has been read.
        reset: The connection is reset, as by a broken machine; else it is closed in order.
    """
    transport = Protocol.open.get(tuple(scope["client"]))
    if transport is not None:
        await asyncio.sleep(FLUSH)
        if reset:
            linger_not = struct.pack("ii", 1, 0)
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
            transport.abort()
        else:
            transport.close()
    await gone(receive)


async def gone(receive: Receive, seconds: float | None = None) -> None:
    """Wait until the caller has gone, but no longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                continue
