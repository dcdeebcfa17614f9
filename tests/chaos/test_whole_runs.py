"""`meltano run sync` itself, killed with all its processes: the next runs complete it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.loop.harness import PROGRAMS, Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop

#: `make chaos RUNS=n` plays more.
RUNS = range(int(os.environ.get("CROSSDOCK_CHAOS_RUNS", "1")))
LONGEST = 45.0  # seconds of a run; who is killed later has come to his end
ATTEMPTS = 6


def killed(loop: Loop, after: float) -> bool:
    """Start a run and kill it, with everything that it has started, after so many seconds."""
    command = [str(PROGRAMS / "meltano"), "run", "--force", "sync"]
    with subprocess.Popen(
        command,
        cwd=loop.folder,
        env=loop.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        try:
            run.wait(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
    return run.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", RUNS)
def test_a_killed_run_is_completed(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with playing(tmp_path / "project", small_world(), seed=seed) as loop:
        assert loop.run("crossdock", "check", "--fix").returncode == 0
        # The first one before it could end, so that something is left half done.
        kills = [killed(loop, chance.uniform(2, LONGEST / 2))]
        kills += [killed(loop, chance.uniform(2, LONGEST)) for _ in range(chance.randint(0, 2))]
        assert kills[0]
        for _ in range(ATTEMPTS):
            done = loop.meltano("sync")
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
            if not loop.plan()["operations"]:
                break
        assert loop.plan() == {"operations": []}
        made = Counter(
            (e["vendor"], e["object"], e["external_id"] or e["id"])
            for e in loop.effects()
            if e["operation"] == "create"
        )
        assert set(made.values()) == {1}
        assert {o["partner_order_id"] for o in loop.wms_orders()} == {
            f"shop_{order.order_id}" for order in loop.world.orders
        }
        assert len(loop.wms_orders()) == len(loop.crm("orders")) == len(loop.world.orders)
        status = loop.status()
        assert status["waiting"] == {}
        assert all(book["balanced"] for book in status["books"])
