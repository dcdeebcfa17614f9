"""Trackers: made once for each code and carrier, moved by the sandbox's clock."""

from __future__ import annotations

import base64
import heapq
import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.easypost import carriers, journeys
from sandbox.easypost.account import MODE, Account, fee
from sandbox.easypost.errors import ApiError, invalid, required

if TYPE_CHECKING:
    from sandbox.core import Actor
    from sandbox.easypost.journeys import Step
    from sandbox.easypost.store import Record

#: The same code and carrier within this time are the same tracker, and cost nothing more.
SAME_FOR = timedelta(days=90)
FEE = Decimal("0.02")
_AT_FIRST = ("finalized", "is_return")
_EMPTY_DETAIL = (
    "container_type",
    "est_delivery_date_local",
    "est_delivery_time_local",
    "guaranteed_delivery_date",
    "alternate_identifier",
)


class Trackers:
    """The trackers of the account, and what their carriers will report."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._store = account.of("trk")
        self._newest: dict[tuple[str, str], Record] = {}
        self._due: list[tuple[datetime, int, str, Step]] = []
        self._serial = itertools.count()

    def create(self, body: Any) -> tuple[Record, bool]:
        """A tracker for a code: a new one that costs a fee, or the one that there is.

        Raises:
            ApiError: The code is missing, or its carrier unknown.
        """
        asked = body.get("tracker") if isinstance(body, dict) else None
        code = str((asked or {}).get("tracking_code") or "").strip()
        if not isinstance(asked, dict) or not code:
            raise required("tracker.tracking_code")
        carrier = self._carrier(code, asked.get("carrier"))
        existing = self.find(code, carrier)
        if existing is not None:
            return existing, False
        record = self.register(code, carrier, fees=[fee("TrackerFee", FEE, charged=False)])
        self._account.record(
            "tracker", record, "create", {"tracking_code": code, "carrier": carrier}, cost=FEE
        )
        return record, True

    def find(self, code: str, carrier: str) -> Record | None:
        """The tracker of a code, if it was made in the last months."""
        record = self._newest.get((code, carrier))
        if record is None or self._store.find(record["id"]) is None:
            return None
        age = self._account.now - _made_at(record)
        return record if age < SAME_FOR else None

    def register(
        self,
        code: str,
        carrier: str,
        *,
        fees: list[dict[str, Any]],
        shipment_id: str | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Make a tracker; `at` is a moment that has passed, but none before the newest one."""
        now = at or self._account.now
        record = self._store.add(_fresh(code, carrier, now, fees, shipment_id), now)
        record["public_url"] = _public_url(record["id"])
        self._newest[code, carrier] = record
        self._account.happened("tracker.created", record, now)
        if code in journeys.TEST_CODES:
            for step in journeys.of_test_code(code, carrier, now):
                _report(record, step)
            record["finalized"] = True
            record["updated_at"] = iso(now)
        return record

    def schedule(self, record: Record, steps: list[Step]) -> None:
        """Let the carrier report these steps when their time has come."""
        for step in steps:
            heapq.heappush(self._due, (step.at, next(self._serial), record["id"], step))

    def travel(self, record: Record, left: datetime) -> None:
        """The parcel has left: the rest of its way follows from its code."""
        seed = self._account.sandbox.seed
        code, carrier = record["tracking_code"], record["carrier"]
        self.schedule(record, journeys.travelled(code, carrier, left, seed))

    def catch_up(self, now: datetime) -> list[Record]:
        """Report what is due; answers the trackers that changed."""
        changed: dict[str, Record] = {}
        while self._due and self._due[0][0] <= now:
            at, _, tracker_id, step = heapq.heappop(self._due)
            record = self._store.find(tracker_id)
            if record is None:
                continue
            self.report(record, step, at)
            changed[tracker_id] = record
        return list(changed.values())

    def report(self, record: Record, step: Step, at: datetime) -> None:
        """Let the carrier say something now."""
        _report(record, step)
        record["updated_at"] = max(record["created_at"], iso(at))
        self._account.happened("tracker.updated", record, at)

    def batch(self, body: Any) -> dict[str, Any]:
        """The trackers of several codes; codes without one are left out."""
        codes = body.get("tracking_codes") if isinstance(body, dict) else None
        if not isinstance(codes, list) or not codes:
            raise required("tracking_codes")
        wanted = {str(code) for code in codes}
        found = [record for record in self._store if record["tracking_code"] in wanted]
        return {"trackers": [listed(record) for record in reversed(found)], "has_more": False}

    def delete(self, tracker_id: str, *, actor: Actor = "api") -> None:
        record = self._store.get(tracker_id)
        self._store.delete(tracker_id)
        self._account.record("tracker", record, "archive", {}, actor=actor)

    def _carrier(self, code: str, name: Any) -> str:
        carrier = carriers.known(str(name)) if name else carriers.guess(code)
        if carrier is None and name:
            raise invalid("tracker.carrier", "is not supported")
        if carrier is None:
            raise ApiError(422, "TRACKER.CARRIER.UNKNOWN", "The carrier could not be told.")
        return carrier


def listed(record: Record) -> Record:
    """A tracker as it is read: what else there is, only its creation tells."""
    return {name: value for name, value in record.items() if name not in _AT_FIRST}


def _fresh(
    code: str, carrier: str, now: datetime, fees: list[dict[str, Any]], shipment_id: str | None
) -> Record:
    return {
        "object": "Tracker",
        "mode": MODE,
        "tracking_code": code,
        "status": "unknown",
        "status_detail": "unknown",
        "created_at": iso(now),
        "updated_at": iso(now),
        "signed_by": None,
        "weight": None,
        "est_delivery_date": None,
        "shipment_id": shipment_id,
        "carrier": carrier,
        "tracking_details": [],
        "carrier_detail": None,
        "delivery_evidence": [],
        "finalized": False,
        "is_return": False,
        "public_url": None,
        "fees": fees,
    }


def _report(record: Record, step: Step) -> None:
    record["tracking_details"] = [*record["tracking_details"], step.shown(record["carrier"])]
    record["status"], record["status_detail"] = step.status, step.detail
    record["est_delivery_date"] = record["est_delivery_date"] or iso(step.at + timedelta(days=4))
    record["carrier_detail"] = record["carrier_detail"] or _carrier_detail()
    if step.status == "delivered":
        record["signed_by"], record["finalized"] = journeys.SIGNED_BY, True
        record["carrier_detail"]["initial_delivery_attempt"] = iso(step.at)


def _carrier_detail() -> dict[str, Any]:
    city, state, zip_code = journeys.ORIGIN
    origin = {"city": city, "state": state, "country": None, "zip": zip_code}
    return {
        "object": "CarrierDetail",
        "service": "First-Class Package Service",
        **dict.fromkeys(_EMPTY_DETAIL),
        "origin_location": "HOUSTON TX, 77001",
        "origin_tracking_location": {"object": "TrackingLocation", **origin},
        "destination_location": "CHARLESTON SC, 29401",
        "destination_tracking_location": None,
        "initial_delivery_attempt": None,
    }


def _public_url(tracker_id: str) -> str:
    token = base64.urlsafe_b64encode(f"v1:{tracker_id}".encode()).decode().rstrip("=")
    return f"https://track.easypost.com/{token}"


def _made_at(record: Record) -> datetime:
    return datetime.fromisoformat(record["created_at"])
