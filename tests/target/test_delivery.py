from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crossdock.http.errors import ApiError, AuthError, VendorDown
from crossdock.journal import Journal, schema, states
from crossdock.journal.intents import Planned, from_row
from crossdock.journal.states import REFUSAL_CAP
from crossdock.target.delivery import Delivery
from tests.journal.support import DESTINATION, RUN, SYNC, go, planned, state_of, write
from tests.target.conftest import Loop
from tests.target.fake import FakeVendor, fault

Orders = Callable[[int], list[Planned]]


def key_of(item: Planned) -> str:
    return item.operation.op_key


@pytest.mark.parametrize(("size", "concurrency"), [(1, 1), (7, 1), (1, 4), (10, 3)])
def test_each_operation_has_its_effect_once(
    loop: Loop, orders: Orders, size: int, concurrency: int
) -> None:
    vendor = FakeVendor(size=size, concurrency=concurrency)
    loop.run(vendor, *orders(25))
    assert vendor.created == [f"k{n:03}" for n in range(25)]
    assert loop.states() == {"acknowledged": 25}
    loop.run(vendor, *orders(25))
    assert len(vendor.effects) == 25


def test_the_intent_is_durable_before_the_request_leaves(
    loop: Loop, journal: Journal, orders: Orders
) -> None:
    class Watching(FakeVendor):
        def send(self, batch):  # type: ignore[no-untyped-def]
            seen.extend(state_of(journal, item.operation.op_key) for item in batch)
            return super().send(batch)

    seen: list[str] = []
    loop.run(Watching(size=3), *orders(5))
    assert seen == ["in_flight"] * 5


def test_a_lost_answer_is_read_back_in_the_same_run(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(size=2, lose=2)
    loop.run(vendor, *orders(6))
    assert loop.states() == {"acknowledged": 6}
    assert len(vendor.effects) == 6
    ids = {row["destination_id"] for row in loop.journal.operations.acknowledged(SYNC, DESTINATION)}
    assert ids == set(vendor.records)


def test_a_lost_answer_without_effect_is_sent_once_by_the_next_run(
    loop: Loop, orders: Orders
) -> None:
    vendor = FakeVendor(size=2, drop=1)
    loop.run(vendor, *orders(4))
    assert loop.states() == {"acknowledged": 2, "unknown": 2}
    loop.run(vendor, *orders(4))
    assert loop.states() == {"acknowledged": 4}
    assert vendor.created == ["k000", "k001", "k002", "k003"]


def test_an_unknown_update_counts_as_done_only_if_it_shows(loop: Loop) -> None:
    vendor = FakeVendor(records={"d1": {"id": "d1", "status": "old"}})
    change = planned(
        action="update", destination_id="d1", set={"status": "new"}, before={"status": "old"}
    )
    vendor.drop = 1
    loop.run(vendor, change)
    assert loop.states() == {"unknown": 1}
    vendor.lose = 1
    loop.run(vendor, change)
    assert loop.states() == {"acknowledged": 1}
    assert [effect[2] for effect in vendor.effects] == [{"status": "new"}]


def test_references_alone_are_set_again_when_unknown(loop: Loop) -> None:
    """They cannot be read back, and to set them twice changes nothing."""
    (parent,) = write(loop.journal, planned("parent"))
    go(loop.journal, parent, states.IN_FLIGHT, states.ACKNOWLEDGED)
    vendor = FakeVendor(records={"d1": {"id": "d1"}}, drop=1)
    move = planned(action="update", destination_id="d1", set={}, refs={"contact": (SYNC, "parent")})
    loop.run(vendor, move)
    assert vendor.effects == []
    loop.run(vendor, move)
    assert vendor.records["d1"]["contact"].startswith("d-")


def test_what_cannot_be_read_back_is_parked(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(drop=1, unreadable=True)
    loop.run(vendor, *orders(1))
    assert loop.states() == {"unknown": 1}
    loop.run(vendor, *orders(1))
    assert loop.states() == {"parked": 1}
    loop.run(vendor, *orders(1))
    assert vendor.effects == []


def test_a_batch_refused_as_a_whole_is_bisected(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(size=16, silent=True, bad={"k005"})
    loop.run(vendor, *orders(16))
    assert loop.states() == {"acknowledged": 15, "rejected": 1}
    assert "k005" not in vendor.created
    assert len(vendor.created) == 15
    assert len(vendor.calls) == 9  # halves down to the one: 1 + 4 * 2
    row = next(r for r in loop.journal.operations.open(SYNC, DESTINATION))
    assert (row["key"], row["error"]) == ("k005", "something is wrong")


def test_a_bad_record_beside_good_ones_is_rejected_alone(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(size=5, bad={"k002"})
    loop.run(vendor, *orders(5))
    assert loop.states() == {"acknowledged": 4, "rejected": 1}
    assert len(vendor.calls) == 1


def test_what_is_refused_again_and_again_waits_for_a_person(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(bad={"k000"})
    for _ in range(REFUSAL_CAP + 3):
        loop.run(vendor, *orders(1))
    assert len(vendor.calls) == REFUSAL_CAP
    assert loop.states() == {"dead_letter": 1}


def test_a_vendor_that_goes_down_is_left_alone_and_caught_up_with(
    loop: Loop, orders: Orders
) -> None:
    vendor = FakeVendor(size=2, dies_after=4)
    delivery = loop.run(vendor, *orders(10))
    assert isinstance(delivery.stopped, VendorDown)
    assert loop.states() == {"acknowledged": 4, "rejected": 2, "skipped": 4}
    assert len(vendor.calls) == 3
    vendor.dies_after = None
    assert loop.run(vendor, *orders(10)).stopped is None
    assert loop.states() == {"acknowledged": 10}
    assert vendor.created == [f"k{n:03}" for n in range(10)]
    rows = loop.journal.operations.get([key_of(item) for item in orders(10)])
    assert {row["attempts"] for row in rows.values()} == {0}


def test_after_a_lost_answer_of_a_dead_vendor_the_rest_is_skipped(
    loop: Loop, orders: Orders
) -> None:
    """Connections that are cut look like lost answers: a read tells that the vendor is down."""
    vendor = FakeVendor(size=2, drop=1, dies_after=0)
    vendor._alive = lambda: None  # type: ignore[method-assign]
    original = vendor.find

    def find(operation):  # type: ignore[no-untyped-def]
        if not vendor.drop and not vendor.effects:
            raise fault(VendorDown, "connection refused")
        return original(operation)

    vendor.find = find  # type: ignore[method-assign]
    delivery = loop.run(vendor, *orders(8))
    assert isinstance(delivery.stopped, VendorDown)
    assert loop.states() == {"unknown": 2, "skipped": 6}


@pytest.mark.parametrize("kind", [AuthError, ApiError])
def test_whatever_stops_the_connector_leaves_nothing_in_flight(
    loop: Loop, orders: Orders, kind: type[ApiError]
) -> None:
    class Closed(FakeVendor):
        def send(self, batch):  # type: ignore[no-untyped-def]
            self.calls.append([])
            raise fault(kind, "not you")

    vendor = Closed(looks_first=True)
    delivery = loop.run(vendor, *orders(4))
    assert isinstance(delivery.stopped, kind)
    assert loop.states() == {"rejected": 1, "skipped": 3}
    assert len(vendor.calls) == 1


def test_a_child_waits_for_its_parent(loop: Loop, vendor: FakeVendor) -> None:
    child = planned("child", refs={"contact": (SYNC, "parent")})
    loop.run(vendor, child)
    assert loop.states() == {"skipped": 1}
    loop.run(vendor, planned("parent"))
    loop.run(vendor, child)
    assert loop.states() == {"acknowledged": 2}
    assert vendor.records["id-2"]["contact"] == "id-1"


def test_audit_writes_down_and_sends_nothing(
    loop: Loop, vendor: FakeVendor, orders: Orders
) -> None:
    loop.run(vendor, *orders(3), rollout="audit")
    assert loop.states() == {"audited": 3}
    assert vendor.calls == []
    assert vendor.reads == 0


def test_audit_leaves_an_unknown_outcome_alone(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(drop=1)
    loop.run(vendor, *orders(1))
    loop.run(vendor, *orders(1), rollout="audit")
    assert loop.states() == {"unknown": 1}


@pytest.mark.parametrize("rollout", ["live", "parallel"])
def test_where_doubles_are_possible_a_create_looks_first(
    loop: Loop, orders: Orders, rollout: str
) -> None:
    vendor = FakeVendor(looks_first=rollout == "live", size=3)
    vendor.records["old"] = {"id": "old", "ref": "k001"}
    loop.run(vendor, *orders(3), rollout=rollout)
    assert vendor.created == ["k000", "k002"]
    assert loop.states() == {"acknowledged": 3}
    rows = loop.journal.operations.acknowledged(SYNC, DESTINATION)
    assert {row["key"]: row["destination_id"] for row in rows}["k001"] == "old"


@pytest.mark.parametrize("lost", [False, True])
def test_a_record_that_was_there_is_acknowledged_as_it_is(
    loop: Loop, journal: Journal, lost: bool
) -> None:
    """So that the next plan brings what is left, instead of taking it for somebody's change."""
    vendor = FakeVendor(looks_first=not lost, drop=int(lost))
    vendor.records["id-9"] = {"id": "id-9", "ref": "k1", "status": "old", "city": " Köln "}
    wanted = {"status": "new", "city": "Köln"}
    loop.run(vendor, replace(planned("k1", set=wanted), owned=wanted))
    (held,) = journal.operations.acknowledged(SYNC, DESTINATION)
    assert held["destination_id"] == "id-9"
    assert held["fields"] == {"status": "old", "city": "Köln"}
    assert vendor.effects == []


def test_a_create_that_cannot_look_is_refused(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor(looks_first=True, unreadable=True)
    loop.run(vendor, *orders(2))
    assert loop.states() == {"rejected": 2}
    assert vendor.calls == []


def test_an_adoption_without_differences_needs_no_request(loop: Loop, vendor: FakeVendor) -> None:
    loop.run(vendor, planned(action="adopt", destination_id="d7", set={}))
    assert vendor.calls == []
    (row,) = loop.journal.operations.acknowledged(SYNC, DESTINATION)
    assert row["destination_id"] == "d7"


def test_told_to_stop_it_sends_nothing_new(loop: Loop, orders: Orders) -> None:
    vendor = FakeVendor()
    loop.run(vendor, *orders(5), stopping=lambda: len(vendor.effects) >= 2)
    assert loop.states() == {"acknowledged": 2, "skipped": 3}


def test_the_same_record_twice_is_one_effect(
    loop: Loop, journal: Journal, vendor: FakeVendor
) -> None:
    write(journal, planned())
    (row,) = journal.operations.open(SYNC, DESTINATION)
    Delivery(vendor, journal, RUN, rollout="live").deliver([from_row(row), from_row(row)])
    assert len(vendor.effects) == 1
    Delivery(vendor, journal, RUN, rollout="live").deliver([from_row(row)])
    assert len(vendor.effects) == 1


def test_an_answer_that_forgets_items_leaves_them_unknown(loop: Loop, orders: Orders) -> None:
    class Forgetful(FakeVendor):
        def send(self, batch):  # type: ignore[no-untyped-def]
            return super().send(batch)[:-1]

    vendor = Forgetful(size=3)
    loop.run(vendor, *orders(3))
    assert loop.states() == {"acknowledged": 3}  # all were read back
    assert len(vendor.effects) == 3


def test_a_mistake_of_ours_leaves_what_is_in_flight_to_be_read_back(
    loop: Loop, journal: Journal, orders: Orders
) -> None:
    class Broken(FakeVendor):
        def send(self, batch):  # type: ignore[no-untyped-def]
            super().send(batch)
            raise KeyError("a bug")

    vendor = Broken()
    with pytest.raises(KeyError):
        loop.run(vendor, *orders(1))
    assert loop.states() == {"in_flight": 1}


def test_a_lease_lost_while_waiting_sends_nothing(
    loop: Loop, journal: Journal, orders: Orders
) -> None:
    class Slow(FakeVendor):
        def find(self, operation):  # type: ignore[no-untyped-def]
            go(journal, operation.op_key, states.UNKNOWN)
            with journal.write() as db:  # as another process would take it over
                taken = {"lease_holder": "elsewhere/1/1.0", "fence": 99}
                db.execute(schema.operations.update().values(**taken))
            return

    vendor = Slow(looks_first=True)
    loop.run(vendor, *orders(1))
    assert vendor.calls == []
    assert loop.states() == {"unknown": 1}


@pytest.mark.parametrize(
    ("there", "change", "goes"),
    [
        ("old", {}, True),
        ("theirs", {}, False),
        ("new", {}, True),
        ("old", {"reason": "drift: status"}, False),
        ("old", {"action": "adopt"}, False),
        ("", {"action": "adopt", "before": {"status": ""}}, True),
    ],
)
def test_in_parallel_nothing_of_others_is_overwritten(
    loop: Loop, there: str, change: dict[str, str], goes: bool
) -> None:
    vendor = FakeVendor()
    vendor.records["id-1"] = {"id": "id-1", "ref": "k1", "status": there}
    wanted = {"action": "update", "before": {"status": "old"}, "reason": "changed: status"}
    item = planned("k1", destination_id="id-1", **{**wanted, **change})
    loop.run(vendor, item, rollout="parallel")
    assert loop.states() == {"acknowledged" if goes else "audited": 1}
    assert vendor.records["id-1"]["status"] == ("new" if goes else there)


def test_in_parallel_a_vendor_that_is_down_is_sent_nothing(loop: Loop) -> None:
    vendor = FakeVendor(dies_after=0)
    item = planned("k1", action="update", destination_id="id-1", before={"status": "old"})
    delivery = loop.run(vendor, item, rollout="parallel")
    assert isinstance(delivery.stopped, VendorDown)
    assert loop.states() == {"skipped": 1}
    assert vendor.effects == []
