"""target-mailbox: each parcel is told of once, whatever dies, and whenever the partner fetches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.http.errors import OutcomeUnknown, VendorDown
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned, from_row
from crossdock.operation import Acknowledged, Operation, Ready, Refused
from crossdock.plan.definition import load_syncs
from crossdock.target import Delivery
from sandbox.mailbox import Partner
from targets.mailbox.destination import MailboxDestination
from targets.mailbox.outbox import Outbox
from tests.taps.channels import dbt
from tests.targets.conftest import operation

RUN = "run"


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    return Partner(tmp_path / "mailbox")


def destination(partner: Partner) -> MailboxDestination:
    return MailboxDestination(Outbox(partner.folder))


def parcel(number: int, **other: Any) -> Operation:
    told = {
        "parcel_id": f"p-{number}",
        "order_number": f"A{number}",
        "tracking_number": f"1Z{number}",
        "carrier": "Speedy, Inc.",
        "shipped_at": None,
    }
    return operation(
        "create",
        **{
            "key": told["parcel_id"],
            "object": "tracking",
            "match": {"parcel_id": told["parcel_id"]},
            "set": told,
            **other,
        },
    )


def numbers(rows: list[dict[str, str]]) -> list[str]:
    return [row["tracking_number"] for row in rows]


def test_parcels_go_into_one_file_with_a_row_for_each(partner):
    operations = [parcel(n) for n in range(1, 4)]
    outcomes = destination(partner).send([Ready(o) for o in operations])
    assert outcomes == [Acknowledged(f"p-{n}") for n in range(1, 4)]
    (path,) = partner.outbox.iterdir()
    assert path.suffix == ".csv"
    rows = partner.fetches()
    assert numbers(rows) == ["1Z1", "1Z2", "1Z3"]
    assert rows[0] == {
        "operation": operations[0].op_key,
        "parcel_id": "p-1",
        "order_number": "A1",
        "tracking_number": "1Z1",
        "carrier": "Speedy, Inc.",
        "tracking_url": "",
        "shipped_at": "",
    }


def test_what_was_told_is_found_also_after_the_partner_has_taken_it(partner):
    first = parcel(1)
    assert destination(partner).find(first) is None
    destination(partner).send([Ready(first)])
    partner.fetches()
    found = destination(partner).find(first)
    assert (found["id"], found["tracking_number"]) == ("p-1", "1Z1")
    assert destination(partner).find(parcel(1))["id"] == "p-1", "by its parcel as well"
    assert destination(partner).find(parcel(2)) is None


def test_other_operations_are_refused_and_leave_no_file(partner):
    outcomes = destination(partner).send([Ready(parcel(1, object="orders"))])
    assert isinstance(outcomes[0], Refused)
    assert list(partner.outbox.iterdir()) == []


class Killed(BaseException):
    """The process ends here."""


STEPS = ("write", "write", "replace", "settle", "replace", "settle")
"""What `put` does, one after the other."""


def die_before(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end before its n-th step."""
    count = iter(range(len(STEPS)))

    def counted(original: Any) -> Any:
        def wrapped(*arguments: Any) -> Any:
            if next(count, None) == step:
                raise Killed
            return original(*arguments)

        return wrapped

    for name in ("_write", "_settle"):
        original = getattr(__import__("targets.mailbox.outbox", fromlist=[name]), name)
        monkeypatch.setattr(f"targets.mailbox.outbox.{name}", counted(original))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))


@pytest.mark.parametrize("step", range(len(STEPS)))
@pytest.mark.parametrize("fetched_early", [False, True])
def test_a_process_that_dies_tells_everything_once(
    partner, journal, monkeypatch, step, fetched_early
):
    operations = [parcel(n) for n in range(1, 4)]
    journal.operations.write_plan(RUN, [Planned(o, dict(o.set)) for o in operations], ())
    with monkeypatch.context() as patch:
        die_before(step, patch)
        with pytest.raises(Killed):
            deliver(partner, journal, operations)
    told = numbers(partner.fetches()) if fetched_early else []
    # What begins after a crash ends the leases of dead processes.
    journal.operations.settle(RUN, _lost(journal, operations))
    for _ in range(2):
        deliver(partner, journal, operations)
        told += numbers(partner.fetches())
    assert sorted(told) == ["1Z1", "1Z2", "1Z3"]
    rows = journal.operations.get([o.op_key for o in operations])
    assert {row["state"] for row in rows.values()} == {states.ACKNOWLEDGED}
    assert not [p for place in ("outbox", "sent") for p in (partner.folder / place).glob(".*")]


def _lost(journal: Journal, operations: list[Operation]) -> list[Any]:
    from crossdock.journal.intents import Change

    rows = journal.operations.get([o.op_key for o in operations])
    flying = [key for key, row in rows.items() if row["state"] == states.IN_FLIGHT]
    return [Change(key, states.UNKNOWN, "its process died") for key in flying]


def deliver(partner: Partner, journal: Journal, operations: list[Operation], rollout: str = "live"):
    rows = journal.operations.get([o.op_key for o in operations]).values()
    going = [from_row(r) for r in rows if r["state"] in (states.PLANNED, states.UNKNOWN)]
    delivery = Delivery(destination(partner), journal, RUN, rollout=rollout)
    delivery.deliver(going)
    return delivery


def test_audit_leaves_no_file(partner, journal):
    operations = [parcel(1)]
    journal.operations.write_plan(RUN, [Planned(o, dict(o.set)) for o in operations], ())
    deliver(partner, journal, operations, rollout="audit")
    assert list(partner.outbox.iterdir()) == []
    assert not (partner.folder / "sent").exists()


def test_a_folder_that_cannot_be_written_is_tried_again_later(partner, monkeypatch):
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("targets.mailbox.outbox._write", full)
        with pytest.raises(VendorDown) as caught:
            destination(partner).send([Ready(parcel(1))])
    assert caught.value.hint
    assert list(partner.outbox.iterdir()) == list((partner.folder / "sent").iterdir()) == []
    destination(partner).send([Ready(parcel(1))])
    assert numbers(partner.fetches()) == ["1Z1"]


def test_a_name_that_cannot_be_given_is_unknown_and_given_later(partner, monkeypatch):
    replace = Path.replace

    def stuck(self: Path, target: Any) -> Any:
        if self.parent == partner.outbox:
            raise PermissionError
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stuck)
        with pytest.raises(OutcomeUnknown):
            destination(partner).send([Ready(parcel(1))])
        with pytest.raises(VendorDown):
            destination(partner).find(parcel(1))
    assert partner.fetches() == []
    assert destination(partner).find(parcel(1))["id"] == "p-1"
    assert numbers(partner.fetches()) == ["1Z1"]


def test_its_sync_is_well_defined_and_asks_for_nothing_yet(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    models = "+sync_mailbox__tracking"
    fetch = dbt(tmp_path, warehouse, "mailbox", "build", "--select", models)
    assert fetch("select count(*) from sync.sync_mailbox__tracking") == [(0,)]
    syncs = {sync.name: sync for sync in load_syncs(tmp_path / "target" / "manifest.json")}
    assert syncs["sync_mailbox__tracking"].write_mode == "create_only"
