"""Shipments: rated when made, bought once, refunded after a while."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.easypost import carriers, journeys, parts
from sandbox.easypost.account import MODE, Account, fee
from sandbox.easypost.errors import ApiError, invalid, required
from sandbox.easypost.trackers import listed

if TYPE_CHECKING:
    from sandbox.easypost.addresses import Addresses
    from sandbox.easypost.store import Record
    from sandbox.easypost.trackers import Trackers

#: A parcel leaves this long after its label was bought.
LEAVES_AFTER = timedelta(hours=20)
#: A refund that the carrier grants takes this long.
REFUNDED_AFTER = timedelta(days=10)
_OPTIONS = {"currency": "USD", "payment": {"type": "SENDER"}, "date_advance": 0}
_EMPTY = (
    *("tracking_code", "batch_id", "batch_status", "batch_message", "insurance", "order_id"),
    *("postage_label", "refund_status", "scan_form", "selected_rate", "tracker"),
)


class Shipments:
    """The shipments of the account."""

    def __init__(self, account: Account, addresses: Addresses, trackers: Trackers) -> None:
        self._account = account
        self._addresses = addresses
        self._trackers = trackers
        self._store = account.of("shp")
        self._refunds: list[tuple[datetime, Record]] = []

    def create(self, body: Any) -> Record:
        """Make a shipment with its rates; with `service`, buy it at once.

        Raises:
            ApiError: An address or the parcel is missing.
        """
        given = body.get("shipment") if isinstance(body, dict) else None
        if not isinstance(given, dict) or not given:
            raise required("shipment")
        parcel = parts.parcel(self._account, _object(given, "parcel"))
        now = self._account.now
        record = self._store.add(self._fresh(given, parcel), now)
        record["rates"] = parts.rates(self._account, record["id"], parcel["weight"])
        self._account.record("shipment", record, "create", {"reference": record["reference"]})
        if given.get("service"):
            self.buy(record["id"], {"rate": self._rate_of(record, str(given["service"]))})
        return record

    def buy(self, shipment_id: str, body: Any) -> Record:
        """Buy a label, which costs money.

        Raises:
            ApiError: There is no such rate, or the label was bought before.
        """
        record = self._store.get(shipment_id)
        chosen = body.get("rate") if isinstance(body, dict) else None
        wanted = str((chosen or {}).get("id") or "") if isinstance(chosen, dict) else str(chosen)
        rate = next((each for each in record["rates"] if each["id"] == wanted), None)
        if record["postage_label"] is not None:
            text = "Postage already exists for this shipment"
            raise ApiError(422, "SHIPMENT.POSTAGE.EXISTS", text)
        if rate is None:
            raise invalid("rate", "was not found for this shipment")
        self._print(record, rate)
        fields = {"tracking_code": record["tracking_code"], "service": rate["service"]}
        self._account.record("shipment", record, "buy", fields, cost=Decimal(rate["rate"]))
        return record

    def refund(self, shipment_id: str) -> Record:
        """Ask for the money back.

        Raises:
            ApiError: There is no label, or a refund was asked for before.
        """
        record = self._store.get(shipment_id)
        if record["postage_label"] is None or record["refund_status"] is not None:
            text = "The shipment cannot be refunded."
            raise ApiError(422, "SHIPMENT.REFUND.UNAVAILABLE", text)
        record["refund_status"] = "submitted"
        record["updated_at"] = iso(self._account.now)
        self._refunds.append((self._account.now + REFUNDED_AFTER, record))
        self._account.record("shipment", record, "refund", {})
        return record

    def label(self, shipment_id: str, file_format: str) -> Record:
        """The shipment with its label in another format.

        Raises:
            ApiError: There is no label, or no such format.
        """
        record = self._store.get(shipment_id)
        if record["postage_label"] is None:
            raise ApiError(422, "SHIPMENT.LABEL.UNAVAILABLE", "The shipment has no label yet.")
        if not parts.convert(record["postage_label"], file_format, self._account.now):
            raise invalid("file_format", "is not supported")
        return record

    def catch_up(self, now: datetime, moved: list[Record]) -> None:
        """Grant refunds that are due, and copy the status of trackers that moved."""
        for tracker in moved:
            record = self._store.find(tracker["shipment_id"] or "")
            if record is not None:
                record["status"] = tracker["status"]
                record["updated_at"] = max(record["updated_at"], tracker["updated_at"])
        for due, record in [entry for entry in self._refunds if entry[0] <= now]:
            record["refund_status"], record["updated_at"] = "refunded", iso(due)
        self._refunds = [entry for entry in self._refunds if entry[0] > now]

    def _fresh(self, given: dict[str, Any], parcel: Record) -> Record:
        start = self._address(given, "from_address")
        goal = self._address(given, "to_address")
        now = iso(self._account.now)
        return {
            "created_at": now,
            "is_return": bool(given.get("is_return")),
            "messages": [],
            "mode": MODE,
            "options": {**_OPTIONS, **(given.get("options") or {})},
            "reference": given.get("reference") or None,
            "status": "unknown",
            "updated_at": now,
            **dict.fromkeys(_EMPTY),
            "customs_info": parts.customs(self._account, given.get("customs_info")),
            "from_address": start,
            "parcel": parcel,
            "rates": [],
            "to_address": goal,
            "usps_zone": 4,
            "return_address": start,
            "buyer_address": goal,
            "forms": [],
            "fees": [],
            "object": "Shipment",
            **({"tax_identifiers": taxes} if (taxes := given.get("tax_identifiers")) else {}),
        }

    def _address(self, given: dict[str, Any], name: str) -> Record:
        wanted = _object(given, name)
        if "id" in wanted:
            return self._account.of("adr").get(str(wanted["id"]))
        return self._addresses.keep(wanted, verify=False, strict=False)

    def _print(self, record: Record, rate: Record) -> None:
        now = self._account.now
        cost = Decimal(rate["rate"])
        self._addresses.settle(record["to_address"])
        code = _code(record["id"])
        tracker = self._trackers.register(code, carriers.CARRIER, fees=[], shipment_id=record["id"])
        self._trackers.schedule(tracker, journeys.labelled(carriers.CARRIER, now))
        self._trackers.travel(tracker, now + LEAVES_AFTER)
        record.update(
            tracking_code=code,
            tracker=tracker,
            selected_rate=rate,
            postage_label=parts.label(self._account, record),
            updated_at=iso(now),
            fees=[
                fee("LabelFee", Decimal(0), charged=True),
                fee("PostageFee", cost, charged=True),
            ],
        )

    def _rate_of(self, record: Record, service: str) -> Record:
        for rate in record["rates"]:
            if rate["service"] == service:
                return dict(rate)
        raise invalid("service", "is not available for this shipment")


def shown(record: Record) -> Record:
    """A shipment as it is read."""
    tracker = record["tracker"]
    return {**record, "tracker": tracker and listed(tracker)}


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if not isinstance(value, dict) or not value:
        raise required(f"shipment.{name}")
    return value


def _code(shipment_id: str) -> str:
    digest = hashlib.blake2b(shipment_id.encode(), digest_size=6).hexdigest()
    return f"94001002{int(digest, 16):015d}"[:22]
