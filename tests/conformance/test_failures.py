"""What holds for every tap when something is wrong: one clear line, no secret, a tidy end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import CrossdockError
from crossdock.http.errors import AuthError, VendorDown
from tests.conformance.bench import Stage, TapBench


def test_down_is_one_clear_line(bench: TapBench, stage: Stage, hasty: None) -> None:
    stage.faults({"vendor": bench.vendor, "kind": "status", "status": 503})
    with pytest.raises(VendorDown) as caught:
        bench.read(stage)
    assert str(caught.value).startswith(f"{bench}: ")
    assert "\n" not in str(caught.value)


def test_unreachable_is_one_clear_line(bench: TapBench, stage: Stage, hasty: None) -> None:
    with pytest.raises(CrossdockError, match="connect") as caught:
        bench.read(stage, **bench.nowhere)
    assert "\n" not in str(caught.value)


def test_wrong_key_is_one_clear_line(bench: TapBench, stage: Stage) -> None:
    with pytest.raises(AuthError) as caught:
        bench.read(stage, **bench.wrong)
    assert ".env" in str(caught.value)
    for value in bench.wrong.values():
        assert str(value) not in str(caught.value)


def test_secrets_are_marked_and_never_printed(
    bench: TapBench, stage: Stage, tmp_path: Path
) -> None:
    properties = bench.tap.config_jsonschema["properties"]
    for name, kind in properties.items():
        if any(word in name for word in ("token", "secret", "password", "api_key", "private")):
            assert kind.get("secret") is True, f"{name} is not marked as a secret"
    done = _program(bench, bench.config(stage), tmp_path, LOGLEVEL="DEBUG")
    assert done.returncode == 0, done.stderr[-500:]
    wrong = _program(bench, {**bench.config(stage), **bench.wrong}, tmp_path, LOGLEVEL="DEBUG")
    assert wrong.returncode == 1
    written = done.stdout + done.stderr + wrong.stdout + wrong.stderr
    for secret in (*bench.secrets, *map(str, bench.wrong.values())):
        assert secret not in written


def test_terminated_ends_tidily(bench: TapBench, stage: Stage, tmp_path: Path) -> None:
    stage.faults({"vendor": bench.vendor, "kind": "slow", "seconds": 60, "after": 3})
    with subprocess.Popen(
        _command(bench, bench.config(stage), tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as tap:
        assert tap.stdout is not None
        assert tap.stderr is not None
        first = tap.stdout.readline()
        tap.send_signal(signal.SIGTERM)
        # Not `communicate`, which forgets what was read ahead.
        rest, errors = tap.stdout.read(), tap.stderr.read()
        tap.wait(30)
    messages = [json.loads(line) for line in (first + rest).splitlines()]
    assert tap.returncode in (128 + signal.SIGTERM, -signal.SIGTERM)
    assert b"Traceback" not in errors
    _state_covers_what_was_written(messages)


def _state_covers_what_was_written(messages: list[dict[str, Any]]) -> None:
    """A bookmark moves only after the end of its stream, or of a part of it."""
    ended: set[str] = set()
    for message in messages:
        if message["type"] == "RECORD" and message["stream"] == "_crossdock_end":
            ended.add(message["record"]["stream"])
        if message["type"] == "STATE":
            moved = {
                name
                for name, bookmark in message["value"]["bookmarks"].items()
                if "swept_at" in bookmark
            }
            assert moved <= ended


def _command(bench: TapBench, config: dict[str, Any], folder: Path) -> list[str]:
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    program = Path(sys.executable).parent / bench.name
    return [str(program), "--config", str(path)]


def _program(
    bench: TapBench, config: dict[str, Any], folder: Path, **env: str
) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        _command(bench, config, folder),
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
    )
