"""tap-hubspot and target-hubspot."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from taps.hubspot import streams
from taps.hubspot.client import HubSpotClient
from taps.hubspot.tap import TapHubSpot
from targets.hubspot.check import check
from targets.hubspot.destination import HubSpotDestination
from tests.conformance.bench import Stage, TapBench, TargetBench
from tests.conformance.openapi import hubspot_problems
from tests.conformance.operations import hubspot_creates

if TYPE_CHECKING:
    from random import Random

    from crossdock.journal import Journal

KEY = "pat-na1-sandbox"
RENEWABLE = {
    "access_token": None,
    "client_id": "sandbox",
    "client_secret": "sandbox-secret",
    "refresh_token": "sandbox-refresh",
}


def _change(stage: Stage, number: int, text: str) -> None:
    stage.edit("hubspot", "contact", number=f"c{number % 11}@example.com", set={"jobtitle": text})


def _remove(stage: Stage) -> str:
    stage.edit("hubspot", "contact", number="c3@example.com", archive=True)
    return "contacts"


def _settings(url: str) -> dict[str, Any]:
    return {"api_url": f"{url}/hubspot", "access_token": KEY, "share": 1, "requests_per_10s": 190}


def _office(stage: Stage) -> None:
    """A record of each kind that the small world has none of."""
    kinds = {
        "company": {"name": "Acme"},
        "product": {"name": "Tea", "hs_sku": "TEA"},
        "order": {"hs_order_name": "#1"},
        "line_item": {"name": "Tea", "quantity": "1"},
    }
    for kind, values in kinds.items():
        stage.edit("hubspot", kind, create=values)


def _prepare(stage: Stage) -> None:
    """The account has the properties that we write."""
    assert all(finding.ok for finding in check(_settings(stage.url), fix=True))


def _destination(config: dict[str, Any], journal: Journal) -> HubSpotDestination:
    client = HubSpotClient.from_config(
        config, connector="target-hubspot", limiter_store=journal.buckets
    )
    destination = HubSpotDestination(client)
    destination.batch_size = lambda object_name, action: 2  # type: ignore[method-assign]
    return destination


def _changed(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, set={"jobtitle": f"job {number}"})


def _archived(stage: Stage, random: Random, number: int) -> None:
    _edit(stage, random, archive=True)


def _added(stage: Stage, random: Random, number: int) -> None:
    email = {"email": f"new{number}@example.com"}
    stage.edit_at_once("hubspot", object="contact", create=email)


def _edit(stage: Stage, random: Random, **change: Any) -> None:
    """Somebody changes a contact, if it is still there."""
    with suppress(EditError):
        who = f"c{random.randrange(30)}@example.com"
        stage.edit_at_once("hubspot", object="contact", number=who, **change)


BENCHES = [
    TapBench(
        name="tap-hubspot",
        vendor="hubspot",
        config=lambda stage: stage.config(TapHubSpot),
        prepare=_office,
        change=_change,
        remove=_remove,
        shrink=((streams, "LIST_PAGE", 4), (streams, "SEARCH_PAGE", 4), (streams, "BATCH", 3)),
        secrets=(KEY,),
        under={"revoked": RENEWABLE},
        problems=hubspot_problems,
        acts=(_changed, _changed, _changed, _added, _archived),
    ),
    TargetBench(
        name="target-hubspot",
        vendor="hubspot",
        config=_settings,
        prepare=_prepare,
        destination=_destination,
        creates=hubspot_creates,
        made=lambda effect: effect["fields"].get("crossdock_order_id"),
        secrets=(KEY,),
        under={"revoked": RENEWABLE},
    ),
]
