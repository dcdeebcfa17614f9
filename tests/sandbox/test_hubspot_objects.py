"""HubSpot's records, through the official client and through plain HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import ApiException

from tests.sandbox.crm_and_wms import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "pat-na1-sandbox"
PROPERTY = {
    "name": "crossdock_order_id",
    "label": "Order id",
    "groupName": "orderinformation",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
}


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


@pytest.fixture
def orders(http: httpx.Client) -> str:
    """The path of orders, with our unique property made."""
    assert http.post("/crm/properties/2026-09/orders", json=PROPERTY).status_code == 201
    return "/crm/objects/2026-09/orders"


def email_search(email: str) -> dict[str, Any]:
    filters = [{"propertyName": "email", "operator": "EQ", "value": email}]
    return {"filterGroups": [{"filters": filters}], "properties": ["firstname"]}


def test_the_official_client_creates_reads_and_searches(running: Served, client: HubSpot) -> None:
    made = client.crm.contacts.basic_api.create(
        {"properties": {"email": "New@Example.com", "firstname": "New", "phone": "(030) 1-2"}}
    )
    assert made.properties["email"] == "new@example.com"
    assert made.properties["phone"] == "(030) 1-2"
    read = client.crm.contacts.basic_api.get_by_id(
        "new@example.com", id_property="email", properties=["firstname", "city"]
    )
    assert (read.id, read.properties["firstname"], read.properties["city"]) == (
        made.id, "New", None,
    )  # fmt: skip
    assert client.crm.contacts.search_api.do_search(email_search("new@example.com")).total == 0
    running.advance(seconds=5)
    found = client.crm.contacts.search_api.do_search(email_search("new@example.com"))
    assert [item.id for item in found.results] == [made.id]
    assert len(client.crm.contacts.get_all()) == 3 + 8 + 1


def test_search_shows_old_values_while_reads_show_new_ones(
    running: Served, client: HubSpot
) -> None:
    contacts = client.crm.contacts
    made = contacts.basic_api.create({"properties": {"email": "a@b.cd", "firstname": "Old"}})
    running.advance(seconds=10)
    contacts.basic_api.update(made.id, {"properties": {"firstname": "New"}})
    (found,) = contacts.search_api.do_search(email_search("a@b.cd")).results
    assert found.properties["firstname"] == "Old"
    read = contacts.batch_api.read({"inputs": [{"id": made.id}], "properties": ["firstname"]})
    assert read.results[0].properties["firstname"] == "New"
    running.advance(seconds=4)
    (found,) = contacts.search_api.do_search(email_search("a@b.cd")).results
    assert found.properties["firstname"] == "New"


def test_an_email_belongs_to_one_contact(client: HubSpot) -> None:
    made = client.crm.contacts.basic_api.create({"properties": {"email": "one@x.yz"}})
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.create({"properties": {"email": "One@x.yz"}})
    body = json.loads(refused.value.body)
    assert refused.value.status == 409
    assert body["message"] == f"Contact already exists. Existing ID: {made.id}"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"crossdock_nothing": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ({"hs_total_price": "cheap"}, "INVALID_NUMBER"),
        ({"hs_processed_date": "yesterday"}, "INVALID_LONG"),
    ],
)
def test_wrong_values_are_refused_by_name(
    http: httpx.Client, values: dict[str, str], code: str
) -> None:
    response = http.post("/crm/objects/2026-09/orders", json={"properties": values})
    body = response.json()
    assert (response.status_code, body["category"]) == (400, "VALIDATION_ERROR")
    assert body["errors"][0]["code"] == code
    assert json.loads(body["message"].split(": ", 1)[1])[0]["error"] == code


def test_values_come_back_as_the_vendor_writes_them(http: httpx.Client) -> None:
    values = {
        "hs_total_price": 12.5,
        "hs_processed_date": "2026-03-01T10:00:00.000+01:00",
        "hs_external_created_date": "1772355600123",
        "hs_order_name": "",
    }
    made = http.post("/crm/v3/objects/orders", json={"properties": values}).json()["properties"]
    assert made["hs_total_price"] == "12.5"
    assert made["hs_processed_date"] == "2026-03-01T09:00:00Z"
    assert made["hs_external_created_date"] == "2026-03-01T09:00:00.123Z"
    assert "hs_order_name" not in made


def test_a_batch_without_trace_ids_is_refused_as_a_whole(http: httpx.Client, orders: str) -> None:
    inputs = [{"properties": {"crossdock_order_id": key}} for key in ("1", "2", "1")]
    response = http.post(f"{orders}/batch/create", json={"inputs": inputs})
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    assert http.get(orders).json()["results"] == []


def test_a_batch_with_trace_ids_answers_each_input(http: httpx.Client, orders: str) -> None:
    inputs = [
        {"objectWriteTraceId": f"t{n}", "properties": {"crossdock_order_id": key, **more}}
        for n, (key, more) in enumerate([("1", {}), ("2", {"nope": "x"}), ("1", {}), ("3", {})])
    ]
    response = http.post(f"{orders}/batch/create", json={"inputs": inputs})
    body = response.json()
    assert (response.status_code, body["status"], body["numErrors"]) == (207, "COMPLETE", 2)
    assert [item["objectWriteTraceId"] for item in body["results"]] == ["t0", "t3"]
    assert [item["context"]["objectWriteTraceId"] for item in body["errors"]] == [["t1"], ["t2"]]
    assert all(
        {"status", "category", "message", "errors", "links"} <= e.keys() for e in body["errors"]
    )


def test_upserts_say_what_is_new(running: Served, client: HubSpot, orders: str) -> None:
    def upsert(*keys: str) -> list[tuple[str, bool]]:
        inputs = [
            {"id": key, "idProperty": "crossdock_order_id", "properties": {"hs_order_name": key}}
            for key in keys
        ]
        answer = client.crm.objects.batch_api.upsert("orders", {"inputs": inputs})
        return [(item.properties["hs_order_name"], item.new) for item in answer.results]

    assert upsert("1", "2") == [("1", True), ("2", True)]
    assert upsert("2", "3") == [("2", False), ("3", True)]
    effects = [e for e in running.sandbox.effects.since(0) if e["object"] == "order"]
    assert [(e["operation"], e["external_id"], e["actor"]) for e in effects] == [
        ("create", "1", "api"),
        ("create", "2", "api"),
        ("update", "2", "api"),
        ("create", "3", "api"),
    ]


def test_upserts_need_a_unique_property_and_distinct_ids(http: httpx.Client, orders: str) -> None:
    for name, ids in (("hs_order_name", "12"), ("crossdock_order_id", "11")):
        inputs = [{"id": key, "idProperty": name, "properties": {}} for key in ids]
        assert http.post(f"{orders}/batch/upsert", json={"inputs": inputs}).status_code == 400


def test_missing_records_do_not_spoil_a_batch(http: httpx.Client, orders: str) -> None:
    made = http.post(orders, json={"properties": {"crossdock_order_id": "1"}}).json()
    inputs = [{"id": "1"}, {"id": "7"}]
    read = http.post(
        f"{orders}/batch/read",
        json={"inputs": inputs, "idProperty": "crossdock_order_id", "properties": []},
    )
    assert read.status_code == 207
    assert [item["id"] for item in read.json()["results"]] == [made["id"]]
    assert read.json()["errors"][0]["context"]["ids"] == ["7"]
    inputs = [{"id": id_, "properties": {"hs_order_name": "x"}} for id_ in (made["id"], "7")]
    update = http.post(f"{orders}/batch/update", json={"inputs": inputs})
    assert update.status_code == 207
    assert [item["id"] for item in update.json()["results"]] == [made["id"]]
    assert update.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_a_batch_takes_a_hundred(http: httpx.Client) -> None:
    inputs = [{"properties": {}}] * 101
    response = http.post("/crm/objects/2026-09/orders/batch/create", json={"inputs": inputs})
    assert response.status_code == 400


def test_archived_records_are_gone_and_free_their_values(http: httpx.Client, orders: str) -> None:
    body = {"properties": {"crossdock_order_id": "1"}}
    made = http.post(orders, json=body).json()
    assert http.delete(f"{orders}/{made['id']}").status_code == 204
    gone = http.get(f"{orders}/{made['id']}")
    assert (gone.status_code, gone.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    (archived,) = http.get(orders, params={"archived": "true"}).json()["results"]
    assert (archived["id"], archived["archived"]) == (made["id"], True)
    assert http.post(orders, json=body).status_code == 201


def test_two_merged_contacts_answer_as_a_new_one(running: Served, client: HubSpot) -> None:
    contacts = client.crm.contacts.basic_api
    kept = contacts.create({"properties": {"email": "a@b.cd", "city": "Bonn"}})
    other = contacts.create({"properties": {"phone": "1", "city": "Ulm"}})
    made = contacts.merge({"primaryObjectId": kept.id, "objectIdToMerge": other.id})
    assert made.id not in (kept.id, other.id)
    assert made.properties["hs_merged_object_ids"] == f"{kept.id};{other.id}"
    for old in (kept.id, other.id):
        read = contacts.get_by_id(old, properties=["city", "email", "phone"])
        values = [read.properties[name] for name in ("city", "email", "phone")]
        assert (read.id, values) == (made.id, ["Bonn", "a@b.cd", "1"])
    for archived in (False, True):
        listed = {item.id for item in client.crm.contacts.get_all(archived=archived)}
        assert not listed & {kept.id, other.id}
    third = contacts.create({"properties": {}})
    last = contacts.merge({"primaryObjectId": third.id, "objectIdToMerge": made.id})
    assert contacts.get_by_id(other.id).id == last.id
    assert set(last.properties["hs_merged_object_ids"].split(";")) == {
        kept.id, other.id, third.id, made.id,
    }  # fmt: skip
    running.advance(seconds=5)
    (found,) = client.crm.contacts.search_api.do_search(email_search("a@b.cd")).results
    assert found.id == last.id


def test_orders_are_created_on_their_contact(http: httpx.Client, orders: str) -> None:
    contact = http.post("/crm/v3/objects/contacts", json={"properties": {}}).json()["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 507}]
    body = {"properties": {}, "associations": [{"to": {"id": contact}, "types": types}]}
    order = http.post(orders, json=body).json()["id"]
    read = http.get(f"{orders}/{order}", params={"associations": "contacts"}).json()
    assert read["associations"] == {
        "contacts": {"results": [{"id": contact, "type": "order_to_contact"}]}
    }
    pairs = http.post(
        "/crm/v4/associations/contacts/orders/batch/read", json={"inputs": [{"id": contact}]}
    ).json()
    assert pairs["results"][0]["to"][0]["toObjectId"] == order
    body["associations"][0]["to"]["id"] = "1"
    assert http.post(orders, json=body).status_code == 400


def test_associations_are_made_and_undone_by_path(http: httpx.Client, orders: str) -> None:
    contact = http.post("/crm/v3/objects/contacts", json={"properties": {}}).json()["id"]
    order = http.post(orders, json={"properties": {}}).json()["id"]
    for base in ("/crm/v4/objects", "/crm/objects/2026-09"):
        one = f"{base}/orders/{order}/associations"
        assert http.put(f"{one}/default/contacts/{contact}").status_code == 200
        listed = http.get(f"/crm/v4/objects/orders/{order}/associations/contacts").json()
        assert [item["toObjectId"] for item in listed["results"]] == [contact]
        assert http.delete(f"{one}/contacts/{contact}").status_code == 204
    (label,) = http.get("/crm/v4/associations/orders/contacts/labels").json()["results"]
    assert label["typeId"] == 507


def test_properties_are_made_once(http: httpx.Client, orders: str) -> None:
    path = "/crm/properties/2026-09/orders"
    again = http.post(path, json=PROPERTY)
    assert again.status_code == 409
    assert http.get(f"/crm/v3/properties/orders/{PROPERTY['name']}").json()["hasUniqueValue"]
    assert http.get(f"{path}/nothing").status_code == 404
    for n in range(9):
        assert http.post(path, json=PROPERTY | {"name": f"u{n}"}).status_code == 201
    assert http.post(path, json=PROPERTY | {"name": "eleventh"}).status_code == 400


def test_three_path_families_share_one_store(http: httpx.Client) -> None:
    made = http.post("/crm/v3/objects/contacts", json={"properties": {"city": "Ulm"}}).json()
    for base in ("/crm/objects/2026-09", "/crm/objects/2026-03", "/crm/v3/objects"):
        read = http.get(f"{base}/contacts/{made['id']}", params={"properties": "city"}).json()
        assert read["properties"]["city"] == "Ulm"
