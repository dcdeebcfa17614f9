"""In audit: does somebody else write what we would have written?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock import clock
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.plan.definition import Sync
from crossdock.plan.parity import Parity, compare
from crossdock.warehouse import Warehouse
from tests.plan.support import fill, load_one, planned

RUN = "run-1"


class Audit:
    """A target in audit beside an old way that writes by itself."""

    def __init__(self, sync: Sync, warehouse: Warehouse, journal: Journal) -> None:
        self.sync, self.warehouse, self.journal = sync, warehouse, journal

    def run(self, desired: Iterable[dict[str, Any]], there: Iterable[dict[str, Any]]) -> None:
        fill(self.warehouse, self.sync, desired, there)
        found = planned(self.sync, self.warehouse, self.journal)
        self.journal.operations.write_plan(RUN, found.planned, found.superseded)
        ends = [Change(o.op_key, states.AUDITED, "audit") for o in found.operations]
        self.journal.operations.settle(RUN, ends)

    def parity(
        self,
        desired: Iterable[dict[str, Any]],
        there: Iterable[dict[str, Any]],
        *,
        later: timedelta = timedelta(hours=3),
    ) -> Parity:
        fill(self.warehouse, self.sync, desired, there)
        found = planned(self.sync, self.warehouse, self.journal)
        return compare(found, self.journal, clock.real_now() + later)


@pytest.fixture
def audit(tmp_path: Path, warehouse: Warehouse, journal: Journal) -> Audit:
    return Audit(load_one(tmp_path), warehouse, journal)


def row(key: str, **values: Any) -> dict[str, Any]:
    return {"key": key, "ref": f"r-{key}", "status": "new", "city": "Riga", **values}


def there(key: str, **values: Any) -> dict[str, Any]:
    return {"id": f"d-{key}", **row(key, **values)}


def test_what_the_old_way_wrote_alike_is_the_same(audit: Audit) -> None:
    audit.run([row("a"), row("b")], [there("b")])
    found = audit.parity([row("a"), row("b")], [there("a"), there("b")])
    assert (found.rows, found.same, found.differences, found.share) == (2, 2, [], 100.0)
    assert found.written_alike == 2  # b was only to be adopted: it was alike from the first


def test_a_record_that_nobody_made_is_missing(audit: Audit) -> None:
    audit.run([row("a"), row("b")], [])
    found = audit.parity([row("a"), row("b")], [there("b")])
    (missing,) = found.lasting
    assert (missing.key, missing.kind) == ("a", "missing")
    assert (found.same, found.share, found.fields) == (1, 50.0, {})


def test_fields_that_differ_are_counted(audit: Audit) -> None:
    old = [there("a", status="paid"), there("b", status="paid", city="Rome")]
    audit.run([row("a"), row("b")], old)
    found = audit.parity([row("a"), row("b")], old)
    assert found.fields == {"status": 2, "city": 1}
    assert {d.kind for d in found.lasting} == {"differs"}
    assert found.share == 0.0


def test_a_young_difference_is_settling(audit: Audit) -> None:
    audit.run([row("a")], [])
    found = audit.parity([row("a")], [], later=timedelta(minutes=5))
    assert found.lasting == []
    assert [d.settling for d in found.differences] == [True]
    assert found.share == 100.0  # nothing that could be compared differs


def test_a_difference_that_no_audit_saw_is_settling(audit: Audit) -> None:
    found = audit.parity([row("a")], [])
    assert [(d.since, d.settling) for d in found.differences] == [(None, True)]


def test_what_we_want_anew_is_young_again(audit: Audit) -> None:
    audit.run([row("a")], [there("a", status="old")])
    found = audit.parity([row("a", status="newer")], [there("a", status="old")])
    assert [d.settling for d in found.differences] == [True]


def test_its_age_is_that_of_the_first_audit_that_wanted_it(audit: Audit) -> None:
    for _ in range(3):
        audit.run([row("a")], [])
    (first, *_) = audit.journal.operations.audited(
        audit.sync.name, "crm:main", clock.real_now() - timedelta(hours=1)
    )
    (found,) = audit.parity([row("a")], []).differences
    assert found.since is not None
    assert found.since.isoformat(timespec="microseconds") == first["planned_at"]


def test_rows_that_we_would_not_touch_are_left_out(audit: Audit) -> None:
    doubtful = [there("a"), {**there("a"), "id": "d-second"}]
    audit.run([row("a"), row("b")], doubtful)
    found = audit.parity([row("a"), row("b")], [*doubtful, there("b")])
    assert found.blocked == {"ambiguous": 1}
    assert (found.rows, found.same, len(found.differences)) == (2, 1, 0)
