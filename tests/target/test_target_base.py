"""The Singer face of delivery."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.errors import SettingsError, SyncDefinitionError, UnknownOperation
from crossdock.http.errors import VendorDown
from crossdock.journal import Journal, states
from crossdock.journal.intents import Planned
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.canonical.tap import OPERATION
from tests.journal.support import DESTINATION, RUN, SYNC, go, planned, state_of, write
from tests.target.fake import FakeVendor

Orders = Callable[[int], list[Planned]]


class TargetFake(CrossdockTarget):
    name = "target-fake"
    offers = Capabilities(
        system="fake",
        role="destination",
        protocol="none",
        writes={"orders": ("create", "update")},
    )
    vendor = FakeVendor()
    config_jsonschema = th.PropertiesList(ROLLOUT).to_dict()

    def destination(self, journal: Journal) -> FakeVendor:
        return self.vendor


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    monkeypatch.delenv("CROSSDOCK_JOURNAL", raising=False)
    return Journal.open()


def run(vendor: FakeVendor, keys: list[str], *resolve: str, **config: Any) -> None:
    target = TargetFake(config=config)
    target.vendor = vendor
    schema = {"type": "SCHEMA", "stream": "operations", "schema": OPERATION}
    lines = [{**schema, "key_properties": ["op_key"]}]
    for key in keys:
        names = ("run_id", "sync", "destination", "object", "key", "action")
        record = {"op_key": key, "version": 0, **dict.fromkeys(names, "not to be trusted")}
        record["resolve_only"] = key in resolve
        lines.append({"type": "RECORD", "stream": "operations", "record": record})
    target.listen(io.StringIO("\n".join(map(json.dumps, lines))))


@pytest.mark.parametrize("config", [{}, {"rollout": None}, {"rollout": ""}])
def test_without_a_rollout_it_is_in_audit_and_says_so(
    journal: Journal, orders: Orders, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    vendor = FakeVendor()
    keys = write(journal, *orders(2))
    with caplog.at_level(logging.WARNING, logger="target-fake"):
        run(vendor, keys, **config)
    assert vendor.calls == []
    assert {state_of(journal, key) for key in keys} == {states.AUDITED}
    assert "target-fake is in audit: it writes down and sends nothing" in caplog.text


def test_a_wrong_setting_is_one_clear_line(journal: Journal) -> None:
    with pytest.raises(SettingsError, match=r"target-fake: .*'maybe' is not one of"):
        run(FakeVendor(), [], rollout="maybe")


def test_the_journals_words_count_and_not_the_records(journal: Journal, orders: Orders) -> None:
    vendor = FakeVendor(size=10)
    run(vendor, write(journal, *orders(3)), rollout="live")
    assert vendor.created == ["k000", "k001", "k002"]


def test_what_no_plan_knows_is_not_sent(journal: Journal, orders: Orders) -> None:
    vendor = FakeVendor()
    keys = write(journal, *orders(1))
    with pytest.raises(UnknownOperation, match="1 operations were not sent"):
        run(vendor, [*keys, "0" * 64], rollout="live")
    assert vendor.calls == []
    assert state_of(journal, keys[0]) == states.PLANNED


def test_what_the_target_cannot_do_is_an_error_before_the_first_write(
    journal: Journal, orders: Orders
) -> None:
    vendor = FakeVendor()
    able, unable = orders(2)
    object.__setattr__(unable.operation, "object", "invoices")
    keys = write(journal, able, unable)
    with pytest.raises(SyncDefinitionError, match="cannot create invoices") as caught:
        run(vendor, keys, rollout="live")
    assert "it can: orders: create, update" in str(caught.value.hint)
    assert vendor.calls == []
    assert {state_of(journal, key) for key in keys} == {states.PLANNED}


def test_children_find_the_parents_of_the_same_stream(journal: Journal) -> None:
    parent = planned("c1")
    child = Planned(planned("o1", refs={"contact": (SYNC, "c1")}).operation, {})
    object.__setattr__(child.operation, "sync", "sync_crm__children")
    vendor = FakeVendor(size=10)
    run(vendor, write(journal, parent, child), rollout="live")
    assert vendor.created == ["c1", "o1"]
    assert vendor.records["id-2"]["contact"] == "id-1"


def test_a_vendor_that_is_down_fails_the_target_when_all_is_booked(
    journal: Journal, orders: Orders
) -> None:
    keys = write(journal, *orders(4))
    with pytest.raises(VendorDown):
        run(FakeVendor(dies_after=1), keys, rollout="live")
    counts = journal.operations.counts(RUN)[SYNC, DESTINATION]
    assert counts == {"acknowledged": 1, "rejected": 1, "skipped": 2}


def test_what_is_only_to_be_resolved_is_never_sent(journal: Journal) -> None:
    keys = write(journal, planned("a"), planned("b"))
    for key in keys:
        go(journal, key, states.IN_FLIGHT, states.UNKNOWN)
    vendor = FakeVendor(records={"x": {"id": "x", "ref": "a"}})
    run(vendor, keys, *keys, rollout="live")
    assert vendor.calls == []
    assert [state_of(journal, key) for key in keys] == [states.ACKNOWLEDGED, states.SUPERSEDED]


def test_asked_to_end_it_books_what_is_under_way_and_leaves(
    journal: Journal, orders: Orders
) -> None:
    import signal

    class Interrupted(FakeVendor):
        def send(self, batch):  # type: ignore[no-untyped-def]
            if not self.effects:
                signal.raise_signal(signal.SIGTERM)
                time.sleep(0.5)  # the main thread hears of it
            return super().send(batch)

    class OneByOne(Interrupted):
        concurrency = 1

    keys = write(journal, *orders(4))
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as caught:
            run(OneByOne(), keys, rollout="live")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 143
    counts = journal.operations.counts(RUN)[SYNC, DESTINATION]
    assert "in_flight" not in counts
    assert "planned" not in counts
    assert counts["skipped"] >= 1


def test_it_advertises_nothing_that_it_does_not_do() -> None:
    assert set(TargetFake.config_jsonschema["properties"]) == {"rollout"}
    about = TargetFake(config={})._get_about_info()
    assert {c.value for c in about.capabilities} == {"about", "structured-logging"}
    assert "stream_maps" not in json.dumps(about.settings)
