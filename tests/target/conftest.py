from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, from_row
from crossdock.target.delivery import Delivery
from tests.journal.support import DESTINATION, RUN, SYNC, planned
from tests.target.fake import FakeVendor


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    opened = Journal(url)
    yield opened
    opened.close()


class Loop:
    """Plans what is wanted again and again, as runs do, and delivers it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def run(self, vendor: Any, *wanted: Planned, rollout: str = "live", **options: Any) -> Delivery:
        """One run: what is not acknowledged is planned, unknown outcomes are read back."""
        operations = self.journal.operations
        self.journal.leases.end_dead(RUN)
        done = {row["op_key"] for row in operations.acknowledged(SYNC, DESTINATION)}
        open_rows = {row["op_key"]: row for row in operations.open(SYNC, DESTINATION)}
        stuck = (*states.STUCK, states.IN_FLIGHT)
        going = [
            item
            for item in wanted
            if item.operation.op_key not in done
            and open_rows.get(item.operation.op_key, {}).get("state") not in stuck
        ]
        operations.write_plan(RUN, going, ())
        rows = operations.get([item.operation.op_key for item in going])
        delivery = Delivery(vendor, self.journal, RUN, rollout=rollout, **options)
        delivery.deliver([from_row(row) for row in rows.values()])
        return delivery

    def states(self) -> dict[str, int]:
        return self.journal.operations.counts(RUN).get((SYNC, DESTINATION), {})


@pytest.fixture
def loop(journal: Journal) -> Loop:
    return Loop(journal)


@pytest.fixture
def vendor() -> FakeVendor:
    return FakeVendor()


@pytest.fixture
def orders() -> Callable[[int], list[Planned]]:
    return lambda count: [planned(f"k{n:03}") for n in range(count)]
