"""A plan that remembers what was settled is the plan that compares everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock import clock
from crossdock.errors import PlanError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.plan import memo
from crossdock.plan.definition import Sync
from crossdock.plan.plan import SyncPlan
from crossdock.warehouse import Warehouse, ident
from tests.plan.support import fill, load_one, planned

RUN = "run-1"
ROWS = 40
FIELDS = {
    "status": {"policy": "own"},
    "price": {"policy": "own", "normalise": "decimal"},
    "email": {"policy": "fill_empty", "normalise": "enum"},
    "phone": {"policy": "never_null", "normalise": "phone"},
    "origin": {"policy": "write_once"},
}
VALUES: dict[str, list[Any]] = {
    "status": ["new", "paid", "Zoë", None],
    "price": ["5.0", "5.00", "7", None],
    "email": ["A@x.de", "a@x.de", None],
    "phone": ["+49 30 1", "+49301", None],
    "origin": ["shop", None],
}


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "FEW", 0)
    monkeypatch.setattr(memo, "WORN", 0.2)


class World:
    """Desired and observed state that changes at random, and a journal that follows."""

    def __init__(
        self, sync: Sync, warehouse: Warehouse, journal: Journal, folder: Path, seed: int
    ) -> None:
        self.sync, self.warehouse, self.journal = sync, warehouse, journal
        self.memos = folder / "memos"
        self.chance = random.Random(seed)
        self.desired: dict[str, dict[str, Any]] = {}
        self.observed: dict[str, dict[str, Any]] = {}
        self.read_at: dict[str, str] = {}

    def step(self) -> None:
        """Somebody changes, adds, removes, reads."""
        for number in range(ROWS):
            if self.chance.random() < 0.15 or not self.desired:
                self._change(f"k{number}")
        self.fill(read_again=0.5)

    def _change(self, key: str) -> None:
        row = self.desired.setdefault(key, {"key": key, "ref": f"r-{key}"})
        kind = self.chance.choice(["ours", "ours", "theirs", "gone", "away", "twin"])
        name = self.chance.choice(list(FIELDS))
        record = self.observed.get(f"d-{key}")
        if record is None and self.chance.random() < 0.3:
            self.observed[f"d-{key}"] = {**row, "id": f"d-{key}"}
        elif kind == "ours" or record is None:
            row[name] = self.chance.choice(VALUES[name])
        elif kind == "theirs":
            record[name] = self.chance.choice(VALUES[name])
        elif kind == "gone":
            record["gone"] = not record.get("gone", False)
        elif kind == "away":
            del self.observed[f"d-{key}"]
        else:
            self.observed[f"twin-{key}"] = {**record, "id": f"twin-{key}"}

    def fill(self, read_again: float = 0.0) -> None:
        """Put it into the warehouse; some of it was read after whatever we wrote, some before."""
        fill(self.warehouse, self.sync, self.desired.values(), self.observed.values())
        for record in self.observed:
            if self.chance.random() < read_again or record not in self.read_at:
                ago = self.chance.choice([timedelta(0), timedelta(days=1)])
                self.read_at[record] = (clock.real_now() - ago).isoformat()
            self.warehouse.execute(
                f"update {ident(*self.sync.observed)} set read_at = ? where destination_id = ?",
                [self.read_at[record], record],
            )

    def plan(self, **options: Any) -> SyncPlan:
        return planned(self.sync, self.warehouse, self.journal, **options)

    def deliver(self, found: SyncPlan) -> None:
        """Most of it takes effect, some is refused, some is not heard of again."""
        self.journal.operations.write_plan(RUN, found.planned, found.superseded)
        for operation in found.operations:
            if operation.resolve_only or self.chance.random() < 0.1:
                continue
            self.journal.leases.take([operation.op_key], RUN)
            end = self.chance.choice([states.ACKNOWLEDGED] * 6 + [states.REJECTED, states.UNKNOWN])
            (row,) = self.journal.operations.get([operation.op_key]).values()
            if row["state"] == states.UNKNOWN:
                end = states.PLANNED  # read back: it never happened
            record = operation.destination_id or f"d-{operation.key}"
            self.journal.operations.settle(RUN, [Change(operation.op_key, end, "x", record)])
            if end == states.ACKNOWLEDGED:
                held = self.observed.setdefault(record, {"id": record, "ref": f"r-{operation.key}"})
                held.update(operation.set)


def told(found: SyncPlan) -> dict[str, Any]:
    """What a plan says; a memo must change nothing of it."""
    return {
        "digest": found.digest,
        "counts": (found.rows, found.unchanged, found.held, dict(found.blocked)),
        "operations": [p.operation for p in found.planned],
        "owned": [p.owned for p in found.planned],
        "superseded": sorted(found.superseded),
    }


@pytest.fixture
def worlds(tmp_path: Path, warehouse: Warehouse, journal: Journal) -> Any:
    def _world(seed: int, **meta: Any) -> World:
        sync = load_one(tmp_path, fields=FIELDS, **meta)
        return World(sync, warehouse, journal, tmp_path, seed)

    return _world


@pytest.mark.parametrize("mode", ["upsert", "update_only", "create_only"])
@pytest.mark.parametrize("on_drift", ["overwrite", "keep", "flag"])
def test_with_a_memo_the_plan_is_the_same(worlds: Any, mode: str, on_drift: str) -> None:
    spoken_for = 0
    for seed in range(1):
        world = worlds(seed, write_mode=mode, on_drift=on_drift)
        for _ in range(8):
            world.step()
            everything = world.plan()
            remembered = world.plan(memos=world.memos)
            assert told(remembered) == told(everything)
            assert told(world.plan(memos=world.memos)) == told(everything)
            spoken_for += kept(world)
            world.deliver(everything)
    assert spoken_for > 0, "no memo ever spoke for a row"


def kept(world: World) -> int:
    """Rows that the memo which lies there speaks for."""
    path = memo.place(world.memos, world.sync, "crm:main")
    rows = world.warehouse.fetchone(f"select count(*) from read_parquet('{path}')")
    return int(rows[0]) if rows else 0


def settle(world: World) -> None:
    """Ten rows, all acknowledged and read since, and a memo of them."""
    rows = [{"key": f"k{n}", "ref": f"r-k{n}", "status": "new"} for n in range(10)]
    world.desired = {str(row["key"]): row for row in rows}
    fill(world.warehouse, world.sync, rows, [])
    found = world.plan()
    world.journal.operations.write_plan(RUN, found.planned, found.superseded)
    for operation in found.operations:
        world.journal.leases.take([operation.op_key], RUN)
        change = Change(operation.op_key, states.ACKNOWLEDGED, "x", f"d-{operation.key}")
        world.journal.operations.settle(RUN, [change])
    world.observed = {f"d-{key}": {**row, "id": f"d-{key}"} for key, row in world.desired.items()}
    world.fill()
    assert world.plan(memos=world.memos).operations == []
    assert kept(world) == 10


@pytest.fixture
def settled(worlds: Any) -> Iterator[World]:
    world = worlds(1)
    settle(world)
    yield world


def test_it_looks_only_at_what_changed(settled: World) -> None:
    settled.desired["k3"]["status"] = "paid"
    settled.fill()
    found = settled.plan(memos=settled.memos)
    assert [o.key for o in found.operations] == ["k3"]
    assert (found.rows, found.unchanged, found.held) == (10, 9, 10)
    compared = settled.warehouse.fetchall('select "$key" from desired')
    assert compared == [("k3",)]


def test_another_row_for_the_same_record_is_seen(settled: World) -> None:
    settled.desired["new"] = {"key": "new", "ref": "r-k5", "status": "new"}
    settled.fill()
    assert settled.plan(memos=settled.memos).blocked == {"claimed_twice": 1}


def test_a_key_that_stands_twice_is_seen_beside_a_settled_row(settled: World) -> None:
    rows = [*settled.desired.values(), {"key": "k1", "ref": "r-k1", "status": "other"}]
    fill(settled.warehouse, settled.sync, rows, [])
    with pytest.raises(PlanError, match=r"1 values of .* are missing or stand twice"):
        settled.plan(memos=settled.memos)


def test_a_memo_of_another_journal_is_not_believed(
    settled: World, tmp_path: Path, empty_journal: Path
) -> None:
    settled.journal = Journal(f"sqlite:///{tmp_path / 'other.db'}")
    found = settled.plan(memos=settled.memos)
    assert {o.action for o in found.operations} == {"adopt"}
    settled.journal.close()


def test_a_memo_of_another_definition_is_not_believed(settled: World, tmp_path: Path) -> None:
    settled.sync = load_one(tmp_path, fields={**FIELDS, "status": {"policy": "fill_empty"}})
    settled.plan(memos=settled.memos)
    assert len(settled.warehouse.fetchall("select * from desired")) == 10


def test_a_memo_does_not_live_for_ever(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "LIFE", timedelta(0))
    settled.plan(memos=settled.memos)
    assert len(settled.warehouse.fetchall("select * from desired")) == 10


def test_a_torn_memo_is_written_anew(settled: World) -> None:
    path = memo.place(settled.memos, settled.sync, "crm:main")
    path.write_bytes(path.read_bytes()[:100])
    assert settled.plan(memos=settled.memos).unchanged == 10
    assert kept(settled) == 10
