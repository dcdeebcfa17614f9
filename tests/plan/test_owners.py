"""Signs that a second connector writes on a flow of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock import clock
from crossdock.checks import Finding
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.plan import owners
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident
from tests.plan.support import DESTINATION, fill, load_one, planned

RUN = "run-1"
Rows = Iterable[dict[str, Any]]


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    return load_one(tmp_path)


@pytest.fixture
def deliver(sync: Sync, warehouse: Warehouse, journal: Journal) -> Callable[[Rows, Rows], None]:
    def _deliver(desired: Rows, observed: Rows) -> None:
        fill(warehouse, sync, desired, observed)
        later = f"update {ident(*sync.observed)} set read_at = current_timestamp"
        warehouse.execute(later)  # read after whatever was acknowledged until now
        found = planned(sync, warehouse, journal)
        journal.operations.write_plan(RUN, found.planned, found.superseded)
        for operation in found.operations:
            journal.leases.take([operation.op_key], RUN)
            held = operation.destination_id or f"d-{operation.key}"
            journal.operations.settle(
                RUN, [Change(operation.op_key, states.ACKNOWLEDGED, "test", held)]
            )

    return _deliver


def rows(count: int, **values: Any) -> list[dict[str, Any]]:
    return [{"key": f"k{n}", "ref": f"r{n}", "status": "new", **values} for n in range(count)]


def there(count: int, **values: Any) -> list[dict[str, Any]]:
    return [{**row, "id": f"d-{row['key']}", **values} for row in rows(count)]


def finding(sync: Sync, journal: Journal, *, later: timedelta = timedelta()) -> Finding:
    now = clock.real_now() + later
    (found,) = owners.foreign_writers(sync, DESTINATION, journal, now)
    return found


def test_a_sync_that_never_wrote_has_no_rival(sync: Sync, journal: Journal) -> None:
    assert list(owners.foreign_writers(sync, DESTINATION, journal, clock.real_now())) == []


def test_our_own_writes_are_no_sign(
    sync: Sync, journal: Journal, deliver: Callable[[Rows, Rows], None]
) -> None:
    deliver(rows(20), [])
    deliver(rows(20, status="paid"), there(20))
    assert finding(sync, journal).ok


def test_records_found_in_the_take_over_are_no_sign(
    sync: Sync, journal: Journal, deliver: Callable[[Rows, Rows], None]
) -> None:
    deliver(rows(3), there(3))
    assert finding(sync, journal).ok


def test_records_made_by_others_later_are_one(
    sync: Sync,
    journal: Journal,
    deliver: Callable[[Rows, Rows], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver(rows(1), [])
    monkeypatch.setattr(owners, "TAKE_OVER", timedelta())
    deliver(rows(3), there(3))
    found = finding(sync, journal)
    assert not found.ok
    assert "made 2 records before us" in found.advice


@pytest.mark.parametrize(("changed", "ok"), [(owners.A_FEW, True), (owners.A_FEW + 1, False)])
def test_many_fields_changed_by_others_are_one(
    sync: Sync,
    journal: Journal,
    deliver: Callable[[Rows, Rows], None],
    changed: int,
    ok: bool,
) -> None:
    deliver(rows(10), [])
    deliver(rows(10), there(changed, status="theirs") + there(10)[changed:])
    assert finding(sync, journal).ok is ok


def test_what_is_long_past_is_none(
    sync: Sync, journal: Journal, deliver: Callable[[Rows, Rows], None]
) -> None:
    deliver(rows(3), there(3))
    assert finding(sync, journal, later=timedelta(days=8)).ok
