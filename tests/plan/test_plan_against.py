"""Two warehouses held against each other: what would this change of the SQL alter?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from crossdock.cli.plan import plan_command
from crossdock.errors import WarehouseError
from crossdock.plan.against import Change, Gated, compare
from crossdock.warehouse import connect
from tests.plan.support import META, SYNC, fill, load_one, manifest

SCHEMA = Path(__file__).parents[2] / "docs/schemas/against.json"
TYPED = {
    "fields": {
        "status": {"policy": "own"},
        "city": {"policy": "own", "normalise": "decimal"},
    }
}


def warehouse(path: Path, folder: Path, rows: list[dict[str, Any]], gate: dict[str, str]) -> Path:
    sync = load_one(folder, **TYPED)
    with connect(path, read_only=False) as opened:
        fill(opened, sync, rows, [])
        opened.execute("create schema canonical")
        opened.execute(
            "create table canonical.fulfillment_requests"
            " (fulfillment_request_id varchar, gate_result varchar)"
        )
        for key, result in gate.items():
            opened.execute(
                "insert into canonical.fulfillment_requests values ($key, $result)",
                {"key": key, "result": result},
            )
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    before = [
        {"key": "k1", "ref": "r1", "status": "new", "city": "1.50"},
        {"key": "k2", "ref": "r2", "status": "new", "city": "2"},
        {"key": "k3", "ref": "r3", "status": "new", "city": "3"},
    ]
    after = [
        {"key": "k1", "ref": "r1", "status": "new", "city": "1.5"},  # the same number
        {"key": "k2", "ref": "r2", "status": "old", "city": "22"},
        {"key": "k4", "ref": "r4", "status": "new", "city": "4"},
    ]
    there = warehouse(tmp_path / "a.duckdb", tmp_path, before, {"q1": "sent", "q2": "sent"})
    here = warehouse(tmp_path / "b.duckdb", tmp_path, after, {"q1": "sent", "q2": "unmapped_sku"})
    return here, there


def test_rows_fields_and_the_gate(two: tuple[Path, Path], tmp_path: Path) -> None:
    found = compare([load_one(tmp_path, **TYPED)], *two)
    assert found.changes == [
        Change(
            sync=SYNC,
            destination="crm:main",
            rows=3,
            added=1,
            removed=1,
            changed=1,
            fields={"status": 1, "city": 1},
            keys=("k2", "k3", "k4"),
        )
    ]
    assert found.gated == [Gated("sent", "unmapped_sku", 1)]
    assert found.missing == []
    back = compare([load_one(tmp_path, **TYPED)], two[1], two[0])
    assert (back.changes[0].added, back.changes[0].removed) == (1, 1)


def test_a_warehouse_is_not_held_against_itself(two: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="the same warehouse"):
        compare([load_one(tmp_path, **TYPED)], two[0], two[0])


def test_a_sync_that_one_of_them_lacks_is_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    with connect(two[1], read_only=False) as opened:
        opened.execute(f"drop table sync.{SYNC}")
    found = compare([load_one(tmp_path, **TYPED)], *two)
    assert found.missing == [SYNC]
    assert found.changes == []


def test_the_command(
    two: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    target = project / "transform/dbt/target"
    target.mkdir(parents=True)
    manifest(target / "manifest.json", (SYNC, {**META, **TYPED}))
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(project))
    monkeypatch.setenv("CROSSDOCK_WAREHOUSE", str(two[0]))
    monkeypatch.setenv("CROSSDOCK_INSTANCES", "crm:main")
    run = CliRunner()
    printed = run.invoke(plan_command, ["--against", str(two[1])], catch_exceptions=False)
    assert printed.exit_code == 0
    assert "3 rows, 1 more, 1 fewer, 1 otherwise" in printed.output
    assert "gate: 1 requests are unmapped_sku and were sent" in printed.output
    told = run.invoke(plan_command, ["--against", str(two[1]), "--json"], catch_exceptions=False)
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    validator.validate(json.loads(told.output))
