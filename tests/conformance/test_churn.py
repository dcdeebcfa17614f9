"""Records change, come and go while they are read; the warehouse ends up equal to the source.

CROSSDOCK_CHURN is the number of changes: `make conformance` makes 10,000 of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crossdock.http.client import ApiClient
from tests.conformance.bench import TAPS, Stage, TapBench, staged
from tests.conformance.churn import busy_world, held, load

BENCHES = [bench for bench in TAPS if bench.acts]
CHANGES = int(os.environ.get("CROSSDOCK_CHURN", "300"))


@pytest.fixture
def stage(bench: TapBench) -> Iterator[Stage]:
    orders = max(120, changes_of(bench) // 8)
    with staged(busy_world(orders)) as stage:
        bench.populate(stage, orders)
        yield stage


def changes_of(bench: TapBench) -> int:
    return min(CHANGES, bench.most_changes)


def test_churn(
    bench: TapBench,
    stage: Stage,
    small_pages: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests = _requests_of_a_reading(bench, stage, monkeypatch)
    bench.without_pages(monkeypatch)
    count = _changes_while_reading(bench, stage, monkeypatch, changes_of(bench) // requests + 1)
    first = bench.read(stage, **bench.paged)
    monkeypatch.undo()
    assert count[0] >= changes_of(bench)
    stage.advance(minutes=2)
    second = bench.read(stage, first.state, sweep_interval=0)
    truth = bench.read(stage, **bench.paged)
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    load(first, tmp_path / "a")
    after = load(second, tmp_path / "a")
    whole = load(truth, tmp_path / "b")
    streams = [name for name in truth.streams if name not in bench.told_late]
    found, wanted = held(after, streams), held(whole, streams)
    for stream in streams:
        assert found[stream] == wanted[stream], stream


def _requests_of_a_reading(bench: TapBench, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> int:
    count = [0]
    original = ApiClient.request

    def request(self: ApiClient, *arguments: Any, **options: Any) -> Any:
        count[0] += 1
        return original(self, *arguments, **options)

    monkeypatch.setattr(ApiClient, "request", request)
    bench.read(stage, **bench.paged)
    monkeypatch.undo()
    return count[0]


def _changes_while_reading(
    bench: TapBench, stage: Stage, monkeypatch: pytest.MonkeyPatch, each: int
) -> list[int]:
    """After each answer somebody makes so many changes, until there were enough."""
    lock, count, random = threading.Lock(), [0], Random(7)
    original = ApiClient.request

    def request(self: ApiClient, method: str, path: str, **options: Any) -> Any:
        response = original(self, method, path, **options)
        with lock:
            for _ in range(min(each, changes_of(bench) - count[0])):
                count[0] += 1
                random.choice(bench.acts)(stage, random, count[0])
        return response

    monkeypatch.setattr(ApiClient, "request", request)
    return count
