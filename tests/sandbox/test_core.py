from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.core import Clock, Counters, Effects, Sandbox, iso
from sandbox.world import World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_clock_runs_with_real_time_and_jumps() -> None:
    seconds = [100.0]
    clock = Clock(START, monotonic=lambda: seconds[0])
    assert clock.now() == START
    seconds[0] += 2
    assert clock.advance(hours=1.5) == START + timedelta(hours=1.5, seconds=2)


def test_effects_are_numbered_and_read_from_a_number_on() -> None:
    effects = Effects(Clock(START, monotonic=lambda: 0))
    for name in ("a", "b"):
        effects.record(
            vendor="v", actor="api", object="o", id=name, external_id=None,
            operation="create", fields={"x": 1},
        )  # fmt: skip
    assert [effect["id"] for effect in effects.since(0)] == ["a", "b"]
    assert [effect["seq"] for effect in effects.since(1)] == [2]
    assert effects.since(0)[0]["time"] == "2026-03-02T09:00:00.000Z"
    assert effects.last == 2


def test_counters_are_kept_for_each_vendor() -> None:
    counters = Counters()
    counters.add("shopify", "requests")
    counters.add("shopify", "refusals")
    assert counters.of("shopify") == {"requests": 1, "writes": 0, "refusals": 1}
    assert counters.of("hubspot") == {"requests": 0, "writes": 0, "refusals": 0}


def test_a_sandbox_without_orders_begins_now() -> None:
    sandbox = Sandbox.of(World())
    assert abs(sandbox.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert sandbox.next_event_at() is None


@pytest.mark.parametrize(
    ("moment", "text"),
    [(START, "2026-03-02T09:00:00Z"), (START.replace(microsecond=999), "2026-03-02T09:00:00Z")],
)
def test_times_are_written_as_apis_do(moment: datetime, text: str) -> None:
    assert iso(moment) == text
