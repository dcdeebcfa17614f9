"""From a seed: whatever dies, each effect happens once, nothing is missing, the books close."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from targets.shiphero.destination import ShipHeroDestination
from tests.chaos.play import Outcome, Play
from tests.chaos.scene import Scene, Trouble
from tests.chaos.vendors import Vendors

#: `make chaos SEEDS=n` plays more; one alone: CROSSDOCK_CHAOS_SEED=n pytest tests/chaos
SEEDS = range(int(os.environ.get("CROSSDOCK_CHAOS_SEEDS", "100")))
ALONE = os.environ.get("CROSSDOCK_CHAOS_SEED")


def killed_without_a_reading(seed: int) -> Scene:
    """Killed in the middle of its creates, and the next run does not see what it made."""
    scene = Scene.of(seed)
    killed, blind = Trouble(killed_at=40 + seed), Trouble(stale=True)
    return replace(scene, troubles=[killed, blind, Trouble()])


def lost_answers(seed: int) -> Scene:
    """ShipHero makes the orders, and its answers are lost."""
    lost = Trouble(faults=[{"kind": "lost_answer", "vendor": "shiphero", "match": "order_create"}])
    return replace(Scene.of(seed), troubles=[lost, Trouble(stale=True), Trouble()])


def doubled(outcome: Outcome) -> list[str]:
    return [wrong for wrong in outcome.wrong if "times" in wrong]


def test_without_the_read_back_it_finds_doubles(
    vendors: Vendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness can fail: what keeps each effect single is switched off, and it tells."""
    assert doubled(Play(lost_answers(1), vendors, tmp_path / "as it is")()) == []
    monkeypatch.setattr(ShipHeroDestination, "find", lambda self, operation: None)
    assert doubled(Play(lost_answers(1), vendors, tmp_path / "blind")())


def test_without_the_write_ahead_it_finds_doubles(
    vendors: Vendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ShipHero is looked at before each create as well; with both switched off it tells."""
    monkeypatch.setattr(ShipHeroDestination, "reads_before_create", lambda self, name: False)
    kept, lost = 0, 0
    for seed in range(6):
        scene = killed_without_a_reading(seed)
        kept += len(doubled(Play(scene, vendors, tmp_path / f"kept {seed}")()))
        play = Play(scene, vendors, tmp_path / f"lost {seed}", write_ahead=False)
        lost += len(doubled(play()))
    assert kept == 0
    assert lost > 0


@pytest.mark.parametrize("seed", [int(ALONE)] if ALONE else SEEDS)
def test_each_effect_happens_once(
    seed: int, vendors: Vendors, tmp_path: Path, count: Callable[[Outcome], None]
) -> None:
    outcome = Play(Scene.of(seed), vendors, tmp_path)()
    count(outcome)
    assert outcome.wrong == []
    assert outcome.effects > 0
