from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.chaos.play import Outcome
from tests.chaos.vendors import Vendors, serving_in_a_process

_COUNTED = "chaos"


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    with serving_in_a_process() as url:
        yield Vendors(url)


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[Outcome], None]:
    """Add a scene to the line at the end."""

    def _count(outcome: Outcome) -> None:
        found = {**outcome.troubles, "effects": outcome.effects, "wrong": len(outcome.wrong)}
        record_property(_COUNTED, found)

    return _count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What went wrong on purpose, and what came of it, over all seeds."""
    total: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == _COUNTED and report.when == "call":
                    total.update({**value, "seeds": 1})
    if total:
        seeds, effects, wrong = (total.pop(name) for name in ("seeds", "effects", "wrong"))
        troubles = ", ".join(f"{number} {name}" for name, number in total.most_common())
        terminalreporter.write_line(
            f"chaos: {seeds} seeds, {effects} effects, {wrong} doubled, missing or unbooked"
            f" ({troubles})"
        )
