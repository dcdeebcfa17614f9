"""What holds for every target that writes to a vendor: each effect once, nothing unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import CrossdockError
from crossdock.http.errors import AuthError, VendorDown
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, from_row
from crossdock.operation import Operation
from crossdock.target import Delivery
from tests.conformance.bench import TARGETS, Stage, TargetBench

BENCHES = TARGETS
RUN = "run"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    yield opened
    opened.close()


def deliver(
    bench: TargetBench, stage: Stage, journal: Journal, operations: list[Operation], **more: Any
) -> Delivery:
    """Deliver what is planned or unknown, as the target does."""
    rollout = more.pop("rollout", "live")
    assert bench.destination is not None
    destination = bench.destination({**bench.config(stage.url), **more}, journal)
    journal.operations.write_plan(RUN, [Planned(o, dict(o.set)) for o in operations], ())
    rows = journal.operations.get([o.op_key for o in operations])
    going = [r for r in rows.values() if r["state"] in (states.PLANNED, states.UNKNOWN)]
    delivery = Delivery(destination, journal, RUN, rollout=rollout)
    delivery.deliver([from_row(row) for row in going])
    return delivery


def outcomes(journal: Journal) -> Counter[str]:
    found: Counter[str] = Counter()
    for counts in journal.operations.counts(RUN).values():
        found.update(counts)
    return found


def made(bench: TargetBench, stage: Stage) -> Counter[str]:
    effects = (e for e in stage.effects(bench.vendor) if e["operation"] == "create")
    return Counter(key for key in map(bench.made, effects) if key)


def test_effects_happen_once(
    bench: TargetBench, script: str, stage: Stage, journal: Journal, hasty: None
) -> None:
    operations = bench.creates()
    stage.script(bench.scripts[script](bench.vendor))
    for _ in range(6):
        deliver(bench, stage, journal, operations, **bench.under.get(script, {}))
        if outcomes(journal) == {states.ACKNOWLEDGED: len(operations)}:
            break
    assert outcomes(journal) == {states.ACKNOWLEDGED: len(operations)}
    assert made(bench, stage) == {operation.key: 1 for operation in operations}
    assert stage.hits() > 0, "the fault never happened"


def test_audit_sends_nothing(bench: TargetBench, stage: Stage, journal: Journal) -> None:
    operations = bench.creates()
    before = len(stage.effects(bench.vendor))
    deliver(bench, stage, journal, operations, rollout="audit")
    assert outcomes(journal) == {states.AUDITED: len(operations)}
    assert len(stage.effects(bench.vendor)) == before


def test_target_with_wrong_key(bench: TargetBench, stage: Stage, journal: Journal) -> None:
    stopped: CrossdockError | None
    try:
        stopped = deliver(bench, stage, journal, bench.creates(), **bench.wrong).stopped
    except CrossdockError as error:
        stopped = error
    assert isinstance(stopped, AuthError)
    assert ".env" in str(stopped)
    assert made(bench, stage) == {}
    for value in bench.wrong.values():
        assert str(value) not in str(stopped)


def test_target_secrets(bench: TargetBench, stage: Stage, tmp_path: Path) -> None:
    properties = bench.target.config_jsonschema["properties"]
    for name, kind in properties.items():
        if any(word in name for word in ("token", "secret", "password", "api_key", "private")):
            assert kind.get("secret") is True, f"{name} is not marked as a secret"
    before = stage.effects(bench.vendor)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**bench.config(stage.url), "rollout": "live"}))
    program = str(Path(sys.executable).parent / bench.name)
    done = subprocess.run(
        [program, "--config", str(path)],
        input='{"type":"SCHEMA","stream":"x","schema":{"properties":{"a":{"type":"string"}}},'
        '"key_properties":[]}\n{"type":"RECORD","stream":"x","record":{"a":"1"}}\n',
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "LOGLEVEL": "DEBUG", "CROSSDOCK_PROJECT": str(tmp_path)},
    )
    assert done.returncode == 1, "what nobody planned is refused"
    assert "Traceback" not in done.stderr.splitlines()[-1]
    assert not any(secret in done.stdout + done.stderr for secret in bench.secrets)
    assert stage.effects(bench.vendor) == before


def test_target_capabilities(bench: TargetBench) -> None:
    offers = bench.target.offers  # type: ignore[attr-defined]
    assert offers.role == "destination"
    for name in ("protocol", "auth", "limits", "idempotency", "read_back", "scopes"):
        assert getattr(offers, name), f"{name} is not declared"


def test_vendor_that_is_down_is_caught_up_with(
    bench: TargetBench, stage: Stage, journal: Journal, hasty: None
) -> None:
    operations = bench.creates()
    stage.faults({"vendor": bench.vendor, "kind": "down", "after": 3})
    assert isinstance(deliver(bench, stage, journal, operations).stopped, VendorDown)
    assert states.IN_FLIGHT not in outcomes(journal)
    stage.faults()
    assert deliver(bench, stage, journal, operations).stopped is None
    assert outcomes(journal) == {states.ACKNOWLEDGED: len(operations)}
    assert made(bench, stage) == {operation.key: 1 for operation in operations}
