"""tap-easypost."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.easypost import EasyPostVendor
from sandbox.easypost.app import API_KEY
from taps.easypost import client, streams
from taps.easypost.client import EasyPostClient
from targets.easypost.destination import EasyPostDestination
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.conformance.operations import easypost_creates
from tests.sandbox.parcels import AWAY, HOME, PARCEL

if TYPE_CHECKING:
    from random import Random

    from crossdock.journal import Journal

CODE = "94001002083031{:08}"
TRACKERS = 14


def _settings(stage: Stage) -> dict[str, Any]:
    url = f"{stage.url}/easypost"
    return {"api_url": url, "api_key": API_KEY, "share": 1}


def _prepare(stage: Stage) -> None:
    """Parcels under way, a label and a verified address."""
    _populate(stage, TRACKERS)
    assert stage.sandbox is not None
    vendor = stage.sandbox.vendors["easypost"]
    assert isinstance(vendor, EasyPostVendor)
    with vendor.lock:
        body = {"from_address": HOME, "to_address": AWAY, "parcel": PARCEL, "service": "Priority"}
        vendor.shipments.create({"shipment": body})
    stage.edit("easypost", "address", create={**HOME, "street1": "7 Main St", "verify": True})


def _populate(stage: Stage, count: int) -> None:
    for number in range(count):
        _track(stage, number)


def _track(stage: Stage, number: int) -> None:
    tracker = {"tracking_code": CODE.format(number), "carrier": "USPS"}
    stage.edit_at_once("easypost", object="tracker", create=tracker)


def _change(stage: Stage, number: int, text: str) -> None:
    report = {"status": "in_transit", "message": text}
    stage.edit("easypost", "tracker", number=CODE.format(number % TRACKERS), set=report)


def _remove(stage: Stage) -> str:
    stage.edit("easypost", "tracker", number=CODE.format(5), archive=True)
    return "trackers"


def _reported(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, set={"status": "in_transit", "message": f"scan {number}"})


def _deleted(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, archive=True)


def _added(stage: Stage, random: Random, number: int) -> None:
    _track(stage, 10_000 + number)


def _edit(stage: Stage, random: Random, **change: Any) -> None:
    """A carrier reports, or somebody deletes, if the tracker is still there."""
    with suppress(EditError):
        code = CODE.format(random.randrange(TRACKERS))
        stage.edit_at_once("easypost", object="tracker", number=code, **change)


def _destination(config: dict[str, Any], journal: Journal) -> EasyPostDestination:
    return EasyPostDestination(
        EasyPostClient.from_config(
            config, connector="target-easypost", limiter_store=journal.buckets
        )
    )


BENCHES = [
    TapBench(
        name="tap-easypost",
        vendor="easypost",
        config=_settings,
        prepare=_prepare,
        populate=_populate,
        change=_change,
        remove=_remove,
        acts=(_reported, _reported, _reported, _added, _deleted),
        shrink=((client, "PAGE", 4), (streams, "PAGE", 4)),
        secrets=(API_KEY,),
        wrong={"api_key": "wrong-and-secret"},
        without={
            "requests_are_valid": "EasyPost publishes no schema; tests/sandbox hold the stand-in"
            " to its recorded answers and to its own client",
        },
    ),
    TargetBench(
        name="target-easypost",
        vendor="easypost",
        config=lambda url: {"api_url": f"{url}/easypost", "api_key": API_KEY, "share": 1},
        destination=_destination,
        creates=easypost_creates,
        made=lambda effect: effect["fields"].get("tracking_code") or effect["fields"].get("name"),
        secrets=(API_KEY,),
        wrong={"api_key": "wrong-and-secret"},
    ),
]
