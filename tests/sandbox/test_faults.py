from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest

from sandbox.app import create_app
from sandbox.faults import OTHER_VALUES, SCRIPTS, FaultError, Faults, Rule
from sandbox.server import serving
from tests.sandbox.fault_readers import READERS, HubSpotReader, Reader, ShopifyReader
from tests.sandbox.shop import world

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


class Running:
    """A sandbox whose faults tests set."""

    def __init__(self, url: str) -> None:
        self.url = url

    def break_with(self, *rules: Rule) -> None:
        body = {"rules": [asdict(rule) for rule in rules]}
        jsonschema.validate(body, json.loads((SCHEMAS / "sandbox_faults.json").read_text()))
        assert httpx.post(f"{self.url}/_sandbox/faults", json=body).status_code == 200

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/faults").json()
        schema = json.loads((SCHEMAS / "sandbox_faults_report.json").read_text())
        jsonschema.validate(report, schema)
        return report


@pytest.fixture
def running() -> Iterator[Running]:
    with serving(create_app(world())) as url:
        yield Running(url)


def quick(rules: list[Rule]) -> list[Rule]:
    """The rules of a script, without its long waits."""
    return [replace(rule, seconds=min(rule.wait, 1.0)) for rule in rules]


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        pytest.param(reader, name, id=f"{reader.vendor}-{name}")
        for reader in READERS
        for name, script in SCRIPTS.items()
        if script(reader.vendor)
    ],
)
def test_a_reader_that_tries_again_ends_with_every_record(
    running: Running, reader: type[Reader], name: str
) -> None:
    expected = reader(running.url).records()
    rules = quick(SCRIPTS[name](reader.vendor))
    running.break_with(*rules)
    seen = reader(running.url, timeout=0.5).records()
    report = running.report()
    assert set(report["kinds"]) == {rule.kind for rule in rules}
    assert all(rule["broken"] >= 1 for rule in report["rules"])
    assert seen.keys() == expected.keys()
    if name not in OTHER_VALUES:
        assert seen == expected


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.vendor)
def test_a_limit_is_refused_as_the_vendor_does(running: Running, reader: type[Reader]) -> None:
    """Our own clients know the refusal, and how long to wait."""
    from crossdock.http.rules import Action
    from taps.hubspot.client import RULES as HUBSPOT
    from taps.shiphero.client import RULES as SHIPHERO
    from taps.shopify.client import RULES as SHOPIFY

    table = {"shopify": SHOPIFY, "hubspot": HUBSPOT, "shiphero": SHIPHERO}[reader.vendor]
    answers: list[httpx.Response] = []
    made = reader(running.url)
    made.http.event_hooks = {"response": [lambda answer: answer.read() and answers.append(answer)]}
    made.records()
    running.break_with(Rule("limited", count=1), Rule("limited", count=1, retry_after=7))
    answers.clear()
    made.records()
    plain, told = (table.classify(answer) for answer in answers[:2])
    assert (plain.action, told.action) == (Action.WAIT, Action.WAIT)
    assert 0 < (plain.wait or 0) <= 2
    assert told.wait == 7
    assert answers[2].status_code == 200


def test_a_revoked_token_stays_refused_and_a_new_one_works(running: Running) -> None:
    reader = HubSpotReader(running.url)
    reader.records()
    old = reader.token
    running.break_with(Rule("revoked", after=1, count=1))
    reader.records()
    assert reader.token != old
    for _ in range(2):
        refused = reader.http.get(
            "/crm/v3/objects/contacts", headers={"Authorization": f"Bearer {old}"}
        )
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    (rule,) = running.report()["rules"]
    assert (rule["broken"], rule["refused_again"]) == (1, 2)
    running.break_with()
    assert (
        reader.http.get(
            "/crm/v3/objects/contacts", headers={"Authorization": f"Bearer {old}"}
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("kind", "error"),
    [("reset", httpx.ReadError), ("short", httpx.RemoteProtocolError)],
)
def test_an_answer_that_ends_in_the_middle(
    running: Running, kind: Any, error: type[Exception]
) -> None:
    running.break_with(Rule(kind))
    with pytest.raises(error):
        ShopifyReader(running.url).http.get("/admin/api/2026-10/shop.json")


def test_a_truncated_answer_looks_whole(running: Running) -> None:
    running.break_with(Rule("truncated"))
    answer = httpx.get(f"{running.url}/hubspot/crm/v3/objects/contacts")
    assert len(answer.content) == int(answer.headers["content-length"])
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


def test_silence_lasts_until_the_caller_goes(running: Running) -> None:
    running.break_with(Rule("timeout"))
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{running.url}/hubspot/crm/v3/objects/contacts", timeout=0.2)
    assert time.monotonic() - began < 5
    running.break_with(Rule("timeout", seconds=0.1))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{running.url}/hubspot/crm/v3/objects/contacts", timeout=5)


def test_pages_shift_by_the_given_edit(running: Running) -> None:
    create = {"object": "contact", "create": {"email": "late@example.com"}}
    running.break_with(Rule("shift", count=1, edit=create))
    reader = HubSpotReader(running.url)
    emails = [row["properties"]["email"] for row in reader.records().values()]
    assert "late@example.com" in emails
    assert running.report()["kinds"] == {"shift": 1}


def test_an_answer_without_records_does_not_break(running: Running) -> None:
    running.break_with(Rule("doubled"))
    shop = ShopifyReader(running.url).http.get(
        "/admin/api/2026-10/shop.json", headers={"X-Shopify-Access-Token": "shpat_sandbox"}
    )
    assert shop.json()["shop"]["plan_name"] == "shopify_plus"
    (rule,) = running.report()["rules"]
    assert (rule["seen"], rule["broken"]) == (1, 0)
    assert running.report()["kinds"] == {}


def test_counts_outlive_the_rules(running: Running) -> None:
    running.break_with(Rule("status"))
    httpx.get(f"{running.url}/hubspot/crm/v3/objects/contacts")
    running.break_with()
    assert running.report() == {"rules": [], "kinds": {"status": 1}}
    assert httpx.get(f"{running.url}/_sandbox/state?brief=1").json()["faults"] == {"status": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "vanished"},
        {"kind": "timeout", "seconds": -1},
        {"kind": "limited", "retry_after": "soon"},
        {"kind": "shift", "edit": "order"},
        {"kind": "status", "per_request": -1},
    ],
)
def test_a_rule_that_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(FaultError):
        Faults.parse({"rules": [wrong]})
