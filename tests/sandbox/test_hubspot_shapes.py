"""HubSpot's answers have the shapes that its OpenAPI files declare."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest

from tests.sandbox.crm_and_wms import served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.reference
BASE = "/crm/objects/2026-09/contacts"
PROPERTY = {
    "name": "crossdock_customer_id",
    "label": "Customer id",
    "groupName": "contactinformation",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer pat-na1-sandbox"}
    with served() as running, httpx.Client(base_url=running.hubspot, headers=headers) as http:
        http.post("/crm/properties/2026-09/contacts", json=PROPERTY)
        yield http


def declared(file: str, name: str) -> dict[str, Any]:
    """A schema of the vendor's file, with additional keys refused."""
    folder = os.environ.get("CROSSDOCK_REFERENCE")
    if not folder:
        pytest.skip("CROSSDOCK_REFERENCE is not set: the vendor's OpenAPI files are not there")
    document = json.loads(Path(folder, "vendor/hubspot", file).read_text())
    schemas = _strict(document["components"]["schemas"])
    return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}


def _strict(schemas: dict[str, Any]) -> dict[str, Any]:
    """The schemas in JSON Schema's terms, where nullable and example mean nothing."""
    for schema in schemas.values():
        fields = schema.get("properties", {})
        schema["additionalProperties"] = schema.get("additionalProperties", not fields)
        for field in (*fields.values(), fields.get("properties", {}).get("additionalProperties")):
            if field and field.get("nullable"):
                field["type"] = [field["type"], "null"]
    # Recorded answers have text here, and null for an association without a label.
    schemas.get("StandardError", {"properties": {}})["properties"]["subCategory"] = {}
    schemas.get("AssociationSpecWithLabel", {"properties": {}})["properties"]["label"] = {}
    return schemas


def contact(http: httpx.Client, **values: str) -> str:
    return str(http.post(BASE, json={"properties": values}).json()["id"])


def create(http: httpx.Client) -> httpx.Response:
    return http.post(BASE, json={"properties": {"city": "Ulm"}, "associations": []})


def read(http: httpx.Client) -> httpx.Response:
    order = http.post("/crm/v3/objects/orders", json={"properties": {}}).json()["id"]
    one = contact(http)
    http.put(f"/crm/v4/objects/orders/{order}/associations/default/contacts/{one}")
    return http.get(f"{BASE}/{one}", params={"associations": "orders"})


def page(http: httpx.Client) -> httpx.Response:
    return http.get(BASE, params={"limit": 2})


def search(http: httpx.Client) -> httpx.Response:
    return http.post(f"{BASE}/search", json={"limit": 2})


def batch(http: httpx.Client) -> httpx.Response:
    return http.post(f"{BASE}/batch/create", json={"inputs": [{"properties": {}}]})


def partial_create(http: httpx.Client) -> httpx.Response:
    inputs = [
        {"properties": {"nothing": "1"}, "objectWriteTraceId": "a"},
        {"properties": {}, "objectWriteTraceId": "b"},
    ]
    return http.post(f"{BASE}/batch/create", json={"inputs": inputs})


def partial_read(http: httpx.Client) -> httpx.Response:
    return http.post(f"{BASE}/batch/read", json={"inputs": [{"id": "1"}], "properties": []})


def upsert(http: httpx.Client) -> httpx.Response:
    item = {"id": "k", "idProperty": "crossdock_customer_id", "properties": {}}
    return http.post(f"{BASE}/batch/upsert", json={"inputs": [item]})


def wrong(http: httpx.Client) -> httpx.Response:
    return http.post(BASE, json={"properties": {"nothing": "1", "email": "no"}})


def missing(http: httpx.Client) -> httpx.Response:
    return http.get(f"{BASE}/1")


def properties(http: httpx.Client) -> httpx.Response:
    return http.get("/crm/properties/2026-09/contacts")


def groups(http: httpx.Client) -> httpx.Response:
    return http.get("/crm/properties/2026-09/contacts/groups")


def account(http: httpx.Client) -> httpx.Response:
    return http.get("/account-info/2026-09/details")


def joined(http: httpx.Client) -> httpx.Response:
    order = http.post("/crm/v3/objects/orders", json={"properties": {}}).json()["id"]
    one = contact(http)
    path = f"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{one}"
    return http.put(path)


def joined_read(http: httpx.Client) -> httpx.Response:
    order = joined(http).json()["results"][0]["from"]["id"]
    body = {"inputs": [{"id": order}, {"id": "1"}]}
    return http.post("/crm/associations/2026-09/orders/contacts/batch/read", json=body)


def owners(http: httpx.Client) -> httpx.Response:
    return http.get("/crm/owners/2026-09", params={"limit": 1})


def merged(http: httpx.Client) -> httpx.Response:
    body = {"primaryObjectId": contact(http), "objectIdToMerge": contact(http)}
    return http.post(f"{BASE}/merge", json=body)


def labelled(http: httpx.Client) -> httpx.Response:
    order = http.post("/crm/v3/objects/orders", json={"properties": {}}).json()["id"]
    specs = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 507}]
    path = f"/crm/objects/2026-09/orders/{order}/associations/contacts/{contact(http)}"
    return http.put(path, json=specs)


@pytest.mark.parametrize(
    ("ask", "status", "file", "name"),
    [
        (create, 201, "2026-09/contacts.json", "SimplePublicObject"),
        (read, 200, "2026-09/contacts.json", "SimplePublicObjectWithAssociations"),
        (page, 200, "2026-09/contacts.json",
         "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"),
        (search, 200, "2026-09/contacts.json", "CollectionResponseWithTotalSimplePublicObject"),
        (batch, 201, "2026-09/contacts.json", "BatchResponseSimplePublicObject"),
        (partial_create, 207, "v3/contacts.json", "BatchResponseSimplePublicObjectWithErrors"),
        (partial_read, 207, "v3/contacts.json", "BatchResponseSimplePublicObjectWithErrors"),
        (upsert, 200, "v3/contacts.json", "BatchResponseSimplePublicUpsertObject"),
        (wrong, 400, "2026-09/contacts.json", "Error"),
        (missing, 404, "2026-09/contacts.json", "Error"),
        (properties, 200, "2026-09/properties.json", "CollectionResponsePropertyNoPaging"),
        (groups, 200, "2026-09/properties.json", "CollectionResponsePropertyGroupNoPaging"),
        (account, 200, "2026-09/accountInfo.json", "PortalInformationResponse"),
        (owners, 200, "2026-09/owners.json", "CollectionResponsePublicOwnerForwardPaging"),
        (merged, 200, "2026-09/contacts.json", "SimplePublicObject"),
        (labelled, 201, "2026-09/associations.json", "LabelsBetweenObjectPair"),
        (joined, 200, "2026-09/associations.json", "BatchResponsePublicDefaultAssociation"),
        (joined_read, 207, "2026-09/associations.json",
         "BatchResponsePublicAssociationMultiWithLabel"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_shape(http: httpx.Client, ask: Any, status: int, file: str, name: str) -> None:
    schema = declared(file, name)
    response = ask(http)
    assert response.status_code == status, response.text
    body = response.json()
    if name == "Error":
        assert body.pop("status") == "error"  # in every answer, in no schema
    jsonschema.validate(body, schema)
