"""EasyPost's stand-in served over HTTP, with a clock that only tests move."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.app import build
from sandbox.core import Effects, Sandbox
from sandbox.easypost import EasyPostVendor
from sandbox.easypost.app import API_KEY
from sandbox.faults import Faults
from sandbox.server import serving
from sandbox.shiphero import ShipHeroVendor
from tests.sandbox.crm_and_wms import START, Served, Still, small_world

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = {
    "name": "Ada Lovelace",
    "street1": "388 Townsend St",
    "street2": "Apt 20",
    "city": "San Francisco",
    "state": "CA",
    "zip": "94107",
    "country": "US",
}
AWAY = {"name": "Bo Li", "street1": "179 N Harbor Dr", "city": "Redondo Beach", "state": "CA",
        "zip": "90277", "country": "US"}  # fmt: skip
PARCEL = {"length": 10, "width": 8, "height": 4, "weight": 15.4}


class Carrier(Served):
    """The sandbox with an EasyPost account, called with its key."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        super().__init__(sandbox, url)
        key = {"Authorization": f"Bearer {API_KEY}"}
        self.easypost = httpx.Client(base_url=f"{url}/easypost/v2", headers=key)

    def get(self, path: str, **params: Any) -> Any:
        """Ask once a second, which is never too often."""
        self.advance(seconds=1)
        response = self.easypost.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, status: int = 201, **body: Any) -> Any:
        response = self.easypost.post(path, json=body)
        assert response.status_code == status, response.text
        return response.json()

    def track(self, code: str, carrier: str | None = None, status: int = 201) -> Any:
        return self.post("/trackers", status, tracker={"tracking_code": code, "carrier": carrier})

    def shipment(self, **more: Any) -> Any:
        body = {"from_address": HOME, "to_address": AWAY, "parcel": PARCEL, **more}
        return self.post("/shipments", shipment=body)

    def effects(self) -> list[dict[str, Any]]:
        found = self.http.get("/_sandbox/effects").json()["effects"]
        return [effect for effect in found if effect["vendor"] == "easypost"]

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()


@contextmanager
def carrier(carrier_name: str = "UPS", seed: int = 0) -> Iterator[Carrier]:
    world = small_world()
    world.orders = [type(o)(**{**vars(o), "carrier": carrier_name}) for o in world.orders]
    clock = Still(START)
    sandbox = Sandbox(world, clock, Effects(clock), Faults(), seed)
    sandbox.add(ShipHeroVendor(sandbox))
    sandbox.add(EasyPostVendor(sandbox))
    with serving(build(sandbox)) as url:
        running = Carrier(sandbox, url)
        with running.http, running.easypost:
            yield running
