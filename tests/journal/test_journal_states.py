from __future__ import annotations

import itertools

import pytest

from crossdock.errors import JournalError
from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from tests.journal.support import RUN, go, planned, state_of, write

# How an operation comes into each state from planned, on legal ways only.
WAYS: dict[str, tuple[str, ...]] = {
    states.PLANNED: (),
    states.IN_FLIGHT: (states.IN_FLIGHT,),
    states.ACKNOWLEDGED: (states.IN_FLIGHT, states.ACKNOWLEDGED),
    states.REJECTED: (states.IN_FLIGHT, states.REJECTED),
    states.UNKNOWN: (states.IN_FLIGHT, states.UNKNOWN),
    states.DEAD_LETTER: (states.IN_FLIGHT, states.DEAD_LETTER),
    states.PARKED: (states.IN_FLIGHT, states.UNKNOWN, states.PARKED),
    states.SUPERSEDED: (states.SUPERSEDED,),
    states.AUDITED: (states.AUDITED,),
    states.SKIPPED: (states.SKIPPED,),
    states.DISCARDED: (states.IN_FLIGHT, states.DEAD_LETTER, states.DISCARDED),
}

# The life of an operation as the design draws it, written down a second time on purpose.
LEGAL = {
    "planned": {"in_flight", "superseded", "audited", "skipped"},
    "in_flight": {"acknowledged", "rejected", "unknown", "dead_letter"},
    "unknown": {"acknowledged", "planned", "parked"},
    "rejected": {"planned", "superseded", "dead_letter"},
    "skipped": {"planned", "superseded"},
    "dead_letter": {"planned", "acknowledged", "discarded"},
    "parked": {"planned", "acknowledged", "discarded"},
    "acknowledged": set(),
    "audited": set(),
    "superseded": set(),
    "discarded": set(),
}


def test_every_state_has_a_way_to_it() -> None:
    assert set(WAYS) == set(LEGAL) == set(states.TRANSITIONS)


@pytest.mark.parametrize("before", WAYS)
def test_only_legal_changes_happen(journal: Journal, before: str) -> None:
    for number, after in enumerate(WAYS):
        (key,) = write(journal, planned(f"{before}-{number}"))
        go(journal, key, *WAYS[before])
        assert state_of(journal, key) == before
        change = Change(key, after, destination_id="d")
        if after in LEGAL[before]:
            journal.operations.settle(RUN, [change])
            assert state_of(journal, key) == after
        else:
            with pytest.raises(JournalError, match=f"from {before} to {after}"):
                journal.operations.settle(RUN, [change])
            assert state_of(journal, key) == before


def test_the_log_holds_every_step_in_order(journal: Journal) -> None:
    (key,) = write(journal, planned())
    go(journal, key, states.IN_FLIGHT, states.UNKNOWN, states.PLANNED, states.IN_FLIGHT)
    go(journal, key, states.ACKNOWLEDGED)
    from sqlalchemy import select

    from crossdock.journal.schema import transitions

    rows = journal.rows(select(transitions).order_by(transitions.c.seq))
    steps = [(row["from_state"], row["to_state"]) for row in rows if row["op_key"] == key]
    path = [None, "planned", "in_flight", "unknown", "planned", "in_flight", "acknowledged"]
    assert steps == list(itertools.pairwise(path))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_a_batch_of_changes_is_all_or_nothing(journal: Journal) -> None:
    good, bad = write(journal, planned("a"), planned("b"))
    go(journal, good, states.IN_FLIGHT)
    changes = [
        Change(good, states.ACKNOWLEDGED, destination_id="1"),
        Change(bad, states.ACKNOWLEDGED, destination_id="2"),
    ]
    with pytest.raises(JournalError):
        journal.operations.settle(RUN, changes)
    assert state_of(journal, good) == states.IN_FLIGHT
    assert journal.operations.acknowledged("sync_crm__orders", "crm:main") == []


def test_nothing_is_acknowledged_without_an_id(journal: Journal) -> None:
    (key,) = write(journal, planned())
    go(journal, key, states.IN_FLIGHT)
    with pytest.raises(JournalError, match="without an id"):
        journal.operations.settle(RUN, [Change(key, states.ACKNOWLEDGED)])
    assert state_of(journal, key) == states.IN_FLIGHT


def test_refusals_count_up_to_the_cap(journal: Journal) -> None:
    from crossdock.journal.states import REFUSAL_CAP

    (key,) = write(journal, planned())
    for number in range(1, REFUSAL_CAP + 1):
        journal.leases.take([key], RUN)
        journal.operations.settle(RUN, [Change(key, states.REJECTED, "no", counts=True)])
        last = number == REFUSAL_CAP
        assert state_of(journal, key) == (states.DEAD_LETTER if last else states.REJECTED)
        if not last:
            write(journal, planned())  # the next run plans the same again
            assert state_of(journal, key) == states.PLANNED


def test_what_is_not_the_records_fault_does_not_count(journal: Journal) -> None:
    (key,) = write(journal, planned())
    for _ in range(20):
        journal.leases.take([key], RUN)
        journal.operations.settle(RUN, [Change(key, states.REJECTED, "vendor is down")])
        write(journal, planned())
    assert journal.operations.get([key])[key]["attempts"] == 0
    assert state_of(journal, key) == states.PLANNED
