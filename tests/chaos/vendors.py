"""The vendors of a scene: the sandbox in a process of its own, over real HTTP."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.app import create_app
from sandbox.server import address, listen, server
from taps.shiphero.client import ShipHeroClient
from targets.hubspot.check import check
from targets.shiphero.destination import flat
from tests.targets.conftest import tiny_world

HUBSPOT = {"access_token": "pat-na1-sandbox", "share": 1, "requests_per_10s": 190}
SHIPHERO = {"username": "sandbox@crossdock.test", "password": "sandbox", "share": 1}
NEW = "/_chaos/new"
_HTTP = httpx.Client(verify=False)
_ORDERS = """
query orders {
  orders { data(first: 100) { edges { node {
    id order_number partner_order_id shop_name order_date currency email
    shipping_address { first_name last_name company address1 address2 city state zip country phone }
    shipping_lines { title carrier method price }
    line_items(first: 10) { edges { node { sku partner_line_item_id quantity price } } }
  } } } }
}
"""


class _Stage:
    """Serves one sandbox after another under the same address."""

    def __init__(self) -> None:
        self._app: ASGIApp = create_app(tiny_world())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == NEW:
            self._app = create_app(tiny_world(), seed=int(scope["query_string"] or 0))
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)


@contextmanager
def serving_in_a_process() -> Iterator[str]:
    """Yields the base URL; what the killed leave behind of their connections hurts nobody."""
    listener = listen(0)
    pid = os.fork()
    if pid == 0:
        try:
            server(_Stage()).run([listener])
        finally:
            os._exit(0)
    url = address(listener)
    listener.close()
    try:
        yield url
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@dataclass(frozen=True)
class Vendors:
    """HubSpot and ShipHero as a scene sees them."""

    url: str

    def start(self, seed: int) -> None:
        """A new account at each, with the properties that we write."""
        _HTTP.post(f"{self.url}{NEW}?{seed}").raise_for_status()
        at_once = {**self.hubspot, "requests_per_10s": 10_000}  # a few are below any limit
        missing = [f.what for f in check(at_once, fix=True) if not f.ok]
        assert not missing

    @property
    def hubspot(self) -> dict[str, Any]:
        """Settings of HubSpot's connectors."""
        return {**HUBSPOT, "api_url": f"{self.url}/hubspot"}

    @property
    def shiphero(self) -> dict[str, Any]:
        """Settings of ShipHero's connectors."""
        return {**SHIPHERO, "api_url": f"{self.url}/shiphero"}

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Let requests break by these rules, and by no others."""
        body = {"rules": list(rules)}
        _HTTP.post(f"{self.url}/_sandbox/faults", json=body).raise_for_status()

    def hits(self) -> int:
        """How many requests broke since the rules were set."""
        found = _HTTP.get(f"{self.url}/_sandbox/faults").json()
        return sum(rule["hits"] for rule in found["rules"])

    def effects(self) -> list[dict[str, Any]]:
        """Each write of ours that took effect, in order."""
        found = _HTTP.get(f"{self.url}/_sandbox/effects?since=0").json()["effects"]
        return [e for e in found if e["actor"] == "api"]

    def observed(self) -> dict[str, list[dict[str, Any]]]:
        """Object to records as a reading would bring them, fields named as in the syncs."""
        vendors = _HTTP.get(f"{self.url}/_sandbox/state").json()["vendors"]
        crm = {
            kind: [
                {"id": row["id"], **row["properties"]}
                for row in vendors["hubspot"][kind]
                if not row.get("archived")
            ]
            for kind in ("contacts", "orders")
        }
        return {**crm, "wms_orders": self._wms_orders()}

    def _wms_orders(self) -> list[dict[str, Any]]:
        with ShipHeroClient.from_config(self.shiphero, connector="chaos") as client:
            answer = client.execute(_ORDERS, {}, stream="orders")
        edges = answer["orders"]["data"]["edges"]
        found = [flat(edge["node"]) for edge in edges]
        return [
            {**row, "line_items": [edge["node"] for edge in row["line_items"]["edges"]]}
            for row in found
        ]

    def made(self) -> Counter[tuple[str, str]]:
        """(object, our key) to how often it was made."""
        keys = {
            "contact": "crossdock_customer_id",
            "order": "crossdock_order_id",
        }
        found: Counter[tuple[str, str]] = Counter()
        for effect in self.effects():
            if effect["operation"] != "create":
                continue
            if effect["vendor"] == "shiphero":
                found["wms_order", str(effect["external_id"])] += 1
            elif effect["object"] in keys:
                found[effect["object"], str(effect["fields"].get(keys[effect["object"]]))] += 1
        return found
