"""What a carrier reports of a parcel over time: a function of its code, the seed and when it left.

EasyPost's test codes stand still at the status that their first digit means.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.core import iso

#: https://docs.easypost.com/docs/trackers#test-tracking-codes
TEST_CODES = {
    "EZ1000000001": "pre_transit",
    "EZ2000000002": "in_transit",
    "EZ3000000003": "out_for_delivery",
    "EZ4000000004": "delivered",
    "EZ5000000005": "return_to_sender",
    "EZ6000000006": "failure",
    "EZ7000000007": "unknown",
}
ORIGIN = ("HOUSTON", "TX", "77063")
DEPOT = ("NORTH HOUSTON", "TX", "77315")
DESTINATION = ("CHARLESTON", "SC", "29401")
NOWHERE = (None, None, None)
SIGNED_BY = "John Tester"


@dataclass(frozen=True)
class Step:
    """One report of a carrier."""

    at: datetime
    status: str
    detail: str
    message: str
    place: tuple[str | None, str | None, str | None] = NOWHERE

    def shown(self, carrier: str) -> dict[str, Any]:
        """The report as a tracking detail."""
        city, state, zip_code = self.place
        return {
            "object": "TrackingDetail",
            "message": self.message,
            "description": "",
            "status": self.status,
            "status_detail": self.detail,
            "datetime": iso(self.at),
            "source": carrier,
            "carrier_code": "",
            "tracking_location": {
                "object": "TrackingLocation",
                "city": city,
                "state": state,
                "country": None,
                "zip": zip_code,
            },
            "est_delivery_date": None,
        }


def labelled(carrier: str, at: datetime) -> list[Step]:
    """A label was printed; the carrier does not have the parcel yet."""
    told = f"Pre-Shipment Info Sent to {carrier}"
    return [
        Step(at, "pre_transit", "status_update", told),
        Step(at, "pre_transit", "status_update", "Shipping Label Created", ORIGIN),
    ]


def travelled(code: str, carrier: str, left: datetime, seed: int) -> list[Step]:
    """A parcel's way from the moment it left; most arrive, some late, few not at all."""
    chance = random.Random(f"{seed}/{code}")
    arrived = left + timedelta(hours=chance.uniform(18, 60))
    steps = [
        Step(left + timedelta(hours=chance.uniform(1, 5)), "in_transit", "arrived_at_facility",
             f"Arrived at {carrier} Origin Facility", DEPOT),
        Step(arrived, "in_transit", "arrived_at_facility",
             f"Arrived at {carrier} Destination Facility", DESTINATION),
    ]  # fmt: skip
    luck = chance.random()
    out = arrived + timedelta(hours=chance.uniform(3, 12))
    steps.append(_out(out))
    if luck < 0.02:
        return [*steps, _failed(out), _returned(out + timedelta(days=2))]
    if luck < 0.07:
        out += timedelta(days=1)
        steps += [_failed(out - timedelta(hours=18)), _out(out)]
    return [*steps, _delivered(out + timedelta(hours=chance.uniform(1, 8)))]


def of_test_code(code: str, carrier: str, created: datetime) -> list[Step]:
    """What a test code reports: at once, and dated a month back."""
    began, status = created - timedelta(days=30), TEST_CODES[code]
    first, second = labelled(carrier, began)
    steps = [first, Step(began + timedelta(hours=12.6), *_text(second), ORIGIN)]
    steps.append(Step(began + timedelta(hours=23), "in_transit", "arrived_at_facility",
                      f"Arrived at {carrier} Origin Facility", DEPOT))  # fmt: skip
    out = began + timedelta(hours=40)
    ends = {
        "unknown": [],
        "pre_transit": steps[:2],
        "in_transit": steps,
        "out_for_delivery": [*steps, _out(out)],
        "delivered": [*steps, _out(out), _delivered(out + timedelta(hours=4))],
        "failure": [*steps, _out(out), _failed(out)],
        "return_to_sender": [*steps, _out(out), _returned(out + timedelta(days=1))],
    }
    return ends[status]


def _text(step: Step) -> tuple[str, str, str]:
    return step.status, step.detail, step.message


def _out(at: datetime) -> Step:
    return Step(at, "out_for_delivery", "out_for_delivery", "Out for Delivery", DESTINATION)


def _delivered(at: datetime) -> Step:
    return Step(at, "delivered", "arrived_at_destination", "Delivered", DESTINATION)


def _failed(out: datetime) -> Step:
    at = out + timedelta(hours=6)
    return Step(at, "failure", "delivery_attempted", "Delivery Attempted", DESTINATION)


def _returned(at: datetime) -> Step:
    return Step(at, "return_to_sender", "return", "Return to Sender", DESTINATION)
