from __future__ import annotations

import os
import signal

import pytest

from crossdock.errors import LeaseLost, UnknownOperation
from crossdock.journal import Journal, states
from tests.journal.support import RUN, go, planned, process, said, state_of, write


def test_a_lease_makes_in_flight_and_numbers_itself(journal: Journal) -> None:
    (key,) = write(journal, planned())
    first = journal.leases.take([key], RUN)
    assert state_of(journal, key) == states.IN_FLIGHT
    journal.leases.check(first)
    go(journal, key, states.UNKNOWN)
    second = journal.leases.take([key], RUN)
    assert second[key] == first[key] + 1
    assert state_of(journal, key) == states.UNKNOWN
    with pytest.raises(LeaseLost):
        journal.leases.check(first)


def test_what_no_plan_knows_is_not_leased(journal: Journal) -> None:
    (key,) = write(journal, planned())
    with pytest.raises(UnknownOperation):
        journal.leases.take([key, "0" * 64], RUN)
    assert state_of(journal, key) == states.PLANNED


def test_what_has_ended_is_not_leased(journal: Journal) -> None:
    (key,) = write(journal, planned())
    go(journal, key, states.IN_FLIGHT, states.ACKNOWLEDGED)
    with pytest.raises(LeaseLost, match="acknowledged"):
        journal.leases.take([key], RUN)


def test_a_living_process_keeps_its_lease(journal: Journal, url: str) -> None:
    (key,) = write(journal, planned())
    code = f"""
        journal.leases.take(["{key}"], "other")
        print("leased", flush=True)
        sys.stdin.readline()
    """
    with process(url, code) as other:
        assert said(other) == "leased"
        with pytest.raises(LeaseLost):
            journal.leases.take([key], RUN)
        assert journal.leases.end_dead(RUN) == 0
        assert state_of(journal, key) == states.IN_FLIGHT


def test_a_dead_process_leaves_unknown_behind(journal: Journal, url: str) -> None:
    (key,) = write(journal, planned())
    code = f"""
        journal.leases.take(["{key}"], "other")
        print("leased", flush=True)
        time.sleep(60)
    """
    with process(url, code) as other:
        assert said(other) == "leased"
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert state_of(journal, key) == states.IN_FLIGHT
        assert journal.leases.end_dead(RUN) == 1
    assert state_of(journal, key) == states.UNKNOWN
    journal.leases.take([key], RUN)
    go(journal, key, states.ACKNOWLEDGED)


def test_who_lost_a_lease_sees_it_before_sending(journal: Journal, url: str) -> None:
    """A process that was stopped for long wakes up after another one took over."""
    (key,) = write(journal, planned())
    code = f"""
        fences = journal.leases.take(["{key}"], "other")
        print("leased", flush=True)
        sys.stdin.readline()
        try:
            journal.leases.check(fences)
            print("sends")
        except LeaseLost:
            print("keeps still")
    """
    with process(url, code) as other:
        assert said(other) == "leased"
        # As on another host that believes the holder dead.
        go(journal, key, states.UNKNOWN)
        from sqlalchemy import update

        from crossdock.journal.schema import operations

        with journal.write() as db:
            db.execute(update(operations).values(lease_holder=None))
        journal.leases.take([key], RUN)
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
        assert said(other) == "keeps still"


def test_of_two_processes_one_gets_the_lease(journal: Journal, url: str) -> None:
    keys = write(journal, *[planned(f"k{n}") for n in range(40)])
    code = f"""
        won = 0
        sys.stdin.readline()
        for key in {keys!r}:
            try:
                journal.leases.take([key], "other")
                won += 1
            except LeaseLost:
                pass
        print(won, flush=True)
        sys.stdin.readline()
    """
    with process(url, code) as one, process(url, code) as two:
        for racer in (one, two):
            assert racer.stdin is not None
            racer.stdin.write("\n")
            racer.stdin.flush()
        assert int(said(one)) + int(said(two)) == 40
