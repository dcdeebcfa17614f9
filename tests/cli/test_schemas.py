"""What the commands print for tools is as `docs/schemas` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from crossdock.cli.parity import parity_command
from crossdock.cli.plan import as_document, plan_command
from crossdock.cli.status import collect, status_command
from crossdock.journal import Journal, states
from crossdock.operation import Action, as_record
from crossdock.plan.destination import decide
from crossdock.settings import Instance, Settings
from taps.canonical.tap import OPERATION
from tests.reconciliation.built import places_in

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
ALL = sorted(path.stem for path in SCHEMAS.glob("*.json"))


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def see(name: str, document: Any) -> None:
    """It is as the schema says, also after a way through JSON."""
    validator = Draft202012Validator(
        schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(json.loads(json.dumps(document)))


@pytest.mark.parametrize("name", ALL)
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["title"]


def test_the_plan(places: Settings) -> None:
    printed = CliRunner().invoke(plan_command, ["--json"], catch_exceptions=False)
    document = json.loads(printed.output)
    assert document["operations"]
    see("plan", document)


def test_a_plan_of_nothing() -> None:
    assert as_document([]) == {"operations": []}
    see("plan", {"operations": []})


def test_operations_as_the_tap_writes_them(places: Settings, tmp_path: Path) -> None:
    journal = Journal(places_in(tmp_path).journal)
    for instance in places.instances:
        journal.runs.source_read(str(instance), "run", ok=True)
    decisions = decide(Instance.parse("hubspot:main"), places, journal, run_id="run")
    operations = [operation for decision in decisions for operation in decision.plan.operations]
    assert {o.action for o in operations} == {"create"}
    assert any(o.refs for o in operations)
    for operation in operations:
        see("operation", as_record(operation))
    see("plan", as_document(decisions))


def test_the_operation_record_is_the_tap_s(places: Settings) -> None:
    known = schema("operation")["properties"]
    assert known.keys() == OPERATION["properties"].keys()
    assert set(known["action"]["enum"]) == set(get_args(Action))
    assert schema("plan")["$defs"]["operation"]["properties"] == known


def test_parity(places: Settings) -> None:
    printed = CliRunner().invoke(parity_command, ["--json"], catch_exceptions=False)
    document = json.loads(printed.output)
    assert {each["sync"] for each in document["syncs"]} | {
        each["sync"] for each in document["skipped"]
    }
    see("parity", document)


def test_the_status(places: Settings) -> None:
    printed = CliRunner().invoke(status_command, ["--json"], catch_exceptions=False)
    document = json.loads(printed.output)
    assert document["run"]["state"] == "failed"
    assert document["books"]
    assert document["failures"]
    assert document["waiting"] == {"rejected": 1}
    see("status", document)


def test_the_status_before_anything_ran(tmp_path: Path) -> None:
    see("status", collect(Journal(places_in(tmp_path).journal)))


def test_the_schemas_know_every_state() -> None:
    known = set(schema("status")["properties"]["waiting"]["propertyNames"]["enum"])
    assert known == set(states.TRANSITIONS)
