"""HubSpot beside contacts and orders: labels, pipelines, owners, deletions, people at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hubspot import HubSpot

from sandbox.hubspot import association_api, associations
from tests.sandbox.crm_and_wms import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "pat-na1-sandbox"
OBJECTS = "/crm/objects/2026-09"


@pytest.fixture
def running() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def client(running: Served) -> HubSpot:
    return HubSpot(access_token=KEY, host=running.hubspot)


@pytest.fixture
def http(running: Served) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=running.hubspot, headers=headers) as http:
        yield http


def make(http: httpx.Client, kind: str, **values: str) -> str:
    return str(http.post(f"{OBJECTS}/{kind}", json={"properties": values}).json()["id"])


def ids(http: httpx.Client, kind: str, **params: Any) -> set[str]:
    page = http.get(f"{OBJECTS}/{kind}", params={"limit": 100, **params}).json()
    return {item["id"] for item in page["results"]}


def batch_read(http: httpx.Client, ends: str, *inputs: dict[str, str]) -> dict[str, Any]:
    path = f"/crm/associations/2026-09/{ends}/batch/read"
    answer: dict[str, Any] = http.post(path, json={"inputs": list(inputs)}).json()
    return answer


def test_the_office_is_there_and_leaves_contacts_and_orders_alone(running: Served) -> None:
    state = running.state("hubspot")
    assert len(state["contacts"]) == 3 + 8
    assert state["orders"] == []
    assert state["companies"] and state["tickets"] and state["notes"]
    firms = {contact["properties"].get("company") for contact in state["contacts"]}
    assert {company["properties"]["name"] for company in state["companies"]} <= firms
    times = [item["properties"]["hs_lastmodifieddate"] for item in state["notes"]]
    assert max(times) < "2026-03-02"
    assert all(ticket["associations"]["contacts"] for ticket in state["tickets"])


def test_gdpr_delete_leaves_nothing(running: Served, http: httpx.Client) -> None:
    one, other = make(http, "contacts", email="a@b.cd"), make(http, "contacts")
    running.advance(seconds=5)
    body = {"objectId": "a@b.cd", "idProperty": "email"}
    assert http.post(f"{OBJECTS}/contacts/gdpr-delete", json=body).status_code == 204
    http.delete(f"{OBJECTS}/contacts/{other}")
    gone = http.post("/crm/v3/objects/contacts/gdpr-delete", json={"objectId": other})
    assert gone.status_code == 204
    for archived in ("false", "true"):
        assert not ids(http, "contacts", archived=archived) & {one, other}
    found = http.post(f"{OBJECTS}/contacts/search", json={"limit": 200}).json()["results"]
    assert one in {item["id"] for item in found}  # the index does not know yet
    running.advance(seconds=5)
    found = http.post(f"{OBJECTS}/contacts/search", json={"limit": 200}).json()["results"]
    assert one not in {item["id"] for item in found}
    assert make(http, "contacts", email="a@b.cd")


def test_orders_cannot_be_merged(http: httpx.Client) -> None:
    body = {"primaryObjectId": make(http, "orders"), "objectIdToMerge": make(http, "orders")}
    assert http.post(f"{OBJECTS}/orders/merge", json=body).status_code == 400


def test_associations_of_one_record_come_in_pages(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(association_api, "PAGE", 2)
    monkeypatch.setattr(associations, "PAGE", 2)
    contact, orders = make(http, "contacts"), [make(http, "orders") for _ in range(5)]
    for order in orders:
        http.put(f"{OBJECTS}/orders/{order}/associations/default/contacts/{contact}")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        (result,) = batch_read(http, "contacts/orders", {"id": contact, **cursor})["results"]
        seen += [item["toObjectId"] for item in result["to"]]
        if "paging" not in result:
            break
        cursor = {"after": result["paging"]["next"]["after"]}
    assert seen == orders
    page = http.get(f"{OBJECTS}/contacts/{contact}", params={"associations": "orders"}).json()
    assert page["associations"]["orders"]["paging"]["next"]["after"] == orders[1]


def test_labels_are_made_worn_and_taken_off(http: httpx.Client) -> None:
    labels = "/crm/v4/associations/contacts/companies/labels"
    made = http.post(labels, json={"label": "Buyer", "name": "buyer"}).json()["results"]
    assert [entry["category"] for entry in made] == ["USER_DEFINED"] * 2
    listed = http.get(labels).json()["results"]
    assert [(entry["typeId"], entry["label"]) for entry in listed] == [(279, None), (1, "Buyer")]
    contact, company = make(http, "contacts"), make(http, "companies", name="Acme")
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}
    path = f"{OBJECTS}/contacts/{contact}/associations/companies/{company}"
    answer = http.put(path, json=[spec])
    assert (answer.status_code, answer.json()["labels"]) == (201, ["Buyer"])

    def worn() -> list[str | None]:
        (result,) = batch_read(http, "companies/contacts", {"id": company})["results"]
        return [type_["label"] for type_ in result["to"][0]["associationTypes"]]

    assert set(worn()) == {"Buyer", None}
    off = {"from": {"id": contact}, "to": {"id": company}, "types": [spec]}
    path = "/crm/associations/2026-09/contacts/companies/batch/labels/archive"
    assert http.post(path, json={"inputs": [off]}).status_code == 204
    assert worn() == [None]


def test_the_official_client_reads_pipelines_and_owners(client: HubSpot) -> None:
    (pipeline,) = client.crm.pipelines.pipelines_api.get_all("tickets").results
    assert pipeline.stages[0].label == "New"
    assert client.crm.pipelines.pipelines_api.get_all("contacts").results == []
    owners = client.crm.owners.get_all()
    assert [owner.first_name for owner in owners] == ["Sam", "Kim"]
    assert client.crm.owners.owners_api.get_page(limit=1).paging.next.after == owners[0].id


@pytest.mark.parametrize("version", ["2026-09", "2026-03"])
def test_dated_paths_of_pipelines_and_owners(http: httpx.Client, version: str) -> None:
    assert http.get(f"/crm/pipelines/{version}/orders").json()["results"][0]["stages"]
    (owner, _) = http.get(f"/crm/owners/{version}").json()["results"]
    assert http.get(f"/crm/owners/{version}/{owner['id']}").json() == owner
    assert http.get(f"/crm/owners/{version}/1").status_code == 404


def person(running: Served, kind: str, **body: Any) -> dict[str, Any]:
    answer = running.edit(vendor="hubspot", object=kind, **body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_people_bin_restore_merge_and_delete(running: Served, http: httpx.Client) -> None:
    one = person(running, "contact", create={"email": "a@b.cd"})["id"]
    two = person(running, "contact", create={"city": "Ulm"})["id"]
    person(running, "contact", id=one, archive=True)
    assert one in ids(http, "contacts", archived=True)
    running.advance(seconds=1)
    back = person(running, "contact", number="a@b.cd", restore=True)
    assert back["updatedAt"] > back["createdAt"]
    assert one in ids(http, "contacts")
    read = http.get(f"{OBJECTS}/contacts/a@b.cd", params={"idProperty": "email"})
    assert read.json()["id"] == one
    merged = person(running, "contact", id=one, merge=two)
    assert merged["properties"]["city"] == "Ulm"
    person(running, "contact", id=two, gdpr_delete=True)
    assert http.get(f"{OBJECTS}/contacts/{one}").status_code == 404
    wrong = running.edit(vendor="hubspot", object="contact", id=one, archive=True, set={})
    assert wrong.status_code == 400


def test_people_join_and_part_records(running: Served, http: httpx.Client) -> None:
    contact = person(running, "contact", create={})["id"]
    company = person(running, "company", create={"name": "Acme"})["id"]
    before = http.get(f"{OBJECTS}/contacts/{contact}").json()["updatedAt"]
    running.advance(seconds=1)
    to = {"object": "company", "id": company, "label": "Supplier"}
    person(running, "contact", id=contact, associate=to)
    (result,) = batch_read(http, "contacts/companies", {"id": contact})["results"]
    labels = {entry["label"] for entry in result["to"][0]["associationTypes"]}
    assert labels == {None, "Supplier"}
    person(running, "contact", id=contact, dissociate={"object": "company", "id": company})
    assert batch_read(http, "contacts/companies", {"id": contact})["results"] == []
    # Nothing of this moves the record's own time.
    assert http.get(f"{OBJECTS}/contacts/{contact}").json()["updatedAt"] == before


def test_people_define_and_remove_a_property(running: Served, http: httpx.Client) -> None:
    new = {"name": "shoe_size", "type": "number"}
    assert person(running, "property", of="contact", create=new)["fieldType"] == "number"
    made = person(running, "contact", create={"shoe_size": "43"})
    asked = {"properties": "shoe_size"}
    path = f"{OBJECTS}/contacts/{made['id']}"
    assert http.get(path, params=asked).json()["properties"]["shoe_size"] == "43"
    person(running, "property", of="contact", archive="shoe_size")
    assert "shoe_size" not in http.get(path, params=asked).json()["properties"]
    archived = http.get("/crm/properties/2026-09/contacts", params={"archived": "true"}).json()
    assert [(p["name"], p["archived"]) for p in archived["results"]] == [("shoe_size", True)]
