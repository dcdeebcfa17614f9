from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner

from sandbox.cli import sandbox
from sandbox.server import PortTakenError, listen
from sandbox.world import WorldError
from sandbox.world_files import dump, load
from tests.sandbox.shop import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """`crossdock sandbox serve` as a process of its own; yields the address that it prints."""
    command = ["crossdock", "sandbox", "serve", "--port", "0", *arguments]
    program = f"import sys; from crossdock.cli.main import main; sys.argv = {command!r}; main()"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)


def test_it_prints_its_address_once_it_answers(tmp_path: Path) -> None:
    dump(world(), tmp_path / "world")
    rules = tmp_path / "faults.json"
    rules.write_text(
        json.dumps({"rules": [{"kind": "status", "status": 503, "vendor": "hubspot"}]})
    )
    with served("--world", str(tmp_path / "world"), "--faults", str(rules)) as url:
        assert httpx.get(f"{url}/_sandbox/state").json()["world"]["orders"] == 12
        assert httpx.get(f"{url}/hubspot/crm/v3/objects/contacts").status_code == 503


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTakenError, match=r"port \d+ of 127.0.0.1 is taken"):
            listen(other.getsockname()[1])


def test_a_world_that_cannot_be_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(sandbox, ["serve", "--world", str(tmp_path / "nowhere")])
    assert isinstance(result.exception, WorldError)


def test_the_built_in_world_can_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(sandbox, ["world", str(tmp_path / "copy")])
    assert result.exit_code == 0
    assert len(load(tmp_path / "copy").orders) == 1000
