"""What all tests share: where reference data is, and that CI leaves nothing out."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

SEED = "CROSSDOCK_SEED"
"""What is sampled in this run is chosen by it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suites below; only this file is read early enough to add them."""
    parser.addoption("--snapshots", action="store_true", help="write the catalogs anew")


def pytest_configure() -> None:
    """Workers inherit the seed, so that all of them choose the same sample."""
    os.environ.setdefault(SEED, str(random.randrange(10_000)))


def pytest_report_header() -> str:
    """Say how to run the same sample again."""
    return f"sampled by {SEED}={os.environ[SEED]}"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of vendors' schemas and real records that CROSSDOCK_REFERENCE names."""
    named = os.environ.get("CROSSDOCK_REFERENCE")
    if not named or not Path(named).is_dir():
        pytest.skip("CROSSDOCK_REFERENCE names no folder of reference data")
    return Path(named)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """On CI a test that was left out is a failure: a green run must have run everything."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CROSSDOCK_NO_SKIPS"):
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, and none may be", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the session for skipped tests where none may be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and os.environ.get("CROSSDOCK_NO_SKIPS"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
