"""What every tap inherits: order, bookmarks, end records, and a tidy end."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from fake_tap import BEGIN, TapFake, Things, at, bookmarks, ids, page, pages, records, row, sync

from crossdock.errors import SettingsError
from crossdock.http.errors import VendorDown


def state_of(bookmark, **more):
    value = {"replication_key": "updatedAt", "replication_key_value": bookmark, **more}
    return {"bookmarks": {"things": value}}


def down() -> VendorDown:
    return VendorDown("HTTP 503", connector="tap-fake", stream="things", path="/x")


def test_records_carry_the_time_of_their_page():
    messages = sync(lambda _: [pages(page(row(1)))])
    assert records(messages, "things")[0]["_crossdock_read_at"] == "2026-11-23T12:00:00+00:00"
    schema = next(m for m in messages if m["type"] == "SCHEMA" and m["stream"] == "things")
    assert schema["schema"]["properties"]["_crossdock_read_at"]["format"] == "date-time"


def test_parts_are_handed_over_in_order():
    def slow():
        time.sleep(0.05)
        yield page(row(1), row(2))

    messages = sync(lambda _: [slow(), pages(page(row(3)), page(row(4))), pages(page(row(5)))])
    assert ids(messages) == ["1", "2", "3", "4", "5"]


def test_parts_are_fetched_at_once():
    together = threading.Barrier(3, timeout=5)

    def part(number):
        together.wait()
        yield page(row(number))

    assert ids(sync(lambda _: [part(1), part(2), part(3)], concurrency=3)) == ["1", "2", "3"]


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


def test_ascending_stream_writes_state_in_between(monkeypatch):
    monkeypatch.setattr(Things, "ascending", True)
    monkeypatch.setattr(Things, "checkpoint", 2)
    parts = [page(row(1, 1), row(2, 2)), page(row(3, 3)), page(row(4, 4))]
    messages = sync(lambda _: [pages(*parts)])
    assert bookmarks(messages) == [None, at(2), at(4), at(90)]


def test_state_in_between_is_capped_by_the_lag(monkeypatch):
    monkeypatch.setattr(Things, "ascending", True)
    monkeypatch.setattr(Things, "checkpoint", 1)
    messages = sync(lambda _: [pages(page(row(1, 99), vendor=100), page(row(2, 120), vendor=130))])
    assert set(bookmarks(messages)) == {None, at(90)}


def test_disorder_ends_states_in_between(monkeypatch):
    monkeypatch.setattr(Things, "ascending", True)
    monkeypatch.setattr(Things, "checkpoint", 1)
    messages = sync(lambda _: [pages(page(row(1, 5), row(2, 3)), page(row(3, 9)))])
    assert bookmarks(messages) == [None, at(90)]


def test_state_follows_the_records_that_it_covers(monkeypatch):
    monkeypatch.setattr(Things, "ascending", True)
    monkeypatch.setattr(Things, "checkpoint", 1)
    messages = sync(lambda _: [pages(*(page(row(n, n)) for n in range(1, 5)))])
    covered = 0.0
    for message in messages:
        if message["type"] == "RECORD" and message["stream"] == "things":
            covered = float(message["record"]["id"])
        value = message.get("value", {}).get("bookmarks", {}).get("things", {})
        if "replication_key_value" in value and message is not messages[-1]:
            assert value["replication_key_value"] <= at(covered)


def test_error_keeps_what_came_before_and_the_state_of_finished_streams():
    messages = sync(
        lambda _: [pages(page(row(1))), pages(page(row(2)), down())],
        lambda _: [pages(page(row(9, 50)))],
        state=state_of(at(0)),
        catch=VendorDown,
    )
    assert ids(messages) == ["1", "2"]
    assert bookmarks(messages, "others")[-1] == at(90)
    assert bookmarks(messages, "things")[-1] == at(0)
    assert [end["stream"] for end in records(messages, "_crossdock_end")] == ["others"]


def test_error_of_a_later_part_waits_for_its_turn():
    def slow():
        time.sleep(0.1)
        yield page(row(1))

    messages = sync(lambda _: [slow(), pages(down())], catch=VendorDown)
    assert ids(messages) == ["1"]


def test_notes_are_kept_in_the_state(monkeypatch):
    monkeypatch.setattr(Things, "notes", staticmethod(lambda: {"open": ["a"]}))
    messages = sync(lambda _: [pages(page(row(1)))])
    assert messages[-1]["value"]["bookmarks"]["things"]["open"] == ["a"]


def test_told_to_end_it_ends_after_the_page_at_hand():
    tap = TapFake(config={"api_url": "x"}, state=state_of(at(0)))

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
    assert tap.client.closed


def test_told_to_end_leaves_no_end_record_and_no_later_state():
    tap = TapFake(config={"api_url": "x"}, state=state_of(at(0)))

    def ends():
        yield page(row(1))
        tap._handle_termination(signal.SIGTERM, None)
        yield page(row(2))

    messages = sync(lambda _: [ends()], tap=tap, catch=SystemExit)
    assert set(bookmarks(messages)) == {at(0)}
    assert [end["stream"] for end in records(messages, "_crossdock_end")] == ["others"]


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
