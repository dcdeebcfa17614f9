"""Plans in a row: what the journal keeps of one shapes the next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import PlanError, SyncDefinitionError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.journal.states import REFUSAL_CAP
from crossdock.plan.definition import Sync
from crossdock.plan.plan import SyncPlan
from crossdock.warehouse import Warehouse
from tests.plan.support import DESTINATION, SYNC, acknowledge, fill, load_one, planned

RUN = "run-1"


class Plans:
    """Plans over and over, from rows that a test changes in between."""

    def __init__(self, sync: Sync, warehouse: Warehouse, journal: Journal) -> None:
        self.sync, self.warehouse, self.journal = sync, warehouse, journal
        self.observed: Iterable[dict[str, Any]] = []

    def __call__(self, *desired: dict[str, Any], **options: Any) -> SyncPlan:
        fill(self.warehouse, self.sync, desired, self.observed)
        found = planned(self.sync, self.warehouse, self.journal, **options)
        self.journal.operations.write_plan(RUN, found.planned, found.superseded)
        return found

    def end(self, found: SyncPlan, state: str, *, counts: bool = False) -> None:
        for operation in found.operations:
            self.journal.leases.take([operation.op_key], RUN)
            change = Change(operation.op_key, state, "test", destination_id="d1", counts=counts)
            self.journal.operations.settle(RUN, [change])

    def state(self, found: SyncPlan) -> str:
        (operation,) = found.operations
        state: str = self.journal.operations.get([operation.op_key])[operation.op_key]["state"]
        return state


@pytest.fixture
def plans(tmp_path: Path, warehouse: Warehouse, journal: Journal) -> Plans:
    return Plans(load_one(tmp_path), warehouse, journal)


def row(status: str, **values: Any) -> dict[str, Any]:
    return {"key": "k1", "ref": "r1", "status": status, **values}


def key_of(found: SyncPlan) -> str:
    (operation,) = found.operations
    return operation.op_key


def test_what_was_acknowledged_is_not_planned_again(plans: Plans) -> None:
    plans.end(plans(row("new")), states.ACKNOWLEDGED)
    again = plans(row("new"))
    assert again.operations == []
    assert (again.rows, again.unchanged, again.held) == (1, 1, 1)


def test_there_and_back_are_three_operations(plans: Plans) -> None:
    keys = []
    for status in ("5", "4", "5"):
        found = plans(row(status))
        plans.end(found, states.ACKNOWLEDGED)
        keys.append(key_of(found))
    assert len(set(keys)) == 3


@pytest.mark.parametrize("state", [states.REJECTED, states.PLANNED])
def test_the_same_decision_keeps_its_key(plans: Plans, state: str) -> None:
    first = plans(row("new"))
    if state == states.REJECTED:
        plans.end(first, state)
    again = plans(row("new"))
    assert key_of(again) == key_of(first)
    assert again.superseded == []
    assert plans.state(again) == states.PLANNED


def test_a_new_decision_ends_the_old_one_and_keeps_its_own_key(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.REJECTED, counts=True)
    second = plans(row("newer"))
    assert plans.state(first) == states.SUPERSEDED
    assert key_of(second) != key_of(first)
    for _ in range(3):  # a retry must not make a new intent each time
        plans.end(second, states.REJECTED, counts=True)
        again = plans(row("newer"))
        assert key_of(again) == key_of(second)
        assert again.superseded == []
    plans.end(second, states.ACKNOWLEDGED)
    back = plans(row("new"))
    assert key_of(back) not in (key_of(first), key_of(second))


def test_refusals_of_one_record_add_up_over_its_decisions(plans: Plans) -> None:
    for number in range(REFUSAL_CAP):
        plans.end(plans(row(f"try {number}")), states.REJECTED, counts=True)
    last = plans(row("one more"))
    assert last.operations == []
    assert last.blocked == {"dead_letter": 1}


def test_a_dead_letter_blocks_its_record_only(plans: Plans) -> None:
    plans.end(plans(row("new")), states.DEAD_LETTER)
    found = plans(row("newer"), {"key": "k2", "ref": "r2", "status": "new"})
    assert [o.key for o in found.operations] == ["k2"]
    assert found.blocked == {"dead_letter": 1}


def test_what_a_person_discards_is_left_alone_until_something_else_is_wanted(
    plans: Plans,
) -> None:
    first = plans(row("new"))
    plans.end(first, states.DEAD_LETTER)
    plans.journal.operations.settle(RUN, [Change(key_of(first), states.DISCARDED, "a person")])
    again = plans(row("new"))
    assert (again.operations, again.blocked, again.balanced) == ([], {"discarded": 1}, True)
    other = plans(row("newer"))
    assert key_of(other) != key_of(first)


def test_what_a_person_retries_has_all_its_tries_again(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.DEAD_LETTER)
    again = Change(key_of(first), states.PLANNED, "a person", forgives=True)
    plans.journal.operations.settle(RUN, [again])
    second = plans(row("new"))
    assert key_of(second) == key_of(first)
    assert plans.journal.operations.get([key_of(first)])[key_of(first)]["attempts"] == 0


def test_what_is_in_flight_elsewhere_is_left_alone(plans: Plans) -> None:
    first = plans(row("new"))
    plans.journal.leases.take([key_of(first)], RUN)
    assert plans(row("newer")).blocked == {"in_flight": 1}


def test_an_unknown_outcome_is_planned_under_its_own_key(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.UNKNOWN)
    again = plans(row("new"))
    assert key_of(again) == key_of(first)
    assert not again.operations[0].resolve_only
    assert plans.state(again) == states.UNKNOWN  # delivery reads it back


def test_an_unknown_outcome_of_an_older_decision_is_only_read_back(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.UNKNOWN)
    again = plans(row("newer"))
    assert key_of(again) == key_of(first)
    assert again.operations[0].resolve_only
    assert again.operations[0].set == {"status": "new"}


def test_an_unknown_outcome_of_a_record_that_is_there_now_is_read_back(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.UNKNOWN)
    plans.observed = [{"id": "d1", "ref": "r1", "status": "new"}]
    again = plans(row("new"))
    assert key_of(again) == key_of(first)
    assert again.operations[0].resolve_only


def test_an_unknown_outcome_that_nobody_wants_any_more_is_read_back(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.UNKNOWN)
    again = plans()
    assert key_of(again) == key_of(first)
    assert again.operations[0].resolve_only


def test_an_unknown_outcome_after_another_decision_keeps_its_key(plans: Plans) -> None:
    plans.end(plans(row("old")), states.REJECTED)
    second = plans(row("new"))
    plans.end(second, states.UNKNOWN)
    again = plans(row("new"))
    assert key_of(again) == key_of(second)
    assert not again.operations[0].resolve_only


def test_what_is_not_wanted_any_more_is_superseded(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.REJECTED)
    assert plans().operations == []
    assert plans.state(first) == states.SUPERSEDED


def test_an_audit_uses_up_no_key(plans: Plans) -> None:
    first = plans(row("new"))
    plans.journal.operations.settle(RUN, [Change(key_of(first), states.AUDITED)])
    again = plans(row("new"))
    assert key_of(again) != key_of(first)
    plans.end(again, states.ACKNOWLEDGED)


def test_a_plan_of_some_keys_leaves_the_others_alone(plans: Plans) -> None:
    other = {"key": "k2", "ref": "r2", "status": "new"}
    both = plans(row("new"), other)
    assert len(both.operations) == 2
    one = plans(row("newer"), {**other, "status": "newer"}, keys=["k1"])
    assert [o.key for o in one.operations] == ["k1"]
    waiting = plans.journal.operations.open(SYNC, DESTINATION)
    assert {r["key"]: r["set"]["status"] for r in waiting} == {"k1": "newer", "k2": "new"}


def test_the_digest_names_the_changes_and_nothing_else(plans: Plans) -> None:
    first = plans(row("new"))
    plans.end(first, states.REJECTED)
    assert plans(row("new")).digest == first.digest
    assert plans(row("newer")).digest != first.digest


def test_before_is_what_the_next_run_could_put_back(plans: Plans, journal: Journal) -> None:
    acknowledge(journal, {"k1": {"id": "d1", "status": "old", "city": "Bath"}})
    (operation,) = plans(row("new", city="Bath")).operations
    assert operation.before == {"status": "old"}


def test_a_missing_or_doubled_key_is_an_error(plans: Plans) -> None:
    with pytest.raises(PlanError, match=r"1 values of .order_id. are missing or stand twice"):
        plans(row("new"), row("newer"))
    with pytest.raises(PlanError, match="missing or stand twice"):
        plans({**row("new"), "key": None})
    assert plans.journal.operations.open(SYNC, DESTINATION) == []


def test_a_field_that_cannot_be_read_back_is_an_error(plans: Plans) -> None:
    fill(plans.warehouse, plans.sync, [], [])
    plans.warehouse.execute('alter table "staging"."stg_crm__orders" drop column city')
    with pytest.raises(SyncDefinitionError, match="stg_crm__orders has no column city"):
        planned(plans.sync, plans.warehouse, plans.journal)


def test_a_model_that_was_never_built_is_an_error(plans: Plans) -> None:
    with pytest.raises(PlanError, match=r"sync\.sync_crm__orders is not in the warehouse"):
        planned(plans.sync, plans.warehouse, plans.journal)


def test_names_with_capitals_quotes_and_dollars_are_only_names(
    tmp_path: Path, warehouse: Warehouse, journal: Journal
) -> None:
    fields = {'Od"d $name': {"policy": "own"}, "select": {"policy": "own"}}
    sync = load_one(tmp_path, fields=fields)
    plans = Plans(sync, warehouse, journal)
    wanted = {"key": "k'1", "ref": "r1", 'Od"d $name': "it's", "select": "*"}
    found = plans(wanted)
    (operation,) = found.operations
    assert operation.set == {'Od"d $name': "it's", "select": "*"}
    plans.end(found, states.ACKNOWLEDGED)
    plans.observed = [{"id": "d1", **wanted}]
    assert plans(wanted).operations == []


def test_many_rows_are_planned_in_one_go(plans: Plans, warehouse: Warehouse) -> None:
    fill(warehouse, plans.sync, [], [])
    warehouse.execute(
        """
        insert into sync.sync_crm__orders
        select 'k' || i, 'crm:main', null, 'r' || i, 'new', null from range(20000) t(i)
        """
    )
    warehouse.execute(
        """
        insert into staging.stg_crm__orders
        select 'crm:main', 'd' || i, now(), false, 'r' || i, 'new', null from range(10000) t(i)
        """
    )
    found = planned(plans.sync, warehouse, plans.journal)
    assert (found.count("create"), found.count("adopt")) == (10000, 10000)
