"""What every tap inherits: order, bookmarks, end records, and a tidy end."""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fake_tap import BEGIN, TapFake, Things, at, bookmarks, ids, page, pages, records, row, sync

from crossdock import clock
from crossdock.errors import PartlyRead, SettingsError
from crossdock.http.errors import Rejected, VendorDown
from crossdock.tap import BatchPage, IdPage, Part, Total
from crossdock.tap.writer import LineWriter


def state_of(bookmark, stream="things", **more):
    done = clock.now().isoformat()
    value = {"replication_key": "updatedAt", "replication_key_value": bookmark, **more}
    return {"bookmarks": {stream: {"swept_at": done, "counted_at": done, **value}}}


def down() -> VendorDown:
    return VendorDown("HTTP 503", connector="tap-fake", stream="things", path="/x")


def refused() -> Rejected:
    return Rejected("HTTP 400", connector="tap-fake", stream="things", path="/x")


def test_records_carry_the_time_of_their_page():
    messages = sync(lambda _: [pages(page(row(1)))])
    assert records(messages, "things")[0]["_crossdock_read_at"] == "2026-11-23T12:00:00+00:00"
    schema = next(m for m in messages if m["type"] == "SCHEMA" and m["stream"] == "things")
    assert schema["schema"]["properties"]["_crossdock_read_at"]["format"] == "date-time"


def test_pages_of_a_part_keep_their_order_and_parts_come_as_they_arrive():
    go = threading.Event()

    def slow():
        go.wait(5)
        yield page(row(1))
        yield page(row(2))

    def quick():
        yield page(row(3))
        yield page(row(4))
        go.set()

    messages = sync(lambda _: [slow(), quick()], concurrency=2)
    assert ids(messages) == ["3", "4", "1", "2"]


def test_streams_are_read_side_by_side():
    together = threading.Barrier(2, timeout=5)

    def part(number):
        together.wait()
        yield page(row(number))

    messages = sync(lambda _: [part(1)], lambda _: [part(2)], concurrency=2)
    assert (ids(messages), ids(messages, "others")) == (["1"], ["2"])


def test_one_at_a_time_reads_one_after_the_other():
    active, most = [0], [0]

    def part(number):
        active[0] += 1
        most[0] = max(most[0], active[0])
        yield page(row(number))
        active[0] -= 1

    messages = sync(lambda _: [part(1), part(2)], lambda _: [part(3)], concurrency=1)
    assert sorted(ids(messages)) == ["1", "2"]
    assert most == [1]


def test_parts_are_fetched_at_once():
    together = threading.Barrier(3, timeout=5)

    def part(number):
        together.wait()
        yield page(row(number))

    messages = sync(lambda _: [part(1), part(2), part(3)], concurrency=3)
    assert sorted(ids(messages)) == ["1", "2", "3"]


def test_end_record_is_the_last_record_of_each_stream():
    messages = sync(lambda _: [pages(page(row(1)), page(row(2)))])
    kinds = [(m["type"], m.get("stream")) for m in messages]
    assert kinds[-2:] == [("RECORD", "_crossdock_end"), ("STATE", None)]
    others, things = records(messages, "_crossdock_end")
    assert (others["stream"], others["count"]) == ("others", 0)
    assert (things["stream"], things["count"], things["full"]) == ("things", 2, True)
    assert things["run_id"] == others["run_id"]


def test_run_id_comes_from_the_run(monkeypatch):
    monkeypatch.setenv("CROSSDOCK_RUN_ID", "run-1")
    assert records(sync(), "_crossdock_end")[0]["run_id"] == "run-1"


def test_bookmark_is_the_vendors_time_less_the_lag():
    messages = sync(lambda _: [pages(page(row(1, 95), vendor=100), page(row(2, 99), vendor=101))])
    assert bookmarks(messages)[-1] == at(90)


def test_change_during_the_reading_is_not_passed_by():
    """What was seen late says nothing about what changed meanwhile on pages already read."""
    messages = sync(lambda _: [pages(page(row(1, 5), vendor=100), page(row(2, 200), vendor=201))])
    assert bookmarks(messages)[-1] == at(90)


def test_without_a_vendor_time_the_newest_record_counts():
    messages = sync(lambda _: [pages(page(row(1, 50), row(2, 40), vendor=None))])
    assert bookmarks(messages)[-1] == at(40)


def test_reading_begins_at_the_bookmark():
    seen = []
    messages = sync(lambda since: seen.append(since) or [], state=state_of(at(0)))
    assert seen == [BEGIN]
    end = records(messages, "_crossdock_end")[-1]
    assert (end["full"], end["read_from"]) == (False, BEGIN.isoformat())


def test_state_in_the_future_stays():
    messages = sync(lambda _: [pages(page(vendor=100))], state=state_of(at(5000)))
    assert set(bookmarks(messages)) == {at(5000)}


def test_start_date_is_for_the_first_reading_only():
    seen = []
    sync(lambda since: seen.append(since) or [], start_date="2026-01-01T00:00:00Z")
    sync(
        lambda since: seen.append(since) or [],
        start_date="2027-01-01T00:00:00Z",
        state=state_of(at(0)),
    )
    assert [time.isoformat() for time in seen] == ["2026-01-01T00:00:00+00:00", BEGIN.isoformat()]


def test_error_keeps_what_came_before_and_other_streams_are_read():
    messages = sync(
        lambda _: [pages(page(row(9, 50)))],
        lambda _: [pages(page(row(1))), pages(page(row(2)), refused())],
        state=state_of(at(0), "others"),
        catch=Rejected,
        concurrency=1,
    )
    assert ids(messages, "others") == ["1", "2"]
    assert bookmarks(messages, "things")[-1] == at(90)
    assert bookmarks(messages, "others")[-1] == at(0)
    assert [end["stream"] for end in records(messages, "_crossdock_end")] == ["things"]


def test_stream_that_nothing_waits_for_leaves_the_source_fresh(monkeypatch):
    from fake_tap import Others

    monkeypatch.setattr(Others, "awaited", False)
    with pytest.raises(PartlyRead, match="HTTP 400"):
        sync(lambda _: [pages(page(row(1)))], lambda _: [pages(refused())])
    with pytest.raises(Rejected):
        sync(lambda _: [pages(refused())], lambda _: [pages(refused())])
    with pytest.raises(VendorDown):
        sync(lambda _: [pages(page(row(1)))], lambda _: [pages(down())])


def test_first_error_is_raised_at_the_end():
    with pytest.raises(Rejected):
        sync(lambda _: [pages(refused())], lambda _: [pages(page(row(1)))])


def test_vendor_that_is_down_is_not_asked_for_other_streams():
    asked = []

    def others():
        asked.append(True)
        yield page(row(1))

    messages = sync(
        lambda _: [others()], lambda _: [pages(down())], catch=VendorDown, concurrency=1
    )
    assert records(messages, "_crossdock_end") == []


def test_part_that_says_until_when_moves_the_bookmark():
    def until(number, seconds):
        return Part(pages(page(row(number, 1))), BEGIN + timedelta(seconds=seconds))

    messages = sync(lambda _: [until(1, 10), until(2, 20), pages(page(row(3)))], concurrency=1)
    assert bookmarks(messages) == [None, at(10), at(20), at(90)]


def test_bookmark_waits_for_the_parts_before():
    go = threading.Event()

    def slow():
        go.wait(5)
        yield page(row(1))

    def quick():
        yield page(row(2))

    def last():
        yield page(row(3))
        go.set()

    parts = [
        Part(slow(), BEGIN + timedelta(seconds=10)),
        Part(quick(), BEGIN + timedelta(seconds=20)),
        last(),
    ]
    messages = sync(lambda _: parts, concurrency=2)
    assert bookmarks(messages) == [None, at(20), at(90)]


def test_until_is_capped_by_the_beginning_of_the_reading():
    messages = sync(lambda _: [Part(pages(page(row(1), vendor=100)), BEGIN + timedelta(days=9))])
    assert set(bookmarks(messages)) == {None, at(90)}


def test_totals_are_asked_for_when_they_are_due(monkeypatch):
    total = Total("count", "7", None, BEGIN)
    monkeypatch.setattr(Things, "totals", lambda self, reading: iter((total,)))
    first = sync(lambda _: [pages(page(row(1)))])

    def of_things(messages):
        return [t for t in records(messages, "control_totals") if t["stream"] == "things"]

    (found,) = of_things(first)
    assert (found["measure"], found["value"], found["source"]) == ("count", "7", "vendor")
    assert (found["window_from"], found["window_to"]) == ("", BEGIN.isoformat())
    state = first[-1]["value"]
    assert of_things(sync(state=state)) == []
    assert len(of_things(sync(state=state, totals_interval=0))) == 1


def test_sweep_tells_which_records_exist(monkeypatch):
    def sweep(self):
        return iter((IdPage(["a", "b"], BEGIN), IdPage(["c"], BEGIN)))

    monkeypatch.setattr(Things, "sweep", sweep)
    first = sync(lambda _: [pages(page(row(1)))])
    assert records(first, "_crossdock_ids") == [], "a full reading is a sweep of its own"
    state = first[-1]["value"]
    assert records(sync(state=state), "_crossdock_ids") == []
    messages = sync(state=state, sweep_interval=0)
    assert [item["key"] for item in records(messages, "_crossdock_ids")] == ["a", "b", "c"]
    end = next(e for e in records(messages, "_crossdock_end") if e["stream"] == "things")
    assert (end["full"], end["swept"], end["swept_count"], end["count"]) == (False, True, 3, 0)
    (total,) = records(messages, "control_totals")
    assert (total["value"], total["source"]) == ("3", "sweep")


def test_record_beyond_the_limit_goes_to_quarantine():
    messages = sync(lambda _: [pages(page(row(1), row(2, name="x" * (17 << 20)), row(3)))])
    assert ids(messages) == ["1", "3"]
    (refused_one,) = records(messages, "_crossdock_quarantine")
    assert (refused_one["stream"], refused_one["key"]) == ("things", "2")
    assert "16 MiB" in refused_one["reason"]


def test_stream_can_refuse_what_is_no_record():
    class Lines:
        pass

    def part():
        things = Lines.tap.streams["things"]
        things.quarantine("no number", "12x;y", place="f.csv line 3")
        yield page(row(1))

    Lines.tap = TapFake(config={"api_url": "x"})
    messages = sync(lambda _: [part()], tap=Lines.tap)
    (found,) = records(messages, "_crossdock_quarantine")
    assert (found["place"], found["excerpt"]) == ("f.csv line 3", "12x;y")
    assert ids(messages) == ["1"]


def test_file_of_records_goes_round_the_pipe(tmp_path):
    file = tmp_path / "orders.jsonl.gz"
    batch = BatchPage(file, 5, BEGIN, BEGIN + timedelta(seconds=100))
    messages = sync(lambda _: [pages(batch)])
    (message,) = [m for m in messages if m["type"] == "BATCH"]
    assert message["stream"] == "things"
    assert message["encoding"] == {"format": "jsonl", "compression": "gzip"}
    assert message["manifest"] == [file.as_uri()]
    assert records(messages, "_crossdock_end")[-1]["count"] == 5
    assert bookmarks(messages)[-1] == at(90)


def test_notes_are_kept_in_the_state(monkeypatch):
    monkeypatch.setattr(Things, "notes", staticmethod(lambda: {"open": ["a"]}))
    messages = sync(lambda _: [pages(page(row(1)))])
    assert messages[-1]["value"]["bookmarks"]["things"]["open"] == ["a"]


def test_told_to_end_it_ends_after_the_page_at_hand():
    tap = TapFake(config={"api_url": "x"}, state=state_of(at(0)))
    client = tap.client

    def endless():
        number = 0
        while True:
            number += 1
            if number == 3:
                tap._handle_termination(signal.SIGTERM, None)
            yield page(row(number))

    with pytest.raises(SystemExit) as caught:
        sync(lambda _: [endless()], tap=tap)
    assert caught.value.code == 143
    assert client.closed


def test_told_to_end_leaves_no_end_record_and_no_later_state():
    tap = TapFake(config={"api_url": "x"}, state=state_of(at(0)))

    def ends():
        yield page(row(1))
        tap._handle_termination(signal.SIGTERM, None)
        yield page(row(2))

    messages = sync(lambda _: [ends()], tap=tap, catch=SystemExit)
    assert set(bookmarks(messages)) == {at(0)}
    assert "things" not in [end["stream"] for end in records(messages, "_crossdock_end")]


def test_second_signal_ends_at_once():
    tap = TapFake(config={"api_url": "x"})
    with pytest.raises(SystemExit):
        tap._handle_termination(signal.SIGTERM, None)


def test_wrong_setting_is_named():
    with pytest.raises(SettingsError, match="share"):
        TapFake(config={"api_url": "x", "share": 2})
    with pytest.raises(SettingsError, match="api_url"):
        TapFake(config={})


def test_deselected_fields_and_streams_are_left_out():
    catalog = TapFake(config={"api_url": "x"}).catalog_dict
    things = next(s for s in catalog["streams"] if s["stream"] == "things")
    others = next(s for s in catalog["streams"] if s["stream"] == "others")
    for entry in things["metadata"]:
        if entry["breadcrumb"] == ["properties", "name"]:
            entry["metadata"]["selected"] = False
        if entry["breadcrumb"] == []:
            entry["metadata"]["selected"] = True
    for entry in others["metadata"]:
        if entry["breadcrumb"] == []:
            entry["metadata"]["selected"] = False
    tap = TapFake(config={"api_url": "x"}, catalog=catalog)
    messages = sync(
        lambda _: [pages(page(row(1, name="private")))], lambda _: [pages(page(row(2)))], tap=tap
    )
    (thing,) = records(messages, "things")
    assert "name" not in thing
    assert "_crossdock_read_at" in thing
    assert ids(messages, "others") == []


def test_fields_without_a_schema_survive():
    messages = sync(lambda _: [pages(page(row(1, newField={"x": 1})))])
    assert records(messages, "things")[0]["newField"] == {"x": 1}


def test_stream_that_takes_a_part_only_gets_the_rest(monkeypatch):
    class Unbuffered(io.RawIOBase):
        taken = b""

        def write(self, data):
            self.taken += bytes(data[:100])
            return min(len(data), 100)

    raw = Unbuffered()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=raw, flush=lambda: None))
    writer = LineWriter()
    writer.write_record("things", {"id": "1", "name": "x" * 1000}, "2026-11-23T12:00:00Z")
    writer.flush()
    assert json.loads(raw.taken)["record"]["name"] == "x" * 1000


def test_numbers_and_odd_texts_survive(capfdbinary):
    from decimal import Decimal

    from crossdock.tap.writer import encode

    line = encode({"amount": Decimal("123456789012345.67"), "text": "ü\u0000"})
    assert b'"amount":123456789012345.67' in line
    assert encode({"text": "\ud800"}) == b'{"text": "\\ud800"}\n'


def test_no_setting_of_the_sdk_is_advertised_that_we_do_not_honour():
    names = set(TapFake.config_jsonschema["properties"])
    TapFake.append_builtin_config(TapFake.config_jsonschema)
    assert set(TapFake.config_jsonschema["properties"]) == names
    assert not {c.value for c in TapFake.capabilities} & {"stream-maps", "schema-flattening"}


def test_connection_test_reads_one_record(monkeypatch):
    monkeypatch.setattr(Things, "parts", staticmethod(lambda _: [pages(page(row(1), row(2)))]))
    assert TapFake(config={"api_url": "x"}).run_connection_test()


def test_the_sdks_mapper_is_there_for_its_test_suites():
    tap = TapFake(config={"api_url": "x"})
    assert tap.streams["things"].stream_maps[0].transformed_key_properties == ("id",)


def test_settings_may_name_the_streams():
    messages = sync(
        lambda _: [pages(page(row(1)))], lambda _: [pages(page(row(2)))], streams=["things"]
    )
    assert (ids(messages), ids(messages, "others")) == (["1"], [])
    assert [end["stream"] for end in records(messages, "_crossdock_end")] == ["things"]


def test_unknown_stream_is_named():
    with pytest.raises(SettingsError, match=r"no stream orderz.*others, things"):
        sync(streams=["orderz"])
