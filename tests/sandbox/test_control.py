from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import httpx
import jsonschema
import pytest

from sandbox.app import create_app
from sandbox.faults import Kind, Rule
from sandbox.server import serving
from tests.sandbox.shop import Shop, shop, world

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = "query Names { orders(first: 5) { nodes { name } } }"


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        yield served


def test_all_vendors_are_under_one_address() -> None:
    app = create_app(world())
    with serving(app) as url:
        state = httpx.get(f"{url}/_sandbox/state").json()
        vendors = {"shopify", "shopify:eu", "hubspot", "shiphero", "wms_sftp", "easypost"}
        assert vendors <= set(state["vendors"])
        assert state["world"]["orders"] == 12
        assert state["now"].startswith("2026-03-02T09:00:0")
        assert state["go_live_at"] is None
        brief = httpx.get(f"{url}/_sandbox/state?brief=1").json()
        assert brief["vendors"]["shopify"] == {"requests": 0, "writes": 0, "refusals": 0}
        token = {"X-Shopify-Access-Token": "shpat_sandbox"}
        for path, count in (("/shopify", 5), ("/shopify/main", 5), ("/shopify/eu", 1)):
            answer = httpx.post(
                f"{url}{path}/admin/api/2026-10/graphql.json", json={"query": QUERY}, headers=token
            )
            assert len(answer.json()["data"]["orders"]["nodes"]) == count
        assert httpx.get(f"{url}/nowhere").status_code == 404


def test_state_shows_the_orders_and_counts_requests(running: Shop) -> None:
    running.post(QUERY)
    root = str(running.http.base_url).split("/shopify")[0]
    state = running.http.get(f"{root}/_sandbox/state").json()["vendors"]["shopify"]
    assert (state["requests"], state["writes"], state["refusals"]) == (1, 0, 0)
    first = state["orders"][0]
    assert (first["name"], first["totalPrice"]) == ("#1001", "69.98")
    assert first["fulfillmentOrders"][0]["location"] == "Main"


def schema(name: str) -> Any:
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    return json.loads((folder / f"sandbox_{name}.json").read_text())


def test_answers_are_as_their_schemas_say(running: Shop) -> None:
    edit = {"vendor": "shopify", "object": "order", "id": "1001", "set": {"note": "a"}}
    jsonschema.validate(edit, schema("edit"))
    running.control("edit", edit)
    root = str(running.http.base_url).split("/shopify")[0]
    for name in ("effects", "state"):
        jsonschema.validate(running.http.get(f"{root}/_sandbox/{name}").json(), schema(name))
    jsonschema.validate(running.control("advance", {"hours": 1}).json(), schema("advance"))


def test_the_schema_of_fault_rules_knows_every_key() -> None:
    rule = schema("faults")["properties"]["rules"]["items"]
    assert set(rule["properties"]) == {field.name for field in fields(Rule)}
    assert set(rule["properties"]["kind"]["enum"]) == set(get_args(Kind))


def test_answers_carry_the_sandbox_time(running: Shop) -> None:
    running.pass_time(86400)
    response = running.post(QUERY)
    assert response.headers.get_list("date") == ["Tue, 03 Mar 2026 09:00:00 GMT"]


def test_effects_since_a_number(running: Shop) -> None:
    running.edit("1001", note="a")
    running.edit("1002", note="b")
    root = str(running.http.base_url).split("/shopify")[0]
    answer = running.http.get(f"{root}/_sandbox/effects", params={"since": 1}).json()
    assert answer["last"] == 2
    (effect,) = answer["effects"]
    assert (effect["seq"], effect["vendor"], effect["id"]) == (
        2,
        "shopify",
        "gid://shopify/Order/1002",
    )
    assert running.http.get(f"{root}/_sandbox/effects?since=x").status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("advance", {"hours": "many"}),
        ("advance", {"hours": -1}),
        ("advance", {"hours": True}),
        ("advance", []),
        ("edit", {"vendor": "amazon", "object": "order", "id": "1", "set": {"a": 1}}),
        ("edit", {"vendor": "shopify", "instance": "us", "object": "order", "id": "1", "set": {}}),
        ("edit", {}),
        ("faults", {"rules": [{"kind": "earthquake"}]}),
        ("faults", {"rules": [{"kind": "down", "vender": "shopify"}]}),
        ("faults", {"rules": [{"kind": "down", "every": 0}]}),
        ("faults", {"rules": [{"kind": "down", "probability": "often"}]}),
        ("faults", {}),
    ],
)
def test_a_control_request_that_makes_no_sense(running: Shop, path: str, body: Any) -> None:
    response = running.control(path, body)
    assert response.status_code == 400
    assert response.json()["error"]


def break_with(running: Shop, **rule: Any) -> None:
    response = running.control("faults", {"rules": [{"vendor": "shopify", **rule}]})
    assert response.json() == {"rules": 1}


@pytest.mark.parametrize("kind", ["down", "drop_before", "lost_answer"])
def test_a_cut_connection(running: Shop, kind: str) -> None:
    break_with(running, kind=kind)
    with pytest.raises(httpx.RemoteProtocolError):
        running.post(QUERY)
    running.control("faults", {"rules": []})
    assert running.post(QUERY).status_code == 200


@pytest.mark.parametrize(
    ("rule", "status"),
    [({"kind": "status", "status": 502}, 502), ({"kind": "lost_answer", "status": 503}, 503),
     ({"kind": "down", "status": 500}, 500), ({"kind": "garbage"}, 200)],
)  # fmt: skip
def test_a_broken_answer(running: Shop, rule: dict[str, Any], status: int) -> None:
    break_with(running, **rule)
    response = running.post(QUERY)
    assert response.status_code == status
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()


def test_an_answer_is_lost_after_it_took_effect(running: Shop) -> None:
    body = {
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "grant_type": "client_credentials",
    }
    for kind, issued in (("drop_before", 0), ("lost_answer", 1)):
        break_with(running, kind=kind)
        with pytest.raises(httpx.RemoteProtocolError):
            running.http.post("/admin/oauth/access_token", json=body)
        assert len(running.vendor.tokens._expiry) == issued


def outcomes(running: Shop, tries: int) -> str:
    return "".join("." if running.post(QUERY).status_code == 200 else "x" for _ in range(tries))


@pytest.mark.parametrize(
    ("when", "pattern"),
    [
        ({"every": 3}, "..x..x"),
        ({"after": 2}, "..xxxx"),
        ({"after": 1, "count": 2}, ".xx..."),
        ({"match": "Names"}, "xxxxxx"),
        ({"match": "orders"}, "xxxxxx"),
        ({"match": "graphql.json"}, "xxxxxx"),
        ({"match": "order_create"}, "......"),
        ({"vendor": "hubspot"}, "......"),
        ({"vendor": "shopify:eu"}, "......"),
        ({"vendor": ""}, "xxxxxx"),
    ],
)
def test_when_a_rule_applies(running: Shop, when: dict[str, Any], pattern: str) -> None:
    break_with(running, **{"kind": "status", **when})
    assert outcomes(running, 6) == pattern


def test_chance_is_repeatable(running: Shop) -> None:
    patterns = []
    for _ in range(2):
        break_with(running, kind="status", probability=0.5, seed=7)
        patterns.append(outcomes(running, 12))
    assert patterns[0] == patterns[1]
    assert set(patterns[0]) == {".", "x"}
