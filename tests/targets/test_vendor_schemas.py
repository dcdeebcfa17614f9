"""What the targets send, against the vendors' own schemas."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, build_schema, parse, validate

from taps.hubspot.client import HubSpotClient
from targets.hubspot.check import PROPERTIES
from targets.hubspot.destination import HubSpotDestination
from targets.shiphero import queries
from targets.shiphero.destination import _CHANGEABLE
from targets.shopify import queries as shopify
from tests.conformance.graphql import shopify_schema
from tests.targets.conftest import ready
from tests.targets.test_shiphero_destination import order

pytestmark = pytest.mark.reference

DOCUMENTS = ("READ", "FIND", "CREATE", "UPDATE", "CANCEL", "HOLD", "QUOTA", "ACCOUNT")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shiphero_knows_what_we_ask(reference: Path, name: str) -> None:
    sdl = (reference / "vendor/shiphero/schema_2023-02.graphql").read_text()
    assert validate(build_schema(sdl), parse(getattr(queries, name))) == []


@pytest.mark.parametrize("name", ("READ", "FIND", "FIND_UNITS", "CREATE", "UPDATE"))
def test_shopify_knows_what_we_ask(reference: Path, name: str) -> None:
    assert validate(shopify_schema(reference), parse(getattr(shopify, name))) == []


def test_shiphero_can_change_what_we_say_it_can(reference: Path) -> None:
    sdl = (reference / "vendor/shiphero/schema_2023-02.graphql").read_text()
    types = build_schema(sdl).type_map
    update, create = types["UpdateOrderInput"], types["CreateOrderInput"]
    assert isinstance(update, GraphQLInputObjectType)
    assert isinstance(create, GraphQLInputObjectType)
    assert update.fields.keys() >= _CHANGEABLE
    assert create.fields.keys() >= {n.split("__")[0] for n in order().operation.set}


def test_hubspot_knows_the_routes_and_bodies_that_we_use(reference: Path) -> None:
    folder = reference / "vendor/hubspot/2026-09"
    specs = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if request.url.path.endswith("/labels"):
            return httpx.Response(404, json={})
        return httpx.Response(200, json={"results": [{"name": "ref", "hasUniqueValue": True}]})

    config = {"access_token": "x", "api_url": "http://hubspot.test", "share": 1}
    client = HubSpotClient.from_config(
        config, connector="t", transport=httpx.MockTransport(handler)
    )
    hubspot = HubSpotDestination(client)
    send = [
        ready("create", {"contact": "7"}, set={"hs_order_name": "#1"}),
        ready("adopt", {"contact": "7"}, destination_id="5", set={"hs_order_name": "#1"}),
        ready("archive", destination_id="5"),
    ]
    for item in send:
        # The answer above has no ids: only the requests count here.
        with contextlib.suppress(KeyError):
            hubspot.send([item])
    for prop in PROPERTIES:
        client.request(
            "POST", client.properties(prop.object), stream="x", json=prop.body(), write=True
        )
    assert len(requests) >= 6
    for request in requests:
        if request.url.path.endswith("/labels"):
            continue  # documented, and in none of the files
        operation, spec = _operation(specs, request)
        if request.content:
            _see_body(spec, operation, json.loads(request.content))


def _operation(specs: list[Any], request: httpx.Request) -> tuple[Any, Any]:
    for spec in specs:
        for path, methods in spec["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", path)
            if re.fullmatch(pattern, request.url.path) and request.method.lower() in methods:
                return methods[request.method.lower()], spec
    raise AssertionError(f"HubSpot has no {request.method} {request.url.path}")


def _see_body(spec: Any, operation: Any, body: Any) -> None:
    from jsonschema import Draft202012Validator

    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    text = json.dumps({**schema, "components": spec["components"]})
    problems = Draft202012Validator(json.loads(text)).iter_errors(body)
    assert [problem.message for problem in problems] == []
