"""target-shiphero itself, over HTTP, killed at random effects."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned
from crossdock.operation import Operation
from taps.canonical.tap import OPERATION
from tests.targets.conftest import Sandbox, operation
from tests.targets.test_shiphero_destination import CREDENTIALS, order

ORDERS = 220  # a kill lets up to ten effects through, for eight requests are under way
KILLS = 20
SYNC = "sync_test"


def test_killed_at_twenty_random_effects_each_order_is_there_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    journal = Journal(f"sqlite:///{tmp_path / '.crossdock' / 'journal.db'}")
    operations = [wanted(number) for number in range(1, ORDERS + 1)]
    journal.operations.write_plan("run", [Planned(o, dict(o.set)) for o in operations], ())
    chance = random.Random(7)
    for kill in range(KILLS):
        deliver(sandbox, tmp_path, journal, die_after=chance.randint(1, 2), kill=kill)
    deliver(sandbox, tmp_path, journal, die_after=None, kill=KILLS)

    assert journal.operations.counts("run") == {(SYNC, "shiphero:main"): {"acknowledged": ORDERS}}
    effects = Counter(e["external_id"] for e in sandbox.effects("shiphero"))
    assert effects == {f"shop_{n}": 1 for n in range(1, ORDERS + 1)}
    held = {row["destination_id"] for row in journal.operations.acknowledged(SYNC, "shiphero:main")}
    assert held == {o["id"] for o in sandbox.state("shiphero")["orders"]}


def wanted(number: int) -> Operation:
    item = order(number).operation
    return operation(
        "create",
        key=item.key,
        destination="shiphero:main",
        sync=SYNC,
        match=item.match,
        set=item.set,
    )


def deliver(
    sandbox: Sandbox, folder: Path, journal: Journal, *, die_after: int | None, kill: int
) -> None:
    """What a run does: end dead leases, emit what is open, and maybe get killed."""
    journal.leases.end_dead("run")
    rows = journal.operations.open(SYNC, "shiphero:main")
    again = [r for r in rows if r["state"] in (states.REJECTED, states.SKIPPED)]
    assert not again
    config = folder / "config.json"
    settings = {**CREDENTIALS, "api_url": f"{sandbox.url}/shiphero", "rollout": "live"}
    config.write_text(json.dumps(settings))
    messages = folder / f"in-{kill}.jsonl"
    messages.write_text("\n".join(map(json.dumps, singer(rows))))
    env = {
        **os.environ,
        "CROSSDOCK_PROJECT": str(folder),
        "CROSSDOCK_JOURNAL": journal.url,
        "CROSSDOCK_INSTANCES": "shiphero:main",
    }
    command = [sys.executable, "-m", "targets.shiphero.target", "--config", str(config)]
    with messages.open() as stdin:
        target = subprocess.Popen(command, stdin=stdin, env=env, stdout=subprocess.DEVNULL)
        with killed_at(sandbox, target, die_after):
            code = target.wait()
    assert code == (0 if die_after is None else -signal.SIGKILL)


@contextmanager
def killed_at(
    sandbox: Sandbox, target: subprocess.Popen[bytes], die_after: int | None
) -> Iterator[None]:
    """Kill the target when its n-th effect has happened, before the answer leaves."""
    effects = sandbox.app.state.sandbox.effects
    record, seen = effects.record, itertools.count(1)

    def recording(**effect: Any) -> Any:
        found = record(**effect)
        if next(seen) == die_after:
            target.kill()
        return found

    effects.record = recording
    try:
        yield
    finally:
        effects.record = record


def singer(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = Operation.__dataclass_fields__
    records = [{n: row[n] for n in names if n in row} for row in rows]
    schema = {"type": "SCHEMA", "stream": "operations", "schema": OPERATION}
    return [
        {**schema, "key_properties": ["op_key"]},
        *({"type": "RECORD", "stream": "operations", "record": r} for r in records),
    ]


def test_operations_have_the_shape_that_the_tap_emits() -> None:
    names = set(asdict(operation("create")))
    assert names == set(OPERATION["properties"])
