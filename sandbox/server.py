"""Serves a sandbox over real HTTP and SFTP on the loopback interface."""

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
from sandbox.wms_sftp import WmsSftpVendor
from sandbox.wms_sftp.door import door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from starlette.applications import Starlette
    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.faults import Faults
    from sandbox.wms_sftp.door import Door
    from sandbox.world import World

HOST = "127.0.0.1"
TICK = 0.02
PAIRS_TRIED = 20


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


def listen_twice(port: int) -> tuple[socket.socket, socket.socket]:
    """Open the sockets for HTTP and, on the next port, SFTP; port 0 takes free ones.

    Raises:
        PortTakenError: Another process listens there.
    """
    for tries_left in reversed(range(PAIRS_TRIED)):
        listener = listen(port)
        try:
            return listener, listen(listener.getsockname()[1] + 1)
        except (PortTakenError, OverflowError):
            listener.close()
            if port or not tries_left:
                raise
    raise AssertionError("the last try answers or raises")


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
def serving(app: ASGIApp, listener: socket.socket | None = None) -> Iterator[str]:
    """Serve an app in a thread, on a free port if none is given; yields its base URL."""
    listener, running_server = listener or listen(0), server(app)
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
    app = create_app(world, seed=seed, faults=faults)
    listener, beside = listen_twice(0)
    with serving(app, listener) as url, files_served(app, beside):
        yield url


def files_served(app: Starlette, listener: socket.socket) -> AbstractContextManager[Door]:
    """Serve the files of the sandbox's SFTP warehouse."""
    sandbox: Sandbox = app.state.sandbox
    vendor = sandbox.vendors[WmsSftpVendor.name]
    assert isinstance(vendor, WmsSftpVendor)  # noqa: S101 - for the type checker
    return door(vendor, sandbox.faults, listener)
