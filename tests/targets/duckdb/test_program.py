"""The real executable: pipes, kills, locks, exit codes, and one clear line when it fails."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from crossdock.warehouse import connect
from tests.targets.duckdb.support import INTEGER, SCHEMA, TEXT, lines, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(sys.executable).with_name("target-duckdb")
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="target-duckdb is not installed")


@pytest.fixture(autouse=True)
def config(project: Path) -> None:
    (project / "config.json").write_text(
        json.dumps({"default_target_schema": SCHEMA, "lock_wait_seconds": 0.5, "batch_rows": 500})
    )


def warehouse_of(project: Path) -> Path:
    return project / ".crossdock" / "warehouse.duckdb"


def command(project: Path, *arguments: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CROSSDOCK_")}
    return {
        "args": [str(PROGRAM), "--config", str(project / "config.json"), *arguments],
        "env": {**environment, "CROSSDOCK_PROJECT": str(project)},
        "cwd": project,
    }


def run(project: Path, text: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        **command(project, *arguments), input=text, capture_output=True, check=False, timeout=60
    )


def query(project: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(warehouse_of(project), read_only=True) as warehouse:
        return warehouse.fetchall(sql)


def unread(pipe: IO[bytes]) -> int:
    """Bytes that the other end has not taken out of the pipe yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@contextmanager
def locked(project: Path) -> Iterator[int]:
    """Another process holds the warehouse."""
    code = (
        "import sys\nfrom crossdock.warehouse import connect\n"
        "with connect(sys.argv[1], read_only=False):\n"
        "    print('held', flush=True)\n    sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(warehouse_of(project))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder.pid
        finally:
            holder.communicate(b"\n")


def test_it_loads_what_comes_through_the_pipe(project: Path) -> None:
    done = run(project, lines(schema(), record(id="1"), state({"orders": 1})))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"bookmarks": {"orders": 1}}
    assert query(project, f"select id from {SCHEMA}.orders") == [("1",)]
    files = [path.name for path in warehouse_of(project).parent.iterdir()]
    assert files == ["warehouse.duckdb"], "nothing is left behind"


def test_it_reads_a_file_by_name(project: Path) -> None:
    (project / "in.jsonl").write_bytes(lines(schema(name=TEXT), record(id="1", name="Zoë")))
    assert run(project, b"", "--input", str(project / "in.jsonl")).returncode == 0
    assert query(project, f"select name from {SCHEMA}.orders") == [("Zoë",)]


def test_it_says_what_it_can_do(project: Path) -> None:
    about = json.loads(run(project, b"", "--about", "--format", "json").stdout)
    assert sorted(about["capabilities"]) == ["about", "batch", "structured-logging"]
    assert sorted(about["settings"]["properties"]) == [
        "batch_rows",
        "default_target_schema",
        "lock_wait_seconds",
        "path",
    ]


def test_misfits_end_in_one_line_and_exit_code_1(project: Path) -> None:
    bad = record(id="2", n="jane@example.org")
    done = run(project, lines(schema(n=INTEGER), record(id="1", n=1), bad, state({"orders": 2})))
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"bookmarks": {"orders": 2}}, "the state goes on"
    assert done.stderr.decode().splitlines() == [
        f"target-duckdb: 1 record of {SCHEMA}.orders is in quarantine:"
        f" n: text where an integer is declared -> see {SCHEMA}._quarantine"
    ]


def test_a_locked_warehouse_is_named_and_nothing_is_lost(project: Path) -> None:
    text = lines(schema(), record(id="1"), state({"orders": 1}))
    assert run(project, text).returncode == 0
    more = lines(schema(), *(record(id=str(n)) for n in range(5000)), state({"orders": 2}))
    with locked(project) as pid:
        done = run(project, more)
    assert done.returncode == 1
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert f"process {pid} " in line
    assert run(project, more).returncode == 0
    assert query(project, f"select count(*) from {SCHEMA}.orders") == [(5000,)]


def test_a_lock_that_goes_away_is_waited_for(project: Path) -> None:
    assert run(project, lines(schema())).returncode == 0
    (project / "config.json").write_text(
        json.dumps({"default_target_schema": SCHEMA, "lock_wait_seconds": 30})
    )
    with locked(project):
        waiting = subprocess.Popen(
            **command(project), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert waiting.stdin is not None
        waiting.stdin.write(lines(schema(), record(id="1")))
        waiting.stdin.close()
        time.sleep(2)
        assert waiting.poll() is None
    assert waiting.wait(30) == 0
    assert waiting.stdout is not None
    waiting.stdout.close()
    assert query(project, f"select id from {SCHEMA}.orders") == [("1",)]


def test_after_a_fatal_error_the_tap_can_write_to_its_end(project: Path) -> None:
    with subprocess.Popen(
        **command(project), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"<html>\n")
        for _ in range(50):
            process.stdin.write(b"x" * 100_000 + b"\n")
        out, errors = process.communicate()
    assert process.returncode == 1
    assert out == b""
    assert errors.decode().startswith("target-duckdb: line 1 of the input is no Singer message")


def test_a_wrong_setting_does_not_break_the_pipe_either(project: Path) -> None:
    (project / "config.json").write_text(json.dumps({"batch_rows": "many"}))
    done = run(project, lines(*(record(id=str(n)) for n in range(20_000))))
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "batch_rows" in line


@pytest.mark.parametrize("seed", range(2))
def test_sigkill_leaves_table_and_state_consistent(project: Path, seed: int) -> None:
    """Each acknowledged state is true of the table, and the log says the same."""
    total, every = 4000, 100
    messages = [schema(n=INTEGER)]
    for number in range(total):
        messages.append(record(id=str(number), n=number))
        if number % every == every - 1:
            messages.append(state({"orders": number}))
    text = lines(*messages)
    with subprocess.Popen(
        **command(project), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        half = len(text) // 2
        process.stdin.write(text[:half])
        process.stdin.flush()
        process.stdout.readline()  # it has committed at least once
        random.seed(seed)
        time.sleep(random.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        acknowledged = [json.loads(line) for line in process.stdout.read().splitlines()]
        with suppress(BrokenPipeError):
            process.stdin.close()
    rows, top = query(project, f"select count(*), max(n) from {SCHEMA}.orders")[0]
    assert rows == top + 1, "no hole"
    for each in acknowledged:
        assert each["bookmarks"]["orders"] <= top
    logged = query(project, "select sum(records) from _crossdock.load_log")[0][0]
    assert logged == rows
    assert run(project, text).returncode == 0
    assert query(project, f"select count(*) from {SCHEMA}.orders") == [(total,)]


def test_sigterm_ends_it_at_once_and_acknowledges_nothing(project: Path) -> None:
    with subprocess.Popen(
        **command(project), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(lines(schema(), record(id="1"), state({"orders": 1})))
        process.stdin.flush()
        while unread(process.stdin):
            time.sleep(0.02)
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert out == b""
    assert not warehouse_of(project).exists()
