"""Open connections by the caller's address, so that a fault can cut one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope


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
    Protocol.open[tuple(scope["client"])].abort()
    while (await receive())["type"] != "http.disconnect":
        continue
