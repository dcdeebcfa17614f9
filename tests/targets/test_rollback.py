"""A run's updates at HubSpot, taken back over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crossdock.errors import PlanError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, op_key
from crossdock.operation import Operation
from crossdock.plan import held, rollback
from crossdock.plan.rollback import Rollback
from crossdock.target import Delivery
from taps.hubspot.client import HubSpotClient
from targets.hubspot.check import check
from targets.hubspot.destination import HubSpotDestination
from tests.targets.conftest import Sandbox, operation

#: The account takes 19 requests in a second, and each record is read before it is restored.
COUNT = int(os.environ.get("CROSSDOCK_ROLLBACK", "120"))
SYNC, CRM = "sync_test__contacts", "hubspot:main"


@pytest.fixture
def config(sandbox: Sandbox) -> dict[str, Any]:
    config = {"api_url": f"{sandbox.url}/hubspot", "access_token": "pat-na1-sandbox"}
    assert all(finding.ok for finding in check({**config, "share": 1}, fix=True))
    return {**config, "share": 1, "requests_per_10s": 190}


@pytest.fixture
def hubspot(config: dict[str, Any]) -> Iterator[HubSpotDestination]:
    with HubSpotClient.from_config(config, connector="target-hubspot") as client:
        yield HubSpotDestination(client)


def planned(number: int, action: str, version: int, **values: Any) -> Planned:
    key = f"c-{number}"
    wanted = {"firstname": "Zoë", "city": f"Köln {number}", **values}
    match = {"crossdock_customer_id": key}
    made: Operation = operation(
        action,
        object="contacts",
        sync=SYNC,
        destination=CRM,
        key=key,
        version=version,
        match=match,
        set={**match, **wanted} if action == "create" else wanted,
    )
    return Planned(made, {**match, **wanted})


class Company:
    """Contacts that one run makes, and another one changes."""

    def __init__(self, hubspot: HubSpotDestination, journal: Journal, url: str) -> None:
        self.hubspot, self.journal, self.url = hubspot, journal, url
        self.ids: dict[str, str] = {}

    def run(self, run_id: str, items: list[Planned]) -> None:
        keyed = [
            Planned(_keyed(p.operation, self.ids.get(p.operation.key)), p.owned) for p in items
        ]
        self.journal.operations.write_plan(run_id, keyed, ())
        delivery = Delivery(self.hubspot, self.journal, run_id, rollout="live")
        delivery.deliver([p.operation for p in keyed])
        rows = self.journal.operations.acknowledged(SYNC, CRM)
        self.ids = {row["key"]: row["destination_id"] for row in rows}

    def found(self, run_id: str) -> Rollback:
        return rollback.find(run_id, CRM, self.hubspot, self.journal)

    def edit(self, number: int, **change: Any) -> None:
        body = {"vendor": "hubspot", "object": "contact", "id": self.ids[f"c-{number}"], **change}
        httpx.post(f"{self.url}/_sandbox/edit", json=body).raise_for_status()

    def contacts(self) -> dict[str, dict[str, Any]]:
        found = httpx.get(f"{self.url}/_sandbox/state").json()["vendors"]["hubspot"]["contacts"]
        own = (row["properties"] for row in found if not row.get("archived"))
        return {p["crossdock_customer_id"]: p for p in own if p.get("crossdock_customer_id")}


def _keyed(made: Operation, record: str | None) -> Operation:
    from dataclasses import replace

    whole = replace(made, destination_id=record, op_key="")
    return replace(whole, op_key=op_key(whole))


def updates(version: int = 1, **values: Any) -> list[Planned]:
    from dataclasses import replace

    wrong = {"city": "Nowhere", **values}
    before = [planned(n, "create", 0).operation.set for n in range(COUNT)]
    items = [planned(n, "update", version, **wrong) for n in range(COUNT)]
    return [
        Planned(
            replace(p.operation, set=wrong, before={name: old.get(name) for name in wrong}),
            {**p.owned, **wrong},
        )
        for p, old in zip(items, before, strict=True)
    ]


@pytest.fixture
def company(hubspot: HubSpotDestination, journal: Journal, sandbox: Sandbox) -> Company:
    company = Company(hubspot, journal, sandbox.url)
    company.run("made", [planned(n, "create", 0) for n in range(COUNT)])
    company.run("wrong", updates())
    assert {p["city"] for p in company.contacts().values()} == {"Nowhere"}
    return company


def test_every_field_is_restored(company: Company) -> None:
    found = company.found("wrong")
    assert (len(found.planned), found.kept) == (COUNT, [])
    company.run("back", list(found.planned))
    cities = {key: p["city"] for key, p in company.contacts().items()}
    assert cities == {f"c-{n}": f"Köln {n}" for n in range(COUNT)}
    (kept,) = {k.why for k in company.found("made").kept} - {""}
    assert "it made the record" in kept


def test_what_people_changed_since_is_listed_and_left_alone(company: Company) -> None:
    company.edit(1, set={"city": "Bonn"})
    company.edit(2, set={"jobtitle": "Buyer"})  # a field that is not ours
    company.edit(3, archive=True)
    company.run("later", [p for p in updates(2, city="Elsewhere") if p.operation.key == "c-4"])
    found = company.found("wrong")
    why = {k.operation.key: k.why for k in found.kept}
    assert why == {
        "c-1": "somebody has changed city since",
        "c-3": "it is no longer there",
        "c-4": "run later has written it since",
    }
    company.run("back", list(found.planned))
    contacts = company.contacts()
    assert contacts["c-1"]["city"] == "Bonn"
    assert (contacts["c-2"]["city"], contacts["c-2"]["jobtitle"]) == ("Köln 2", "Buyer")
    assert "c-3" not in contacts
    assert contacts["c-4"]["city"] == "Elsewhere"


def test_what_was_restored_is_not_brought_forward_again(company: Company) -> None:
    company.run("back", list(company.found("wrong").planned))
    again = updates(3)
    going, why = held.leave_out(again, SYNC, CRM, company.journal)
    assert (going, why) == ([], {"rolled_back": COUNT})
    other = updates(3, city="Bonn")
    assert held.leave_out(other, SYNC, CRM, company.journal)[0] == other
    company.journal.runs.approve(held.release_of("wrong"), "Ada", "it was right after all")
    assert held.leave_out(again, SYNC, CRM, company.journal)[0] == again


def test_a_run_that_wrote_nothing_has_nothing_to_take_back(journal: Journal) -> None:
    with pytest.raises(PlanError, match="wrote nothing"):
        rollback.destinations("never", journal)


def test_a_restored_record_is_acknowledged_with_its_old_values(
    company: Company, journal: Journal
) -> None:
    company.run("back", list(company.found("wrong").planned))
    rows = {row["key"]: row for row in journal.operations.acknowledged(SYNC, CRM)}
    assert rows["c-7"]["fields"]["city"] == "Köln 7"
    assert journal.operations.counts("back") == {(SYNC, CRM): {states.ACKNOWLEDGED: COUNT}}
