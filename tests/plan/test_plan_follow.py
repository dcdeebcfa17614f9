"""Keys that became others: what the journal knew of them is found, and nothing is made twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crossdock.errors import PlanError, SyncDefinitionError
from crossdock.journal import Journal, schema, states
from crossdock.journal.intents import Change
from crossdock.plan.definition import MOVE_COLUMNS, Sync, load_syncs
from crossdock.plan.plan import SyncPlan
from crossdock.story import Record, tell
from crossdock.warehouse import Warehouse
from tests.plan.support import DESTINATION, META, SYNC, acknowledge, fill, manifest, planned

RUN = "run-1"
MOVES = "sync_crm__orders_moves"


def load(folder: Path, columns: Iterable[str] = MOVE_COLUMNS) -> Sync:
    path = manifest(folder / "manifest.json", (SYNC, {**META, "key_moves": MOVES}))
    nodes = json.loads(path.read_text())
    nodes["nodes"][f"model.crossdock.{MOVES}"] = {
        "resource_type": "model", "name": MOVES, "schema": "sync", "alias": MOVES,
        "columns": {name: {} for name in columns}, "config": {"meta": {}},
    }  # fmt: skip
    path.write_text(json.dumps(nodes))
    (found,) = load_syncs(path)
    return found


class Customers:
    """Plans, each after the model said what moved."""

    def __init__(self, sync: Sync, warehouse: Warehouse, journal: Journal) -> None:
        self.sync, self.warehouse, self.journal = sync, warehouse, journal
        self.observed: list[dict[str, Any]] = []
        self.moves: list[tuple[str | None, str, str, str | None]] = []

    def __call__(self, *desired: dict[str, Any]) -> SyncPlan:
        fill(self.warehouse, self.sync, desired, self.observed)
        self.warehouse.execute(
            f"create or replace table sync.{MOVES} (destination_instance varchar,"
            " destination_id varchar, from_key varchar, to_key varchar, to_destination_id varchar)"
        )
        for record, before, after, to_record in self.moves:
            instance = DESTINATION if record else None
            self.warehouse.execute(
                f"insert into sync.{MOVES} values (?, ?, ?, ?, ?)",
                [instance, record, before, after, to_record],
            )
        found = planned(self.sync, self.warehouse, self.journal)
        operations = self.journal.operations
        operations.follow(RUN, SYNC, DESTINATION, found.moves)
        operations.write_plan(RUN, found.planned, found.superseded)
        assert found.balanced
        return found

    def end(self, found: SyncPlan, state: str, record: str = "d1") -> None:
        for operation in found.operations:
            self.journal.leases.take([operation.op_key], RUN)
            change = Change(operation.op_key, state, "test", destination_id=record)
            self.journal.operations.settle(RUN, [change])

    def held(self) -> dict[str, str]:
        rows = self.journal.operations.acknowledged(SYNC, DESTINATION)
        return {row["key"]: row["destination_id"] for row in rows}

    def log(self) -> list[tuple[str, str, str | None, str]]:
        rows = self.journal.rows(select(schema.key_moves).order_by(schema.key_moves.c.seq))
        return [(r["from_key"], r["to_key"], r["destination_id"], r["outcome"]) for r in rows]


@pytest.fixture
def customers(tmp_path: Path, warehouse: Warehouse, journal: Journal) -> Customers:
    return Customers(load(tmp_path), warehouse, journal)


def row(key: str, status: str = "new", **values: Any) -> dict[str, Any]:
    return {"key": key, "ref": key, "status": status, **values}


def test_who_became_another_is_not_created_again(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new", "city": None}})
    customers.observed = [{"id": "d1", "ref": "a", "status": "new"}]
    customers.moves = [(None, "a", "b", None)]
    found = customers({**row("b"), "known_id": "d1"})
    assert found.operations == []
    assert (found.unchanged, found.held) == (1, 1)
    assert customers.held() == {"b": "d1"}
    assert customers.log() == [("a", "b", "d1", "moved")]


def test_a_replay_moves_nothing_more(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    customers.moves = [(None, "a", "b", None), ("d1", "a", "b", "d1")]
    for _ in range(3):
        assert customers(row("b")).operations == []
    assert customers.held() == {"b": "d1"}
    assert len(customers.log()) == 1


def test_a_plan_alone_writes_nothing(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    customers.moves = [(None, "a", "b", None)]
    customers.journal.operations.follow = lambda *_: None  # type: ignore[method-assign]
    assert customers(row("b")).operations == []
    assert customers.held() == {"a": "d1"}


def test_a_chain_that_nobody_followed_meanwhile(customers: Customers) -> None:
    """A became B became C between two plans: the model names the end."""
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    customers.moves = [(None, "a", "c", None), (None, "b", "c", None)]
    assert customers(row("c")).operations == []
    assert customers.held() == {"c": "d1"}


def test_a_chain_that_was_followed_each_time_and_back(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    for before, after in (("a", "b"), ("b", "c"), ("c", "a")):
        customers.moves = [(None, before, after, None)]
        assert customers(row(after)).operations == []
        assert customers.held() == {after: "d1"}


def test_of_two_who_are_one_the_sync_s_own_survives(customers: Customers) -> None:
    known = {"a": {"id": "d1", "status": "new"}, "b": {"id": "d2", "status": "old"}}
    acknowledge(customers.journal, known)
    customers.observed = [
        {"id": "d1", "ref": "a", "status": "new"}, {"id": "d2", "ref": "b", "status": "old"},
    ]  # fmt: skip
    customers.moves = [(None, "b", "a", None), ("d2", "b", "a", "d2")]
    found = customers({**row("a"), "known_id": "d1"})
    assert found.operations == []  # the other record is left alone
    assert customers.held() == {"a": "d1"}
    assert customers.log() == [("b", "a", "d2", "retired")]
    again = customers({**row("a", "newer"), "known_id": "d1"})
    assert [(o.action, o.destination_id) for o in again.operations] == [("update", "d1")]


def test_the_survivor_may_be_the_other_s_record(customers: Customers) -> None:
    """The record of the customer that stays is gone there; that of the other one is not."""
    known = {"a": {"id": "d1", "status": "new"}, "b": {"id": "d2", "status": "new"}}
    acknowledge(customers.journal, known)
    customers.observed = [
        {"id": "d1", "ref": "a", "gone": True}, {"id": "d2", "ref": "b", "status": "new"},
    ]  # fmt: skip
    customers.moves = [("d2", "b", "a", "d2")]
    found = customers({**row("a"), "known_id": "d2"})
    assert found.blocked == {}
    assert found.operations == []
    assert customers.held() == {"a": "d2"}
    assert customers.log() == [("a", "a", "d1", "retired"), ("b", "a", "d2", "moved")]


def test_a_split_lets_the_record_go_with_its_customer(customers: Customers) -> None:
    """The record turned out to be somebody else's: he who stays gets one of his own."""
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    customers.observed = [{"id": "d1", "ref": "b", "status": "new"}]
    customers.moves = [("d1", "a", "b", "d1")]
    found = customers(row("a"), {**row("b"), "known_id": "d1"})
    assert [(o.key, o.action) for o in found.operations] == [("a", "create")]
    assert customers.held() == {"b": "d1"}


def test_a_split_that_leaves_the_record_creates_only_the_new_one(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    found = customers(row("a"), row("b"))
    assert [(o.key, o.action) for o in found.operations] == [("b", "create")]
    assert customers.held() == {"a": "d1"}


def test_a_merged_record_is_followed_to_the_one_it_went_into(customers: Customers) -> None:
    known = {"a": {"id": "d1", "status": "new"}, "b": {"id": "d2", "status": "new"}}
    acknowledge(customers.journal, known)
    customers.observed = [
        {"id": "d1", "gone": True}, {"id": "d2", "gone": True},
        {"id": "d3", "ref": "a", "status": "old"},
    ]  # fmt: skip
    customers.moves = [
        ("d1", "a", "a", "d3"), ("d2", "b", "a", "d3"), ("d2", "a", "a", "d3"),
        (None, "b", "a", None),
    ]  # fmt: skip
    found = customers({**row("a"), "known_id": "d3"})
    assert customers.held() == {"a": "d3"}
    assert [(o.action, o.destination_id, dict(o.set)) for o in found.operations] == [
        ("update", "d3", {"status": "new"})  # of that record nothing was confirmed yet
    ]
    customers.end(found, states.ACKNOWLEDGED, "d3")
    customers.observed[2]["status"] = "new"
    assert customers({**row("a"), "known_id": "d3"}).operations == []


def test_a_create_without_an_answer_holds_the_new_key_too(customers: Customers) -> None:
    """It may have happened: the customer's new id must not make another one."""
    first = customers(row("a"))
    customers.end(first, states.UNKNOWN)
    customers.moves = [(None, "a", "b", None)]
    (operation,) = customers(row("b")).operations
    assert operation.op_key == first.operations[0].op_key
    assert operation.resolve_only
    customers.journal.operations.settle(
        RUN, [Change(operation.op_key, states.ACKNOWLEDGED, "read back", "d1")]
    )
    assert customers.held() == {"b": "d1"}
    customers.observed = [{"id": "d1", "ref": "b", "status": "new"}]
    assert customers(row("b")).operations == []


def test_a_create_without_an_answer_of_who_was_merged_is_read_back(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    first = customers(row("a"), row("b"))
    customers.end(first, states.UNKNOWN)
    customers.moves = [(None, "b", "a", None)]
    (operation,) = customers(row("a")).operations
    assert (operation.key, operation.resolve_only) == ("b", True)
    customers.journal.operations.settle(
        RUN, [Change(operation.op_key, states.ACKNOWLEDGED, "read back", "d2")]
    )
    assert customers({**row("a"), "known_id": "d1"}).operations == []
    assert customers.held() == {"a": "d1"}


def test_an_update_without_an_answer_goes_with_its_record(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "old"}})
    first = customers(row("a"))
    customers.end(first, states.UNKNOWN)
    customers.moves = [(None, "a", "b", None)]
    (operation,) = customers(row("b")).operations
    assert operation.resolve_only
    assert customers.held() == {"b": "d1"}
    rows = customers.journal.operations.open(SYNC, DESTINATION)
    assert [r["key"] for r in rows] == ["b"]


def test_a_key_that_comes_back_uses_no_op_key_again(customers: Customers) -> None:
    used = set()
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "0"}})
    for number, (before, after) in enumerate([("a", "b"), ("b", "a"), ("a", "b"), ("b", "a")]):
        customers.moves = [(None, before, after, None)]
        found = customers(row(after, f"{number % 2}x"))
        (operation,) = found.operations
        assert operation.op_key not in used
        used.add(operation.op_key)
        customers.end(found, states.ACKNOWLEDGED)


def test_what_could_be_superseded_is(customers: Customers) -> None:
    first = customers(row("a"))
    customers.end(first, states.REJECTED)
    customers.moves = [(None, "a", "b", None)]
    second = customers(row("b"))
    assert [(o.key, o.action) for o in second.operations] == [("b", "create")]
    assert second.superseded == [first.operations[0].op_key]


def test_another_account_s_moves_are_not_ours(customers: Customers) -> None:
    acknowledge(customers.journal, {"a": {"id": "d1", "status": "new"}})
    customers(row("a"))
    customers.warehouse.execute(
        f"insert into sync.{MOVES} values ('crm:other', 'd1', 'a', 'b', 'd1')"
    )
    assert planned(customers.sync, customers.warehouse, customers.journal).moves.acknowledged == []


def test_the_story_tells_what_was_done_under_a_former_id(customers: Customers) -> None:
    first = customers(row("a"))
    customers.end(first, states.ACKNOWLEDGED)
    customers.moves = [(None, "a", "b", None)]
    customers(row("b"))
    customers.warehouse.execute(
        "create schema reconciliation; create table reconciliation.report_why as select"
        " 'customer' as kind, 'b' as record_id, 'key' as section, 0 as place,"
        " cast(null as timestamptz) as happened_at, 'order_id' as label, 'b' as text,"
        " cast(null as varchar) as next_step"
    )
    told = tell(
        Record("customer", "b", "b"), customers.warehouse, customers.journal, [customers.sync]
    )
    assert [row["key"] for row in told.operations] == ["a"]
    assert [row["key"] for row in told.confirmed] == ["b"]


def test_a_model_that_cannot_say_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SyncDefinitionError, match="has no column to_key"):
        load(tmp_path, [name for name in MOVE_COLUMNS if name != "to_key"])


def test_a_model_that_was_never_built_is_an_error(customers: Customers) -> None:
    fill(customers.warehouse, customers.sync, [], [])
    with pytest.raises(PlanError, match=f"{MOVES} is not in the warehouse"):
        planned(customers.sync, customers.warehouse, customers.journal)
