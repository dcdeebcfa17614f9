"""Which checks run: a sample by seed, or all of them with CROSSDOCK_CONFORMANCE=all.

Every check of every connector runs each time; what is sampled is the combinations with fault
scripts, of which there are many. The seed stands in the header of the run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.http.retry import Retry
from tests.conformance import table
from tests.conformance.bench import TAPS, Stage, TapBench, TargetBench, staged

ALL = "CROSSDOCK_CONFORMANCE"
SEED = "CROSSDOCK_SEED"  # set in tests/conftest.py, which xdist's controller reads too
SAMPLED = 4
"""Fault scripts for each connector, where not all are run."""


def check_of(function: str) -> str:
    return function.removeprefix("test_")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[table.KEY] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bench" not in metafunc.fixturenames:
        return
    wanted = getattr(metafunc.module, "BENCHES", TAPS)
    check = check_of(metafunc.function.__name__)
    benches = [bench for bench in wanted if check not in bench.without]
    if "script" not in metafunc.fixturenames:
        metafunc.parametrize("bench", benches, ids=str)
        return
    cases = [(bench, name) for bench in benches for name in _scripts(bench)]
    metafunc.parametrize(
        ("bench", "script"), cases, ids=[f"{bench}-{name}" for bench, name in cases]
    )


def _scripts(bench: TapBench) -> list[str]:
    applying = [name for name, rules in bench.scripts.items() if rules(bench.vendor)]
    if os.environ.get(ALL) == "all":
        return applying
    chosen = random.Random(f"{os.environ[SEED]}/{bench}").sample(
        applying, min(SAMPLED, len(applying))
    )
    return [name for name in applying if name in chosen]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    if "bench" in parameters and (report.when == "call" or report.failed):
        check = check_of(getattr(item, "originalname", item.name))
        report.user_properties.append(("conformance", (str(parameters["bench"]), check)))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    table.note(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = os.environ.get("CROSSDOCK_CONFORMANCE_TABLE")
    if path and not hasattr(session.config, "workerinput"):
        Path(path).write_text(table.page())


@pytest.fixture(autouse=True)
def no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors outside any project: no journal, no token of another test."""
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))


@pytest.fixture
def stage(bench: TapBench | TargetBench) -> Iterator[Stage]:
    """A running sandbox, with something to read."""
    with staged() as stage:
        bench.prepare(stage)
        yield stage


@pytest.fixture
def small_pages(bench: TapBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small world has page borders."""
    bench.without_pages(monkeypatch)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are short."""
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)
