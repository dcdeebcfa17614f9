"""All vendors under one address, and the control routes beside them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.control import routes
from sandbox.core import Sandbox
from sandbox.easypost import EasyPostVendor
from sandbox.faults.middleware import FaultMiddleware
from sandbox.hubspot import HubSpotVendor
from sandbox.shiphero import ShipHeroVendor
from sandbox.shopify import ShopifyVendor
from sandbox.wms_sftp import WmsSftpVendor
from sandbox.world import MAIN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.faults import Faults
    from sandbox.world import World


#: A shop that every sandbox has beside the main one, with or without orders in it.
SECOND = "eu"
#: Where a stand-in registers that is not named here: its name, and a class made with the sandbox.
REGISTERED = "crossdock.sandbox"


def create_app(world: World, *, seed: int = 0, faults: Faults | None = None) -> Starlette:
    """The sandbox of a world with all of its vendors."""
    return build(populate(Sandbox.of(world, seed=seed, faults=faults)))


def populate(sandbox: Sandbox) -> Sandbox:
    """Add every vendor: a shop for each instance of the world, a CRM, WMSes, a carrier."""
    for instance in {MAIN: None, SECOND: None, **dict.fromkeys(sandbox.world.instances)}:
        sandbox.add(ShopifyVendor(sandbox, instance))
    sandbox.add(HubSpotVendor(sandbox))
    sandbox.add(ShipHeroVendor(sandbox))
    sandbox.add(WmsSftpVendor(sandbox))
    sandbox.add(EasyPostVendor(sandbox))
    for entry in sorted(entry_points(group=REGISTERED), key=lambda found: found.name):
        if entry.name not in sandbox.vendors:
            sandbox.add(entry.load()(sandbox))
    return sandbox


def build(sandbox: Sandbox) -> Starlette:
    """The HTTP face of a sandbox with the vendors that it holds."""
    addresses = {f"/{name.replace(':', '/')}": name for name in sandbox.vendors}
    addresses |= {f"/{name}/{MAIN}": name for name in sandbox.vendors if ":" not in name}
    mounts = [
        Mount(path, _Door(sandbox, addresses[path]))
        for path in sorted(addresses, key=len, reverse=True)  # /shopify/eu before /shopify
    ]
    app = Starlette(routes=[*routes(sandbox), *mounts])
    app.state.sandbox = sandbox
    app.add_middleware(_ClockHeader, sandbox=sandbox)
    return app


class _Door:
    """The way in to one vendor: counts requests, lets time catch up, applies faults."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._sandbox = sandbox
        self._name = name
        vendor = sandbox.vendors[name]
        self._app = FaultMiddleware(vendor.app(), vendor, sandbox.faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._sandbox.counters.add(self._name, "requests")
        vendor, now = self._sandbox.vendors[self._name], self._sandbox.clock.now()
        due = vendor.next_event_at()
        if due and due <= now:
            vendor.advance(now)
        await self._app(scope, receive, send)


class _ClockHeader:
    """Sends the sandbox's own time in `Date`."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._clock = sandbox.clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = self._clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                headers = [*message.get("headers", []), (b"date", date.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, dated)
