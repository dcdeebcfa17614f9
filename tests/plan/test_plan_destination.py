"""What becomes of the syncs of one destination: guards, approvals, stale data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock import clock
from crossdock.errors import SettingsError
from crossdock.journal import Journal, stamp, states
from crossdock.journal.intents import Change
from crossdock.plan import destination
from crossdock.plan.destination import Decision
from crossdock.settings import Instance, Settings
from crossdock.warehouse import connect
from tests.plan.support import META, SYNC, acknowledge, fill, load_one, manifest

RUN = "run-1"
CRM = Instance("crm", "main")


class Project:
    """A warehouse file, a journal and one sync."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.folder, self.journal = folder, journal
        (folder / "transform/dbt/target").mkdir(parents=True)
        self.settings = Settings(
            project=folder,
            state_dir=folder,
            warehouse=folder / "warehouse.duckdb",
            journal=journal.url,
            instances=(CRM, Instance("shop", "main"), Instance("shop", "eu")),
        )
        self.desired: list[dict[str, Any]] = []
        self.observed: list[dict[str, Any]] = []
        for name in map(str, self.settings.instances):
            journal.runs.source_read(name, RUN, ok=True)

    def decide(self, **changes: Any) -> Decision:
        sync = load_one(self.folder, **changes)
        manifest(self.settings.manifest, (SYNC, {**META, **changes}))
        with connect(self.settings.warehouse, read_only=False) as warehouse:
            fill(warehouse, sync, self.desired, self.observed)
        (decision,) = destination.decide(CRM, self.settings, self.journal, run_id=RUN)
        return decision

    def run(self, **changes: Any) -> Decision:
        decision = self.decide(**changes)
        destination.write([decision], self.journal, RUN)
        return decision


@pytest.fixture
def project(tmp_path: Path, journal: Journal) -> Iterator[Project]:
    yield Project(tmp_path, journal)


def rows(count: int, status: str = "new") -> list[dict[str, Any]]:
    return [{"key": f"k{n}", "ref": f"r{n}", "status": status} for n in range(count)]


def hold(project: Project, count: int, status: str) -> None:
    known = {f"k{n}": {"id": f"d{n}", "status": status, "city": None} for n in range(count)}
    acknowledge(project.journal, known)


def test_creates_over_the_guard_wait_for_a_person(project: Project) -> None:
    project.desired = rows(4)
    found = project.run(guards={"max_creates": 3})
    assert found.status == "guarded"
    assert found.exceeded == ["4 creates, at most 3 go unasked"]
    assert f"crossdock approve {found.plan.digest}" in found.message
    assert project.journal.operations.open(SYNC, "crm:main") == []
    (book,) = project.journal.runs.books(RUN)
    assert (book["status"], book["operations"], book["digest"]) == (
        "guarded",
        0,
        found.plan.digest,
    )
    assert project.decide(guards={"max_creates": 4}).status == "planned"


def test_an_approval_releases_one_plan_once(project: Project) -> None:
    project.desired = rows(4)
    guards = {"max_creates": 3}
    digest = project.decide(guards=guards).plan.digest
    project.journal.runs.approve(digest, "ada", "first import")
    project.desired = rows(5)
    assert project.run(guards=guards).status == "guarded"  # that is another plan
    project.desired = rows(4)
    found = project.run(guards=guards)
    assert found.status == "planned"
    assert len(project.journal.operations.open(SYNC, "crm:main")) == 4
    assert not project.journal.runs.is_approved(digest)
    for operation in found.plan.operations:
        project.journal.leases.take([operation.op_key], RUN)
        project.journal.operations.settle(RUN, [Change(operation.op_key, states.REJECTED)])
    assert project.run(guards=guards).status == "guarded"


@pytest.mark.parametrize(("held", "wanted"), [("old", ""), ("12.50", "0.00"), ('["a"]', "[]")])
def test_a_flood_of_nothing_waits(project: Project, held: str, wanted: str) -> None:
    hold(project, 200, held)
    project.desired = rows(30, wanted) + rows(200, held)[30:]
    found = project.decide()
    assert found.status == "guarded"
    assert found.exceeded == [
        "15% of the records would lose a value or have it set to 0, at most 10% go unasked:"
        " is a source empty?"
    ]
    assert project.decide(guards={"max_emptied_pct": 15}).status == "planned"
    project.desired = rows(30, "other") + rows(200, held)[30:]
    assert project.decide().status == "planned"


def test_too_large_a_share_of_updates_waits(project: Project) -> None:
    hold(project, 100, "old")
    project.desired = rows(31) + rows(100, "old")[31:]
    found = project.decide()
    assert found.exceeded == ["31% of the records change, at most 30% go unasked"]
    project.desired = rows(30) + rows(100, "old")[30:]
    assert project.decide().status == "planned"


def test_a_few_updates_are_no_flood(project: Project) -> None:
    hold(project, 25, "old")
    project.desired = rows(25)
    assert project.decide().status == "planned"


def test_a_source_that_was_not_read_holds_what_needs_it(project: Project) -> None:
    project.desired = rows(1)
    assert project.decide(requires=["shop"]).status == "planned"
    project.journal.runs.source_read("shop:eu", RUN, ok=False, message="down")
    found = project.run(requires=["shop"])
    assert found.status == "skipped"
    assert "the last read of shop:eu failed" in found.message
    assert project.journal.operations.open(SYNC, "crm:main") == []
    (book,) = project.journal.runs.books(RUN)
    assert book["status"] == "skipped"
    assert "shop:eu" in book["message"]
    assert project.decide().status == "planned"  # who does not need it goes on


def test_the_destination_itself_must_have_been_read(project: Project) -> None:
    project.journal.runs.source_read("crm:main", RUN, ok=False, message="down")
    assert "crm:main" in project.decide().message


def test_a_system_that_was_never_read_holds_what_needs_it(project: Project) -> None:
    from sqlalchemy import delete

    from crossdock.journal.schema import sources

    with project.journal.write() as db:
        db.execute(delete(sources).where(sources.c.instance == "shop:main"))
    assert "shop:main was never read" in project.decide(requires=["shop"]).message


def test_what_was_read_too_long_ago_counts_as_stale(project: Project) -> None:
    from sqlalchemy import update

    from crossdock.journal.schema import sources

    past = stamp(clock.now() - timedelta(minutes=20))
    with project.journal.write() as db:
        db.execute(update(sources).where(sources.c.instance == "shop:eu").values(read_at=past))
    found = project.decide(requires=["shop"], max_age="15m")
    assert found.status == "skipped"
    assert "shop:eu was read 0:20:" in found.message
    assert project.decide(requires=["shop"], max_age="30m").status == "planned"


def test_a_model_that_did_not_build_holds_its_sync(project: Project) -> None:
    project.journal.runs.model_built(SYNC, RUN, ok=False, message="a column is missing")
    found = project.decide()
    assert found.status == "skipped"
    assert "a column is missing" in found.message
    project.journal.runs.model_built(SYNC, RUN, ok=True)
    assert project.decide().status == "planned"


def test_a_sync_that_is_switched_off_is_not_planned(project: Project) -> None:
    manifest(project.settings.manifest, (SYNC, {**META, "owner": "native"}))
    assert destination.decide(CRM, project.settings, project.journal) == []


def test_the_books_hold_every_row(project: Project) -> None:
    hold(project, 2, "new")
    project.desired = [*rows(3), {"key": "k9", "ref": "r9"}]
    project.observed = [
        {"id": "d0", "ref": "r0", "status": "new"},
        {"id": "d1", "ref": "r1", "status": "new", "gone": True},
        {"id": "d9", "ref": "r9"},
    ]
    project.run()
    (book,) = project.journal.runs.books(RUN)
    assert (book["rows"], book["unchanged"], book["operations"]) == (4, 1, 2)
    assert book["blocked"] == {"gone": 1}
    assert project.journal.operations.counts(RUN) == {(SYNC, "crm:main"): {"planned": 2}}


def test_instances_are_found_by_system_or_name(project: Project) -> None:
    def named(name: str | None) -> list[str]:
        return [str(i) for i in destination.instances_of(name, project.settings)]

    assert named("shop") == ["shop:main", "shop:eu"]
    assert named("shop:eu") == ["shop:eu"]
    assert len(named(None)) == 3
    with pytest.raises(SettingsError, match="there is no system instance 'erp'"):
        named("erp")
