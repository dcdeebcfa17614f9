from __future__ import annotations

import pytest

from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, canonical_json, row_hash
from tests.journal.support import DESTINATION, SYNC, go, planned, write


def versions(journal: Journal) -> dict[str, int]:
    return journal.operations.versions(SYNC, DESTINATION, ["k1"])


def change(value: str, version: int) -> Planned:
    return planned(version=version, action="update", destination_id="d1", set={"n": value})


def test_there_and_back_are_three_operations(journal: Journal) -> None:
    """5 → 4 → 5: the third has the first one's payload, and is not the first."""
    keys = []
    for value in ("5", "4", "5"):
        (key,) = write(journal, change(value, versions(journal).get("k1", 0)))
        go(journal, key, states.IN_FLIGHT, states.ACKNOWLEDGED)
        keys.append(key)
    assert len(set(keys)) == 3
    (row,) = journal.operations.acknowledged(SYNC, DESTINATION)
    assert row["version"] == 3


def test_a_retry_keeps_its_key(journal: Journal) -> None:
    (first,) = write(journal, change("5", 0))
    go(journal, first, states.IN_FLIGHT, states.REJECTED)
    assert versions(journal) == {}
    (again,) = write(journal, change("5", versions(journal).get("k1", 0)))
    assert again == first
    assert len(journal.operations.open(SYNC, DESTINATION)) == 1


@pytest.mark.parametrize("end", [states.AUDITED, states.SUPERSEDED])
def test_what_ended_without_effect_uses_up_no_key_of_a_later_one(
    journal: Journal, end: str
) -> None:
    (first,) = write(journal, planned())
    go(journal, first, end)
    (second,) = write(journal, planned(version=versions(journal)["k1"]))
    assert second != first
    go(journal, second, states.IN_FLIGHT, states.ACKNOWLEDGED)


def test_keys_differ_by_what_is_to_be_done() -> None:
    keys = {
        planned().operation.op_key,
        planned(version=1).operation.op_key,
        planned("k2").operation.op_key,
        planned(set={"status": "old"}).operation.op_key,
        planned(action="adopt", destination_id="1").operation.op_key,
        planned(action="adopt", destination_id="2").operation.op_key,
        planned(refs={"contact": ("sync_crm__contacts", "c1")}).operation.op_key,
    }
    assert len(keys) == 7


def test_keys_do_not_depend_on_order_run_or_reason() -> None:
    one = planned(set={"a": "1", "b": "2"}, reason="this").operation
    other = planned(set={"b": "2", "a": "1"}, reason="that", before={"a": "0"}).operation
    assert one.op_key == other.op_key


def test_acknowledged_state_is_the_newest(journal: Journal) -> None:
    (first,) = write(journal, planned(set={"status": "new"}))
    go(journal, first, states.IN_FLIGHT, states.ACKNOWLEDGED)
    (before,) = journal.operations.acknowledged(SYNC, DESTINATION)
    (second,) = write(
        journal, planned(version=1, action="update", destination_id="d2", set={"status": "old"})
    )
    go(journal, second, states.IN_FLIGHT, states.ACKNOWLEDGED)
    (after,) = journal.operations.acknowledged(SYNC, DESTINATION)
    assert (before["fields"], after["fields"]) == ({"status": "new"}, {"status": "old"})
    assert before["acknowledged_at"] < after["acknowledged_at"]
    assert after["row_hash"] == row_hash({"status": "old"})
    assert after["op_key"] == second
    parents = {(SYNC, "k1"), (SYNC, "nobody"), ("other", "k1")}
    found = journal.operations.acknowledged_ids(DESTINATION, parents)
    assert found == {(SYNC, "k1"): after["destination_id"]}


def test_a_plan_ends_what_it_decides_otherwise(journal: Journal) -> None:
    (old,) = write(journal, planned(set={"status": "old"}))
    (new,) = write(journal, planned(set={"status": "new"}), superseded=(old,))
    rows = journal.operations.get([old, new])
    assert rows[old]["state"] == states.SUPERSEDED
    assert rows[new]["state"] == states.PLANNED


def test_many_operations_fit_in_one_plan(journal: Journal) -> None:
    keys = write(journal, *[planned(f"k{n}") for n in range(1200)])
    assert len(journal.operations.get(keys)) == 1200
    journal.leases.take(keys, "run-1")
    assert journal.operations.counts("run-1") == {(SYNC, DESTINATION): {"in_flight": 1200}}


def test_canonical_json_is_the_same_for_equal_values() -> None:
    assert (
        canonical_json({"b": 1, "a": "é"})
        == canonical_json({"a": "é", "b": 1})
        == ('{"a":"é","b":1}')
    )
