"""One handler for each route: from a request to status and body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.easypost import parts
from sandbox.easypost.errors import required
from sandbox.easypost.shipments import shown
from sandbox.easypost.trackers import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import QueryParams

    from sandbox.easypost.account import Account
    from sandbox.easypost.addresses import Addresses
    from sandbox.easypost.shipments import Shipments
    from sandbox.easypost.store import Record
    from sandbox.easypost.trackers import Trackers

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Call:
    """One request that passed key and limit."""

    path: Mapping[str, str]
    query: QueryParams
    body: Any

    @property
    def id(self) -> str:
        return self.path["id"]


class Handlers:
    """What each route does."""

    def __init__(
        self, account: Account, trackers: Trackers, addresses: Addresses, shipments: Shipments
    ) -> None:
        self._account = account
        self._trackers = trackers
        self._addresses = addresses
        self._shipments = shipments

    def retrieve(
        self, prefix: str, shown: Callable[[Record], Record] = dict
    ) -> Callable[[Call], Answer]:
        """A handler that answers one record by its id."""
        store = self._account.of(prefix)
        return lambda call: (200, shown(store.get(call.id)))

    def list_trackers(self, call: Call) -> Answer:
        codes = set(call.query.getlist("tracking_codes[]"))
        codes |= {call.query["tracking_code"]} if call.query.get("tracking_code") else set()
        carrier = call.query.get("carrier")

        def wanted(record: Record) -> bool:
            named = not codes or record["tracking_code"] in codes
            return named and carrier in (None, record["carrier"])

        rows, more = self._account.of("trk").page(call.query, wanted)
        return 200, {"trackers": [listed(row) for row in rows], "has_more": more}

    def create_tracker(self, call: Call) -> Answer:
        record, new = self._trackers.create(call.body)
        if new:
            return 201, record
        return 200, {name: value for name, value in record.items() if name != "fees"}

    def batch_trackers(self, call: Call) -> Answer:
        return 200, self._trackers.batch(call.body)

    def delete_tracker(self, call: Call) -> Answer:
        self._trackers.delete(call.id)
        return 200, {"success": True}

    def list_addresses(self, call: Call) -> Answer:
        rows, more = self._account.of("adr").page(call.query)
        return 200, {"addresses": rows, "has_more": more}

    def create_address(self, call: Call) -> Answer:
        return 201, self._addresses.create(call.body)

    def verify_new(self, call: Call) -> Answer:
        body = call.body if isinstance(call.body, dict) else {}
        return 200, {"address": self._addresses.create({**body, "verify_strict": True})}

    def verify_address(self, call: Call) -> Answer:
        return 200, {"address": self._addresses.verified(call.id)}

    def create_parcel(self, call: Call) -> Answer:
        given = call.body.get("parcel") if isinstance(call.body, dict) else None
        if not isinstance(given, dict):
            raise required("parcel")
        return 201, parts.parcel(self._account, given)

    def list_shipments(self, call: Call) -> Answer:
        """Only those that were bought, unless others are asked for."""
        every = call.query.get("purchased", "true").lower() == "false"

        def wanted(record: Record) -> bool:
            return every or record["postage_label"] is not None

        rows, more = self._account.of("shp").page(call.query, wanted)
        return 200, {"shipments": [shown(row) for row in rows], "has_more": more}

    def create_shipment(self, call: Call) -> Answer:
        return 201, shown(self._shipments.create(call.body))

    def buy(self, call: Call) -> Answer:
        return 200, shown(self._shipments.buy(call.id, call.body))

    def refund(self, call: Call) -> Answer:
        return 200, shown(self._shipments.refund(call.id))

    def label(self, call: Call) -> Answer:
        return 200, shown(self._shipments.label(call.id, call.query.get("file_format", "PNG")))

    def list_events(self, call: Call) -> Answer:
        rows, more = self._account.of("evt").page(call.query)
        return 200, {"events": [_event(row) for row in rows], "has_more": more}

    def retrieve_event(self, call: Call) -> Answer:
        event = _event(self._account.of("evt").get(call.id))
        extra: Record = {"previous_attributes": {}, "pending_urls": [], "completed_urls": []}
        return 200, {**event, **extra, "updated_at": event["created_at"]}

    def payloads(self, call: Call) -> Answer:
        """What was sent to webhooks: nothing, for the account has none."""
        self._account.of("evt").get(call.id)
        return 200, {"payloads": []}


def _event(record: Record) -> Record:
    return {name: value for name, value in record.items() if not name.startswith("_")}
