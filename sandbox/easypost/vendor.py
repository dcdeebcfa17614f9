"""The EasyPost account of a sandbox."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.easypost import carriers, journeys
from sandbox.easypost.account import NAME, Account
from sandbox.easypost.addresses import Addresses
from sandbox.easypost.app import Api
from sandbox.easypost.errors import ApiError
from sandbox.easypost.handlers import Handlers
from sandbox.easypost.journeys import Step
from sandbox.easypost.shipments import Shipments
from sandbox.easypost.trackers import Trackers
from sandbox.easypost.wms import News, Wms

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sandbox.core import Sandbox
    from sandbox.easypost.store import Record, Store

_SAID = ("signed_by", "est_delivery_date", "weight")


class EasyPostVendor:
    """An account whose trackers follow the parcels that the WMS ships.

    The WMS tells it of every label of a carrier that EasyPost knows. What carriers report is
    not counted as a change that time makes: nothing of ours waits for it.
    """

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.lock = threading.RLock()
        self._account = Account(sandbox)
        self.trackers = Trackers(self._account)
        self._addresses = Addresses(self._account)
        self.shipments = Shipments(self._account, self._addresses, self.trackers)
        handlers = Handlers(self._account, self.trackers, self._addresses, self.shipments)
        self._api = Api(self, handlers)
        self._wms = Wms(sandbox)
        self._by_wms: dict[str, Record] = {}

    def app(self) -> ASGIApp:
        return self._api.app()

    def advance(self, now: datetime) -> int:
        return 0

    def next_event_at(self) -> datetime | None:
        return None

    def catch_up(self, request_id: str | None = None) -> None:
        """Take over what the WMS has shipped, and report what carriers have seen by now."""
        self._account.request_id = request_id
        for news in self._wms.news():
            self._move(news.at)
            self._follow(news)
        self._move(self._account.now)

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a carrier or another app do something.

        `{"object": "tracker", "id" | "number": ..., "set": {"status": "failure", "message":
        "Damaged"}}` is a report of the carrier, and may set `signed_by`, `est_delivery_date`
        and `weight` as well; `"archive": true` deletes the tracker. `"create": {...}` makes a
        tracker or an address, as the API would. `number` is a tracking code.
        """
        with self.lock:
            self.catch_up()
            try:
                record = self._edited(body)
            except ApiError as error:
                raise EditError(error.message) from error
        return {"id": record["id"], "updated_at": record["updated_at"]}

    def state(self) -> dict[str, Any]:
        """The trackers, addresses and shipments in brief."""
        with self.lock:
            self.catch_up()
            names = ("id", "tracking_code", "carrier", "status", "created_at", "updated_at")
            bought = ("id", "reference", "tracking_code", "status", "refund_status")
            return {
                "trackers": [{name: row[name] for name in names} for row in self._of("trk")],
                "shipments": [{name: row[name] for name in bought} for row in self._of("shp")],
                "addresses": len(self._of("adr")),
                "events": len(self._of("evt")),
            }

    def _of(self, prefix: str) -> Store:
        return self._account.of(prefix)

    def _edited(self, body: dict[str, Any]) -> Record:
        kind, create = body.get("object"), body.get("create")
        if kind == "address" and create is not None:
            return self._addresses.create({"address": create, "verify": True}, actor="person")
        if kind != "tracker":
            raise EditError(f"there is no object {kind!r} that anybody could change")
        if create is not None:
            return self._made(create)
        record = self._named(body)
        if body.get("archive"):
            self.trackers.delete(record["id"], actor="person")
        elif isinstance(body.get("set"), dict) and body["set"]:
            self._said(record, body["set"])
        else:
            raise EditError("say what to do: set, create or archive")
        return record

    def _made(self, create: Any) -> Record:
        """Another app registers a tracker."""
        carrier = carriers.known(str(create.get("carrier") or "USPS"))
        if carrier is None or not create.get("tracking_code"):
            raise EditError("a tracker needs a tracking_code and a carrier that is known")
        record = self.trackers.register(str(create["tracking_code"]), carrier, fees=[])
        if create.get("shipped_at"):
            self.trackers.travel(record, datetime.fromisoformat(create["shipped_at"]))
        self._account.record("tracker", record, "create", dict(create), actor="person")
        return record

    def _said(self, record: Record, changes: dict[str, Any]) -> None:
        unknown = set(changes) - {"status", "status_detail", "message", *_SAID}
        if unknown:
            raise EditError(f"no carrier reports {sorted(unknown)[0]!r}")
        now = self._account.now
        status = str(changes.get("status") or record["status"])
        detail = str(changes.get("status_detail") or "status_update")
        message = str(changes.get("message") or "Status Updated")
        step = Step(now, status, detail, message, journeys.DEPOT)
        self.trackers.report(record, step, now)
        record.update({name: changes[name] for name in _SAID if name in changes})
        self.shipments.catch_up(now, [record])
        self._account.record("tracker", record, "update", changes, actor="person")

    def _named(self, body: dict[str, Any]) -> Record:
        if "id" in body:
            return self._of("trk").get(str(body["id"]))
        for record in self._of("trk"):
            if record["tracking_code"] == body.get("number"):
                return record
        raise EditError(f"there is no tracker {body.get('number')!r}")

    def _move(self, now: datetime) -> None:
        """Let carriers report what they have seen by then."""
        self.shipments.catch_up(now, self.trackers.catch_up(now))

    def _follow(self, news: News) -> None:
        if news.left:
            record = self._by_wms.get(news.code)
            if record is not None:
                self.trackers.travel(record, news.at)
            return
        record = self.trackers.find(news.code, news.carrier)
        if record is None:
            record = self.trackers.register(news.code, news.carrier, fees=[], at=news.at)
        self._by_wms[news.code] = record
        self.trackers.schedule(record, journeys.labelled(news.carrier, news.at))
