"""A tap as a program: what it prints, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
from played import TapShopify, played


@pytest.fixture
def sandbox():
    with played() as running:
        yield running


def command(config) -> list[str]:
    return [sys.executable, "-m", "taps.shopify.tap", "--config", str(config)]


@pytest.fixture
def config(sandbox, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(sandbox.config(TapShopify)))
    return path


def test_terminated_tap_ends_tidily(sandbox, config):
    sandbox.faults({"vendor": "shopify", "match": "orders", "kind": "slow", "seconds": 60})
    with subprocess.Popen(command(config), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tap:
        lines = []
        for line in tap.stdout:
            lines.append(json.loads(line))
            if lines[-1]["type"] == "SCHEMA" and lines[-1]["stream"] == "orders":
                break
        time.sleep(0.5)
        tap.send_signal(signal.SIGTERM)
        rest = tap.stdout.read()  # not `communicate`, which forgets what was read ahead
        tap.wait(10)
    messages = lines + [json.loads(line) for line in rest.splitlines()]
    assert tap.returncode == 143
    ended = [m["record"]["stream"] for m in messages if m.get("stream") == "_crossdock_end"
             and m["type"] == "RECORD"]  # fmt: skip
    assert "customers" in ended
    assert "orders" not in ended
    states = [m["value"]["bookmarks"] for m in messages if m["type"] == "STATE"]
    assert "replication_key_value" in states[-1]["customers"]
    assert "replication_key_value" not in states[-1].get("orders", {})


def test_failure_is_one_line_and_an_exit_code(tmp_path, sandbox):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(sandbox.config(TapShopify, access_token="shpat_wrong")))
    done = subprocess.run(command(path), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "INFO" not in line]
    assert line.startswith("tap-shopify: ")
    assert "Invalid API key" in line
    assert ".env" in line
    assert "shpat_wrong" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_unknown_setting_value_is_one_line(tmp_path, sandbox):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(sandbox.config(TapShopify, share=7)))
    done = subprocess.run(command(path), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "share" in done.stderr
    assert "Traceback" not in done.stderr
