"""What breaks in a night: one clear line, nothing lost, and the next run carries on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from crossdock.errors import CrossdockError
from crossdock.journal import Journal
from sandbox.demo import refuse_real
from tests.loop.harness import PROGRAMS, Loop, playing
from tests.loop.worlds import small_world

pytestmark = pytest.mark.loop

HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print(1, flush=True)
time.sleep(600)
"""
BEGIN = """
import subprocess, sys, time
subprocess.run(sys.argv[1:], check=True)
print(1, flush=True)
time.sleep(600)
"""


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    """A small world that no run has seen yet."""
    with playing(tmp_path / "project", small_world()) as found:
        assert found.run("crossdock", "check", "--fix").returncode == 0
        yield found


def arrived(loop: Loop) -> tuple[int, int]:
    """Orders in the WMS and in the CRM, each of them once."""
    wms = [o["partner_order_id"] for o in loop.wms_orders()]
    crm = [o["properties"]["hs_external_order_id"] for o in loop.crm("orders")]
    assert len(set(wms)) == len(wms)
    assert len(set(crm)) == len(crm)
    return len(wms), len(crm)


def failures(loop: Loop) -> str:
    return json.dumps(loop.status()["failures"])


@pytest.mark.parametrize(
    ("vendor", "during"),
    [("shopify", (0, 0)), ("hubspot", (5, 0)), ("shiphero", (0, 5))],
)
def test_a_vendor_is_down_for_a_run(loop: Loop, vendor: str, during: tuple[int, int]) -> None:
    loop.post("/_sandbox/faults", {"rules": [{"vendor": vendor, "kind": "down"}]})
    assert loop.meltano("sync").returncode == 1
    assert arrived(loop) == during
    assert vendor in failures(loop)
    shown = loop.run("crossdock", "status").stdout
    assert f"source {vendor}:main: NOT READ" in shown

    loop.post("/_sandbox/faults", {"rules": []})
    done = loop.meltano("sync")
    assert done.returncode == 0, done.stdout[-3000:]
    assert arrived(loop) == (5, 5)
    assert loop.plan() == {"operations": []}


def test_answers_get_lost_while_orders_are_sent(loop: Loop) -> None:
    rules = [
        {"vendor": "shiphero", "match": "order_create", "kind": "lost_answer", "every": 2},
        {"vendor": "hubspot", "match": "batch/create", "kind": "lost_answer", "count": 1},
    ]
    loop.post("/_sandbox/faults", {"rules": rules})
    loop.meltano("sync")
    loop.post("/_sandbox/faults", {"rules": []})
    done = loop.meltano("sync")
    assert done.returncode == 0, done.stdout[-3000:]
    assert arrived(loop) == (5, 5)
    assert "unknown" not in loop.status()["waiting"]


def test_a_wrong_token_is_one_line_without_the_token(loop: Loop) -> None:
    done = loop.meltano("sync", CROSSDOCK_SANDBOX_HUBSPOT_TOKEN="pat-na1-stolen-secret")
    assert done.returncode == 1
    assert arrived(loop) == (5, 0)
    assert "tap-hubspot" in failures(loop)
    assert "stolen" not in failures(loop)
    assert "stolen" not in done.stdout + done.stderr
    assert loop.meltano("sync").returncode == 0
    assert arrived(loop) == (5, 5)


def test_a_guard_stops_a_plan_until_somebody_releases_it(loop: Loop) -> None:
    path = loop.folder / "transform/dbt/models/sync/shiphero/sync_shiphero__orders.yml"
    text = path.read_text()
    config = yaml.safe_load(text)
    config["models"][0]["config"]["meta"]["sync"]["guards"] = {"max_creates": 2}
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    assert loop.meltano("sync").returncode == 1
    assert arrived(loop) == (0, 5)
    book = next(b for b in loop.status()["books"] if b["status"] == "guarded")
    assert f"crossdock approve {book['digest']}" in book["message"]

    wrong = loop.run("crossdock", "approve", "0" * 12, "--reason", "a typo")
    assert loop.meltano("activate").returncode == 1, wrong.stdout
    assert loop.run("crossdock", "approve", book["digest"], "--reason", "seen").returncode == 0
    assert loop.meltano("activate").returncode == 0
    assert arrived(loop) == (5, 5)


def test_a_failing_model_keeps_its_syncs_back_and_no_others(loop: Loop) -> None:
    path = loop.folder / "transform/dbt/models/sync/shiphero/sync_shiphero__orders.sql"
    good = path.read_text()
    path.write_text(good + "\nwhere no_such_column = 1\n")
    done = loop.meltano("sync")
    assert done.returncode == 1
    assert arrived(loop) == (0, 5)
    assert "sync_shiphero__orders" in failures(loop)

    path.write_text(good)
    assert loop.meltano("sync").returncode == 0
    assert arrived(loop) == (5, 5)


def test_a_locked_warehouse_is_waited_for_and_then_told(loop: Loop) -> None:
    assert loop.meltano("sync").returncode == 0
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(loop.settings.warehouse)], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline()
    try:
        done = loop.meltano("intake", TARGET_DUCKDB_LOCK_WAIT_SECONDS="1")
    finally:
        holder.kill()
        holder.wait()
    assert done.returncode == 1
    assert re.search(r"target-duckdb.*(locked|held|open)", failures(loop))
    assert loop.meltano("sync").returncode == 0
    assert loop.plan() == {"operations": []}


def test_a_record_that_breaks_its_schema_is_kept_aside_and_told(loop: Loop) -> None:
    wrapper = loop.folder / "broken-tap"
    wrapper.write_text(
        f"""#!/bin/sh
{PROGRAMS}/tap-shiphero "$@" | sed '0,/"on_hand":[0-9][0-9]*/s//"on_hand":"many"/'
"""
    )
    wrapper.chmod(0o755)
    panel = loop.folder / "meltano.yml"
    good = panel.read_text()
    panel.write_text(good.replace("executable: tap-shiphero", "executable: ./broken-tap"))
    assert loop.meltano("sync").returncode == 1
    assert "quarantine" in failures(loop)
    assert "many" not in failures(loop)
    kept = loop.fetch("select stream, record from raw_shiphero_main._quarantine")
    assert [stream for stream, _ in kept] == ["warehouse_products"]
    assert '"many"' in kept[0][1]
    assert arrived(loop) == (5, 5)

    panel.write_text(good)
    assert loop.meltano("sync").returncode == 0
    assert loop.plan() == {"operations": []}


def test_the_demo_leaves_a_real_installation_alone(loop: Loop) -> None:
    journal = Journal(loop.settings.journal)
    refuse_real(loop.settings)
    assert loop.run("crossdock", "begin", "sync", MELTANO_ENVIRONMENT="production").returncode == 0
    assert journal.runs.environments() == {"production"}
    with pytest.raises(CrossdockError, match="has runs of production"):
        refuse_real(loop.settings)
    done = loop.run("crossdock", "demo")
    assert done.returncode == 1
    assert "move that folder away" in done.stderr
    assert journal.runs.environments() == {"production"}


def test_a_second_run_beside_a_living_one_is_refused(loop: Loop) -> None:
    program = str(Path(sys.executable).parent / "crossdock")
    first = subprocess.Popen(
        [sys.executable, "-c", BEGIN, program, "begin", "sync"],
        cwd=loop.folder,
        env=loop.env,
        stdout=subprocess.PIPE,
    )
    assert first.stdout is not None
    assert b"begins" in first.stdout.readline()
    assert first.stdout.readline() == b"1\n"
    refused = loop.meltano("sync")
    assert refused.returncode == 1
    assert "is going on since" in refused.stdout + refused.stderr
    assert arrived(loop) == (0, 0)
    first.kill()
    first.wait()
    assert loop.meltano("sync").returncode == 0
    assert arrived(loop) == (5, 5)
