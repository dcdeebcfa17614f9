"""An EasyPost account with trackers, shipments and addresses of some weeks, and a tap on it."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from played import Read

from sandbox.app import build
from sandbox.core import Clock, Effects, Sandbox
from sandbox.easypost import EasyPostVendor
from sandbox.easypost.app import API_KEY
from sandbox.faults import Faults, Rule
from sandbox.server import serving
from sandbox.shiphero import ShipHeroVendor
from taps.easypost.tap import TapEasyPost
from tests.sandbox.crm_and_wms import START, small_world
from tests.sandbox.parcels import AWAY, HOME, PARCEL

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACKERS = 40
CODE = "9400100208303109500{:03}"


class Account:
    """The account from inside, and what a tap reads of it."""

    def __init__(self, sandbox: Sandbox, vendor: EasyPostVendor, url: str) -> None:
        self.sandbox = sandbox
        self.vendor = vendor
        self.url = url

    def store(self, prefix: str) -> Any:
        return self.vendor._account.of(prefix)

    def track(self, code: str, shipped: bool = True) -> dict[str, Any]:
        """Another app registers a tracker."""
        create = {"tracking_code": code, "carrier": "USPS"}
        if shipped:
            create["shipped_at"] = self.sandbox.clock.now().isoformat()
        return self.edit("tracker", create=create)

    def edit(self, kind: str, **body: Any) -> dict[str, Any]:
        return self.vendor.edit({"object": kind, **body})

    def quote(self, **more: Any) -> dict[str, Any]:
        with self.vendor.lock:
            body = {"from_address": HOME, "to_address": AWAY, "parcel": PARCEL, **more}
            return self.vendor.shipments.create({"shipment": body})

    def buy(self, shipment: dict[str, Any]) -> None:
        with self.vendor.lock:
            self.vendor.shipments.buy(shipment["id"], {"rate": shipment["rates"][0]})

    def refund(self, shipment: dict[str, Any]) -> None:
        with self.vendor.lock:
            self.vendor.shipments.refund(shipment["id"])

    def advance(self, **span: float) -> None:
        self.sandbox.advance(timedelta(**span).total_seconds() / 3600)

    def faults(self, *rules: Rule) -> None:
        self.sandbox.faults.replace(rules)

    @property
    def refusals(self) -> int:
        return self.sandbox.counters.of("easypost")["refusals"]

    @property
    def truth(self) -> dict[str, set[str]]:
        """Ids of what a reader should have."""
        with self.vendor.lock:
            return {
                "trackers": {row["id"] for row in self.store("trk")},
                "shipments": {row["id"] for row in self.store("shp") if row["postage_label"]},
                "addresses": {row["id"] for row in self.store("adr") if row["verifications"]},
            }

    def config(self, **more: Any) -> dict[str, Any]:
        usual = {"api_url": f"{self.url}/easypost", "api_key": API_KEY, "share": 1}
        return {**usual, "lists_per_second": 2000, **more}

    def make(self, state: Any = None, catalog: Any = None, **more: Any) -> TapEasyPost:
        return TapEasyPost(config=self.config(**more), state=state, catalog=catalog)

    def read(self, state: Any = None, catalog: Any = None, **more: Any) -> Read:
        """Run the tap to its end."""
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(out):
            made = self.make(state, catalog, **more)
            made.sync_all()
            made.client.close()
        out.seek(0)
        return Read([json.loads(line) for line in out])


@contextmanager
def account() -> Iterator[Account]:
    """Three weeks: a tracker each half day, now and then a label or an address."""
    clock = Clock(START)
    sandbox = Sandbox(small_world(), clock, Effects(clock), Faults(), 0)
    sandbox.add(ShipHeroVendor(sandbox))
    vendor = EasyPostVendor(sandbox)
    sandbox.add(vendor)
    with serving(build(sandbox)) as url:
        made = Account(sandbox, vendor, url)
        for number in range(TRACKERS):
            made.track(CODE.format(number), shipped=number % 4 > 0)
            if number % 5 == 0:
                made.quote(service="Priority", reference=f"shop_{number}")
                made.edit("address", create={**HOME, "street1": f"{number} Main St"})
            made.advance(hours=12)
        yield made
