from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crossdock.http.errors import AuthError, Rejected
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned
from crossdock.journal.schema import transitions
from crossdock.operation import Acknowledged, Refused
from crossdock.target import Delivery
from sandbox.easypost.app import API_KEY
from taps.easypost.client import EasyPostClient
from targets.easypost import destination
from targets.easypost.destination import EasyPostDestination
from tests.targets.conftest import Sandbox, operation, ready

KEY = "0b8a2f3c-52f4-8b1d-3c5e-6f7a8b9c0d1e"


@pytest.fixture
def config(sandbox: Sandbox) -> dict[str, Any]:
    return {"api_url": f"{sandbox.url}/easypost", "api_key": API_KEY, "share": 1}


@pytest.fixture
def easypost(config: dict[str, Any]) -> Iterator[EasyPostDestination]:
    with EasyPostClient.from_config(config, connector="target-easypost") as client:
        yield EasyPostDestination(client)


def address(name: str = KEY, **values: Any) -> Any:
    wanted = {
        "name": name,
        "street1": "388 Townsend St",
        "street2": "Apt 20",
        "city": "San Francisco",
        "state": "CA",
        "zip": "94107",
        "country": "US",
        **values,
    }
    return ready("create", object="addresses", key=name, match={"name": name}, set=wanted)


def tracker(code: str = "1Z999AA10123456784", **values: Any) -> Any:
    wanted = {"tracking_code": code, "carrier": "UPS", **values}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    match = {"tracking_code": code}
    return ready("create", object="trackers", key=code, match=match, set=wanted)


def made(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    return [e for e in sandbox.effects("easypost") if e["object"] == kind]


def read(sandbox: Sandbox, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    answer: dict[str, Any] = httpx.get(f"{sandbox.url}/easypost{path}", headers=headers).json()
    return answer


def test_an_address_is_verified_under_our_key(
    easypost: EasyPostDestination, sandbox: Sandbox
) -> None:
    (outcome,) = easypost.send([address()])
    assert isinstance(outcome, Acknowledged)
    record = read(sandbox, f"/v2/addresses/{outcome.destination_id}")
    assert record["verifications"]["delivery"]["success"] is True
    assert record["name"].casefold() == KEY


def test_one_that_nobody_knows_is_an_answer_too(
    easypost: EasyPostDestination, sandbox: Sandbox
) -> None:
    (outcome,) = easypost.send([address(street1="1 Nowhere Rd")])
    assert isinstance(outcome, Acknowledged)
    record = read(sandbox, f"/v2/addresses/{outcome.destination_id}")
    assert record["verifications"]["delivery"]["success"] is False


def test_an_address_is_found_by_our_key(easypost: EasyPostDestination) -> None:
    wanted = address().operation
    assert easypost.find(wanted) is None
    (outcome,) = easypost.send([address()])
    assert isinstance(outcome, Acknowledged)
    easypost.send([address(f"{7:032x}")])
    found = easypost.find(wanted)
    assert found is not None
    assert found["id"] == outcome.destination_id


def test_it_is_looked_for_on_further_pages(
    easypost: EasyPostDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taps.easypost.client.PAGE", 2)
    (first,) = easypost.send([address()])
    for number in range(5):
        easypost.send([address(f"{number:032x}")])
    assert isinstance(first, Acknowledged)
    found = easypost.find(address().operation)
    assert found is not None
    assert found["id"] == first.destination_id
    monkeypatch.setattr(destination, "PAGES", 2)
    with pytest.raises(Rejected, match="not among the newest 2 pages"):
        easypost.find(address().operation)


def test_the_same_parcel_has_one_tracker(easypost: EasyPostDestination, sandbox: Sandbox) -> None:
    assert easypost.find(tracker().operation) is None
    outcomes = [easypost.send([tracker()])[0] for _ in range(2)]
    assert len({o.destination_id for o in outcomes if isinstance(o, Acknowledged)}) == 1
    assert len(made(sandbox, "tracker")) == 1
    found = easypost.find(tracker().operation)
    assert found is not None
    assert Acknowledged(str(found["id"])) == outcomes[0]


def test_without_a_carrier_it_goes_by_the_number(
    easypost: EasyPostDestination, sandbox: Sandbox
) -> None:
    (outcome,) = easypost.send([tracker(carrier=None)])
    assert isinstance(outcome, Acknowledged)
    assert read(sandbox, f"/v2/trackers/{outcome.destination_id}")["carrier"] == "UPS"


def test_a_record_is_read_by_its_id(easypost: EasyPostDestination) -> None:
    (outcome,) = easypost.send([tracker()])
    assert isinstance(outcome, Acknowledged)
    there = operation("adopt", object="trackers", destination_id=outcome.destination_id)
    found = easypost.find(there)
    assert found is not None
    assert found["tracking_code"] == "1Z999AA10123456784"
    gone = operation("adopt", object="trackers", destination_id="trk_none")
    assert easypost.find(gone) is None


def test_what_it_cannot_do_is_refused(easypost: EasyPostDestination) -> None:
    for item in (
        ready("update", object="trackers", destination_id="trk_1", set={"carrier": "UPS"}),
        ready("create", object="shipments", set={"carrier": "UPS"}),
    ):
        (outcome,) = easypost.send([item])
        assert isinstance(outcome, Refused)
        assert "target-easypost cannot" in outcome.reason


def test_a_refusal_names_no_data(easypost: EasyPostDestination) -> None:
    (outcome,) = easypost.send([tracker("no carrier has such a code", carrier=None)])
    assert isinstance(outcome, Refused)
    assert "no carrier has such a code" not in outcome.reason


def test_a_wrong_key_stops_the_run(config: dict[str, Any]) -> None:
    with (
        EasyPostClient.from_config(
            {**config, "api_key": "EZTKwrong"}, connector="target-easypost"
        ) as client,
        pytest.raises(AuthError),
    ):
        EasyPostDestination(client).send([tracker()])


@pytest.mark.parametrize(("item", "kind"), [(address(), "address"), (tracker(), "tracker")])
def test_a_lost_answer_is_read_back_and_not_paid_for_again(
    item: Any, kind: str, easypost: EasyPostDestination, sandbox: Sandbox, journal: Journal
) -> None:
    wanted = item.operation
    path = f"/v2/{wanted.object}"
    sandbox.faults({"vendor": "easypost", "match": path, "kind": "lost_answer", "count": 1})
    journal.operations.write_plan("run", [Planned(wanted, dict(wanted.set))], ())
    Delivery(easypost, journal, "run", rollout="live").deliver([wanted])
    life = journal.rows(select(transitions.c.to_state).order_by(transitions.c.seq))
    assert [step["to_state"] for step in life][-2:] == [states.UNKNOWN, states.ACKNOWLEDGED]
    assert len(made(sandbox, kind)) == 1
