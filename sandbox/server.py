"""Serves a sandbox over real HTTP on the loopback interface."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from crossdock.errors import CrossdockError
from sandbox.app import create_app
from sandbox.connections import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from sandbox.faults import Faults
    from sandbox.world import World

HOST = "127.0.0.1"
TICK = 0.02


class PortTakenError(CrossdockError):
    """Another process listens on the port."""


def listen(port: int) -> socket.socket:
    """Open the listening socket; port 0 takes a free one.

    Raises:
        PortTakenError: Another process listens there.
    """
    # asyncio turns Nagle off only where it can see that the protocol is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTakenError(
            f"port {port} of {HOST} is taken",
            hint="stop what listens there, or choose another with --port",
        ) from error
    return listener


def address(listener: socket.socket) -> str:
    """The base URL that a socket is reached at."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Looks often whether it is to stop: tests start and stop many."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(TICK)


def server(app: ASGIApp) -> uvicorn.Server:
    """A server that leaves `Date` to the app, whose clock is the sandbox's."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an app in a thread on a free port; yields its base URL."""
    listener, running_server = listen(0), server(app)
    thread = threading.Thread(target=running_server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield address(listener)
    finally:
        running_server.should_exit = running_server.force_exit = True
        thread.join(timeout=5)
        listener.close()


@contextmanager
def running(world: World, *, seed: int = 0, faults: Faults | None = None) -> Iterator[str]:
    """Serve a world with all of its vendors in a thread; yields the base URL."""
    with serving(create_app(world, seed=seed, faults=faults)) as url:
        yield url
