from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crossdock.http.errors import AuthError, OutcomeUnknown, Rejected
from crossdock.operation import Acknowledged, Refused, Unknown
from taps.hubspot.client import HubSpotClient
from targets.hubspot.check import check
from targets.hubspot.destination import HubSpotDestination, as_text
from tests.targets.conftest import Sandbox, operation, ready

CONFIG = {"access_token": "pat-na1-sandbox", "share": 1}


@pytest.fixture
def config(sandbox: Sandbox) -> dict[str, Any]:
    return {**CONFIG, "api_url": f"{sandbox.url}/hubspot"}


@pytest.fixture
def client(config: dict[str, Any]) -> Iterator[HubSpotClient]:
    with HubSpotClient.from_config(config, connector="target-hubspot") as client:
        yield client


@pytest.fixture
def hubspot(config: dict[str, Any], client: HubSpotClient) -> HubSpotDestination:
    assert all(finding.ok for finding in check(config, fix=True))
    return HubSpotDestination(client)


def contact(number: int, **values: Any) -> Any:
    key = f"c-{number}"
    values = {"crossdock_customer_id": key, "lastname": f"Name {number}", **values}
    match = {"crossdock_customer_id": key}
    return ready("create", object="contacts", key=key, match=match, set=values)


def order(number: int, contact_id: str | None = None, **values: Any) -> Any:
    key = f"o-{number}"
    values = {"crossdock_order_id": key, "hs_order_name": f"#{number}", **values}
    refs = {"contact": contact_id} if contact_id else {}
    return ready("create", refs, key=key, match={"crossdock_order_id": key}, set=values)


def held(client: HubSpotClient, name: str, record_id: str, *properties: str) -> dict[str, Any]:
    params = {"properties": ",".join(properties), "associations": "contacts,orders"}
    body = client.request("GET", client.objects(name, record_id), stream=name, params=params).json()
    return dict(body)


def test_a_batch_of_creates_has_an_id_for_each(
    hubspot: HubSpotDestination, client: HubSpotClient
) -> None:
    batch = [contact(n) for n in range(1, 101)]
    outcomes = hubspot.send(batch)
    assert all(isinstance(o, Acknowledged) for o in outcomes)
    ids = [o.destination_id for o in outcomes if isinstance(o, Acknowledged)]
    assert len(set(ids)) == 100
    found = held(client, "contacts", ids[41], "lastname", "crossdock_customer_id")
    assert found["properties"]["lastname"] == "Name 42"
    assert found["properties"]["crossdock_customer_id"] == "c-42"


def test_an_order_is_created_with_its_contact(
    hubspot: HubSpotDestination, client: HubSpotClient
) -> None:
    (buyer,) = hubspot.send([contact(1)])
    assert isinstance(buyer, Acknowledged)
    (made,) = hubspot.send([order(1, buyer.destination_id)])
    assert isinstance(made, Acknowledged)
    joined = held(client, "orders", made.destination_id)["associations"]["contacts"]["results"]
    assert [entry["id"] for entry in joined] == [buyer.destination_id]


def test_a_second_record_with_our_id_is_refused_alone(hubspot: HubSpotDestination) -> None:
    hubspot.send([contact(1)])
    first, second = hubspot.send([contact(1, lastname="Secret"), contact(2)])
    assert isinstance(second, Acknowledged)
    assert isinstance(first, Refused)
    assert not first.whole_batch
    assert "CONFLICTING_UNIQUE_VALUE (crossdock_customer_id)" in first.reason


def test_reasons_name_properties_and_no_values(hubspot: HubSpotDestination) -> None:
    (outcome,) = hubspot.send([contact(1, email="ada lovelace")])
    assert isinstance(outcome, Refused)
    assert outcome.reason == "VALIDATION_ERROR: INVALID_EMAIL (email)"


def test_an_update_sets_what_is_named_and_clears_what_is_none(
    hubspot: HubSpotDestination, client: HubSpotClient
) -> None:
    (made,) = hubspot.send([contact(1, city="Bath", firstname="Jane")])
    assert isinstance(made, Acknowledged)
    change = {"city": None, "lastname": "Austen"}
    update = ready("update", object="contacts", destination_id=made.destination_id, set=change)
    assert hubspot.send([update]) == [made]
    properties = held(client, "contacts", made.destination_id, "city", "lastname", "firstname")
    assert properties["properties"]["city"] is None
    assert properties["properties"]["lastname"] == "Austen"
    assert properties["properties"]["firstname"] == "Jane"


def test_an_adoption_joins_and_writes_only_what_differs(
    hubspot: HubSpotDestination, client: HubSpotClient, sandbox: Sandbox
) -> None:
    buyer, other = hubspot.send([contact(1), contact(2)])
    (made,) = hubspot.send([order(1)])
    assert isinstance(buyer, Acknowledged)
    assert isinstance(made, Acknowledged)
    before = len(sandbox.effects("hubspot"))
    adopt = ready(
        "adopt",
        {"contact": buyer.destination_id},
        destination_id=made.destination_id,
        set={"hs_fulfillment_status": "shipped"},
    )
    refs_only = ready(
        "update",
        {"contact": other.destination_id},  # type: ignore[union-attr]
        destination_id=made.destination_id,
    )
    assert hubspot.send([adopt]) == [made]
    assert hubspot.send([refs_only]) == [made]
    found = held(client, "orders", made.destination_id, "hs_fulfillment_status")
    assert found["properties"]["hs_fulfillment_status"] == "shipped"
    assert len(found["associations"]["contacts"]["results"]) == 2
    writes = [e["fields"] for e in sandbox.effects("hubspot")[before:]]
    assert {"hs_fulfillment_status": "shipped"} in writes


def test_an_update_of_what_is_gone_is_refused_beside_others(hubspot: HubSpotDestination) -> None:
    (made,) = hubspot.send([contact(1)])
    assert isinstance(made, Acknowledged)
    updates = [
        ready("update", object="contacts", destination_id=i, set={"city": "Bath"})
        for i in (made.destination_id, "999")
    ]
    good, bad = hubspot.send(updates)
    assert good == made
    assert isinstance(bad, Refused)
    assert bad.code == "OBJECT_NOT_FOUND"


def test_find_reads_its_own_writes_by_our_id(hubspot: HubSpotDestination) -> None:
    (made,) = hubspot.send([contact(1, city="Bath")])
    assert isinstance(made, Acknowledged)
    match = {"crossdock_customer_id": "c-1", "email": "someone@example.com"}
    wanted = operation("create", object="contacts", match=match, set={"city": "Bath"})
    found = hubspot.find(wanted)
    assert found is not None
    assert found["id"] == made.destination_id
    assert found["city"] == "Bath"
    absent = operation("create", object="contacts", match={"crossdock_customer_id": "c/ö 2"})
    assert hubspot.find(absent) is None
    assert hubspot.find(operation("update", object="contacts", destination_id="5")) is None


def test_find_refuses_to_guess_without_a_unique_property(hubspot: HubSpotDestination) -> None:
    with pytest.raises(Rejected, match="unique"):
        hubspot.find(operation("create", match={"hs_external_order_id": "1"}))


def test_missing_properties_are_no_fault_of_the_record(client: HubSpotClient) -> None:
    fresh = HubSpotDestination(client)
    (outcome,) = fresh.send([contact(1)])
    assert isinstance(outcome, Refused)
    assert "run `crossdock check --fix`" in outcome.reason
    assert "crossdock_customer_id" in outcome.reason
    assert outcome.retry
    unsent = operation("create", object="contacts", match={"crossdock_customer_id": "c-1"})
    assert fresh.find(unsent) is None


def test_a_lost_answer_is_unknown_and_found_again(
    hubspot: HubSpotDestination, sandbox: Sandbox
) -> None:
    sandbox.faults(
        {"vendor": "hubspot", "match": "batch/create", "kind": "lost_answer", "count": 1}
    )
    item = contact(1)
    with pytest.raises(OutcomeUnknown):
        hubspot.send([item])
    assert hubspot.find(item.operation) is not None


def test_a_wrong_key_stops_everything(sandbox: Sandbox) -> None:
    config = {"access_token": "pat-na1-wrong", "api_url": f"{sandbox.url}/hubspot"}
    client = HubSpotClient.from_config(config, connector="target-hubspot")
    with pytest.raises(AuthError):
        HubSpotDestination(client).send([contact(1)])
    findings = list(check(config, fix=True))
    assert not all(f.ok for f in findings)


def test_check_fixes_once(config: dict[str, Any], sandbox: Sandbox) -> None:
    missing = [f for f in check(config, fix=False) if not f.ok]
    assert len(missing) == 3
    assert all("--fix" in f.advice for f in missing)
    assert sum(f.fixed for f in check(config, fix=True)) == 3
    again = list(check(config, fix=True))
    assert all(f.ok and not f.fixed for f in again)


def test_check_names_the_scope_that_a_key_lacks(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = HubSpotClient.request

    def request(self: HubSpotClient, method: str, path: str, **options: Any) -> httpx.Response:
        if options["stream"] == "tickets":
            where = {"connector": "t", "stream": "tickets", "path": path}
            raise AuthError("MISSING_SCOPES", status=403, **where)
        return original(self, method, path, **options)

    monkeypatch.setattr(HubSpotClient, "request", request)
    found = {f.what: f for f in check(config, fix=True)}
    assert found["companies can be read"].ok
    lacking = found["tickets can be read"]
    assert not lacking.ok
    assert "scope tickets" in lacking.advice
    assert "tickets can be read" not in {
        f.what for f in check({**config, "streams": ["contacts"]}, fix=False)
    }


def answering(handler: Any) -> HubSpotDestination:
    config = {**CONFIG, "api_url": "http://hubspot.test"}
    client = HubSpotClient.from_config(
        config, connector="target-hubspot", transport=httpx.MockTransport(handler)
    )
    return HubSpotDestination(client)


def test_a_batch_refused_as_a_whole_is_to_be_bisected() -> None:
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "\"Ada\" is 'wrong'"}
    hubspot = answering(lambda request: httpx.Response(400, json=body))
    outcomes = hubspot.send([contact(1), contact(2)])
    assert all(isinstance(o, Refused) and o.whole_batch for o in outcomes)
    assert "Ada" not in str(outcomes)


def test_of_a_batch_refused_for_a_property_the_others_are_sent() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        import json

        inputs = json.loads(request.content)["inputs"]
        if any("nosuch" in i["properties"] for i in inputs):
            message = (
                'Property values were not valid: [{"isValid":false,"message":"no","error":'
                '"PROPERTY_DOESNT_EXIST","name":"nosuch"}]'
            )
            return httpx.Response(400, json={"category": "VALIDATION_ERROR", "message": message})
        results = [
            {"id": "7", "properties": i["properties"], "objectWriteTraceId": None} for i in inputs
        ]
        return httpx.Response(201, json={"results": results})

    bad, good = answering(handler).send([contact(1, nosuch="x"), contact(2)])
    assert isinstance(bad, Refused)
    assert bad.retry
    assert not bad.whole_batch
    assert good == Acknowledged("7")


def test_an_answer_that_does_not_name_a_record_leaves_it_unknown() -> None:
    hubspot = answering(lambda request: httpx.Response(201, json={"results": []}))
    (outcome,) = hubspot.send([contact(1)])
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        ("12.50", "12.50"),
        (["a", "b"], "a;b"),
        ([{"sku": "é"}], '[{"sku":"é"}]'),
    ],
)
def test_values_are_text(value: Any, text: str) -> None:
    assert as_text(value) == text
