"""tap-easypost against the sandbox."""

from __future__ import annotations

import copy
import json
import threading

import jsonschema
import pytest
from parcels import CODE, TRACKERS, Account, account
from played import merged

from crossdock.errors import CrossdockError, SettingsError
from crossdock.http import limits
from crossdock.http.errors import AuthError, VendorDown
from crossdock.http.retry import Retry
from sandbox.easypost import app as sandbox_app
from sandbox.faults import OTHER_VALUES, SCRIPTS, Rule
from taps.easypost import client, streams
from taps.easypost.check import check
from taps.easypost.pacing import Paced
from taps.easypost.tap import TapEasyPost


@pytest.fixture
def easypost(monkeypatch):
    """An account whose limit does not hold tests up."""
    monkeypatch.setattr(sandbox_app, "LISTS_PER_SECOND", 10_000)
    with account() as made:
        yield made


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(client, "PAGE", 3)
    monkeypatch.setattr(streams, "PAGE", 3)


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)


@pytest.fixture
def asked(monkeypatch):
    """Path and query of each request, in order."""
    urls: list[str] = []
    original = client.EasyPostClient.on_response

    def remember(self, response, cost):
        urls.append(str(response.request.url))
        original(self, response, cost)

    monkeypatch.setattr(client.EasyPostClient, "on_response", remember)
    return urls


def keys(read) -> dict[str, set[str]]:
    return {stream: set(rows) for stream, rows in read.tables.items()}


def still_open(read) -> set[str]:
    return set(read.state["bookmarks"]["trackers"]["open"])


def test_all_is_read_and_twice_the_same(easypost):
    first, second = easypost.read(), easypost.read()
    assert keys(first) == easypost.truth
    assert first.tables == second.tables
    assert all(end["full"] for end in first.ends.values())
    tracker = next(iter(first.tables["trackers"].values()))
    assert tracker["tracking_details"][0]["object"] == "TrackingDetail"
    label = next(iter(first.tables["shipments"].values()))
    assert label["postage_label"]["label_url"]
    assert label["tracker_id"] in first.tables["trackers"]
    assert "tracker" not in label


def test_page_size_makes_no_difference(easypost, small_pages, request):
    small = easypost.read()
    request.getfixturevalue("monkeypatch").undo()
    assert small.tables == easypost.read().tables
    for stream, end in small.ends.items():
        assert end["count"] == len(small.records(stream)) == len(small.tables[stream])


def test_nothing_new_is_nothing_read(easypost):
    state = easypost.read().state
    easypost.advance(minutes=2)
    second = easypost.read(state)
    assert easypost.read(second.state).tables == {}
    assert not any(end["full"] for end in second.ends.values())


def test_a_state_in_the_future_reads_nothing(easypost):
    state = copy.deepcopy(easypost.read().state)
    for bookmark in state["bookmarks"].values():
        bookmark["replication_key_value"] = "2099-01-01T00:00:00Z"
    read = easypost.read(state)
    assert read.tables == {}
    for name, bookmark in state["bookmarks"].items():
        kept = read.state["bookmarks"][name]["replication_key_value"]
        assert kept == bookmark["replication_key_value"]


def test_only_open_trackers_are_read_again(easypost, asked):
    first = easypost.read(sweep_interval=10**9, totals_interval=10**9)
    ended = {row["id"] for row in first.tables["trackers"].values() if row["status"] == "delivered"}
    assert ended
    assert still_open(first) == set(first.tables["trackers"]) - ended
    easypost.advance(days=4)
    new = easypost.track("9400100208303109501000")["id"]
    asked.clear()
    state = easypost.read(first.state, sweep_interval=10**9, totals_interval=10**9)
    codes = {
        row["tracking_code"] for row in first.tables["trackers"].values() if row["id"] in ended
    }
    assert not any(code in url for code in codes for url in asked)
    moved = {row["id"] for row in state.records("trackers")}
    assert new in moved
    assert moved - {new} <= still_open(first)
    now = {row["id"]: row for row in easypost.store("trk")}
    for tracker_id in still_open(first) - moved:
        assert now[tracker_id]["updated_at"] == first.tables["trackers"][tracker_id]["updated_at"]
    assert merged(first, state)["trackers"] == easypost.read().tables["trackers"]


def test_hundreds_of_open_trackers_cost_few_requests(easypost, asked):
    for number in range(250):
        easypost.track(f"94001002083031096{number:05}", shipped=False)
    state = easypost.read().state
    easypost.advance(minutes=1)
    asked.clear()
    easypost.read(state, sweep_interval=10**9, totals_interval=10**9, streams=["trackers"])
    assert len(asked) <= 8  # three times a hundred codes, and the newest


def test_trackers_that_nobody_hears_of_are_given_up(easypost):
    state = easypost.read().state
    silent = {row["id"] for row in easypost.store("trk") if row["status"] == "unknown"}
    assert silent <= set(state["bookmarks"]["trackers"]["open"])
    easypost.advance(days=91)
    last = easypost.read(state)
    assert not still_open(last) & silent


def test_a_deleted_tracker_is_swept(easypost):
    first = easypost.read()
    gone = sorted(still_open(first))[0]
    easypost.edit("tracker", id=gone, archive=True)
    easypost.advance(minutes=2)
    second = easypost.read(first.state, sweep_interval=0)
    ids = {row["key"] for row in second.records("_crossdock_ids") if row["stream"] == "trackers"}
    assert ids == easypost.truth["trackers"]
    assert gone not in ids | still_open(second)
    assert second.ends["trackers"]["swept"] is True
    counts = {
        row["stream"]: row for row in second.records("control_totals") if not row["window_to"]
    }
    assert counts["trackers"]["value"] == str(len(ids))


def test_a_refund_is_followed_to_its_end(easypost):
    first = easypost.read()
    shipment = next(row for row in easypost.store("shp"))
    easypost.refund(shipment)
    easypost.advance(minutes=1)
    # Long past, so no listing of the last days holds it.
    state = first.state
    state["bookmarks"]["shipments"]["open"] = {shipment["id"]: ""}
    second = easypost.read(state)
    assert second.tables["shipments"][shipment["id"]]["refund_status"] == "submitted"
    easypost.advance(days=11)
    third = easypost.read(second.state)
    assert third.tables["shipments"][shipment["id"]]["refund_status"] == "refunded"
    assert third.state["bookmarks"]["shipments"]["open"] == {}


def test_a_label_bought_later_than_it_was_quoted_is_found(easypost):
    quoted = easypost.quote()
    first = easypost.read()
    assert quoted["id"] not in first.tables["shipments"]
    easypost.advance(hours=40)
    easypost.buy(quoted)
    easypost.advance(minutes=1)
    second = easypost.read(first.state)
    assert quoted["id"] in second.tables["shipments"]
    assert quoted["to_address"]["id"] in second.tables["addresses"]


def test_start_date_leaves_out_what_is_older(easypost):
    newest = sorted(row["created_at"] for row in easypost.store("trk"))[-5]
    read = easypost.read(start_date=newest)
    expected = {row["id"] for row in easypost.store("trk") if row["created_at"] >= newest}
    assert 5 <= len(expected) < TRACKERS
    assert {row["id"] for row in read.records("trackers")} == expected
    assert read.ends["trackers"]["full"] is False


def test_totals_count_the_last_day(easypost):
    read = easypost.read()
    totals = {row["stream"]: row for row in read.records("control_totals")}
    for stream, total in totals.items():
        within = [
            row
            for row in read.tables[stream].values()
            if total["window_from"][:19] <= row["created_at"][:19] < total["window_to"][:19]
        ]
        assert total["value"] == str(len(within))
        assert (total["source"], total["note"]) == ("sweep", "by created_at")
    assert set(totals) == {"trackers", "shipments", "addresses"}


@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if script("easypost")])
def test_faults_lose_nothing(easypost, name, small_pages, hasty, monkeypatch):
    original = client.ApiClient.__init__
    monkeypatch.setattr(
        client.ApiClient, "__init__", lambda self, **given: original(self, **given, timeout=1.0)
    )
    expected = easypost.read()
    rules = SCRIPTS[name]("easypost")
    easypost.faults(*rules)
    broken = easypost.read()
    report = easypost.sandbox.faults.report()
    assert all(rule["broken"] for rule in report["rules"])
    assert keys(broken) == keys(expected) == easypost.truth
    if name not in OTHER_VALUES:
        assert broken.tables == expected.tables
    for stream, end in broken.ends.items():
        assert end["count"] == len(broken.tables[stream])


def test_unknown_fields_are_kept(easypost):
    easypost.faults(Rule("new_field"))
    read = easypost.read()
    for stream in ("trackers", "shipments", "addresses"):
        for row in read.tables[stream].values():
            assert row["field_of_next_year"]["text"] == "ü"


@pytest.mark.parametrize(
    "field", ["created_at", "updated_at", "status", "has_more", "verifications"]
)
def test_a_field_that_vanished_stops_nothing(easypost, field):
    easypost.faults(Rule("vanished", field=field))
    read = easypost.read()
    assert set(read.tables) >= {"trackers", "shipments"}
    assert keys(read)["trackers"] == easypost.truth["trackers"]


def test_nothing_is_lost_while_records_change(easypost, small_pages, monkeypatch):
    """After each answer somebody adds, moves or deletes a tracker."""
    lock, count = threading.Lock(), [0]

    def edit_after(self, response, cost):
        with lock:
            count[0] += 1
            number = count[0]
            rows = list(easypost.store("trk"))
            if number % 3 == 0:
                easypost.edit("tracker", id=rows[number % len(rows)]["id"], archive=True)
            elif number % 3 == 1:
                easypost.track(f"94001002083031097{number:05}")
            else:
                for row in (rows[number % len(rows)], rows[-1]):
                    easypost.edit("tracker", id=row["id"], set={"message": f"edit {number}"})

    with monkeypatch.context() as patch:
        patch.setattr(client.EasyPostClient, "on_response", edit_after)
        first = easypost.read()
        easypost.advance(minutes=2)
        second = easypost.read(first.state)
    assert count[0] > 30
    easypost.advance(days=2)
    truth = easypost.read().tables
    states = [*first.states, *second.states]
    for state in (*states[:: max(1, len(states) // 4)], states[-1]):
        last = easypost.read(state, sweep_interval=0)
        full = last.ends["trackers"]["full"]
        swept = {row["key"] for row in last.records("_crossdock_ids")}
        alive = set(last.tables["trackers"]) if full else swept
        held = {k: v for k, v in merged(first, second, last)["trackers"].items() if k in alive}
        assert held.keys() == truth["trackers"].keys()
        late = [k for k in held if held[k] != truth["trackers"][k]]
        # A carrier that goes on after it delivered is not heard any more.
        ended = {k for read in (first, second) for k, row in read.tables["trackers"].items()
                 if row["status"] == "delivered"}  # fmt: skip
        assert set(late) <= ended


def still(tables):
    """Tables without what shipments copy from their trackers."""
    copied = ("status", "updated_at")
    for row in tables["shipments"].values():
        row.update(dict.fromkeys(copied))
    return tables


def test_reading_on_from_any_state_loses_nothing(easypost, small_pages):
    first = easypost.read()
    assert len(first.states) > 10
    easypost.advance(days=3)
    truth = easypost.read().tables
    for number, state in enumerate(first.states):
        seen = copy.deepcopy(first)
        place = [i for i, m in enumerate(first.messages) if m["type"] == "STATE"][number]
        seen.messages = first.messages[:place]
        assert still(merged(seen, easypost.read(state))) == still(truth)


def test_the_limit_is_kept_before_it_is_hit(monkeypatch):
    monkeypatch.setattr(client, "PAGE", 3)
    with account() as made:
        made.read(lists_per_second=5, streams=["trackers"])
        assert made.sandbox.counters.of("easypost")["requests"] > 15
        assert made.refusals == 0


def test_one_stream_and_some_fields(easypost):
    catalog = easypost.make().catalog_dict
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            name = entry["breadcrumb"][-1] if entry["breadcrumb"] else None
            chosen = name in (None, "id", "status", "updated_at", "_crossdock_read_at")
            entry["metadata"]["selected"] = stream["stream"] == "trackers" and chosen
    read = easypost.read(catalog=catalog)
    assert set(read.tables) == {"trackers"}
    assert len(read.tables["trackers"]) > TRACKERS
    for row in read.tables["trackers"].values():
        assert set(row) == {"id", "status", "updated_at"}


def test_every_record_fits_its_schema(easypost):
    read = easypost.read()
    schemas = {m["stream"]: m["schema"] for m in read.messages if m["type"] == "SCHEMA"}
    for message in read.messages:
        if message["type"] == "RECORD":
            jsonschema.validate(message["record"], schemas[message["stream"]])
            assert set(message["record"]) <= set(schemas[message["stream"]]["properties"])


def test_a_vendor_that_is_down_is_one_clear_line(easypost, hasty):
    easypost.faults(Rule("status", status=503))
    with pytest.raises(VendorDown) as caught:
        easypost.read()
    assert str(caught.value).startswith("tap-easypost: ")
    assert "\n" not in str(caught.value)


def test_a_wrong_key_says_so_and_is_not_printed(easypost):
    with pytest.raises(AuthError) as caught:
        easypost.read(api_key="EZAKwrong-and-secret")
    assert ".env" in str(caught.value)
    assert "wrong-and-secret" not in str(caught.value)


def test_a_missing_key_is_a_setting_to_mend():
    with pytest.raises(SettingsError) as caught:
        TapEasyPost(config={})
    assert "api_key" in str(caught.value)


def test_an_unreachable_vendor(easypost, hasty):
    config = easypost.config(api_url="http://127.0.0.1:9")
    with pytest.raises(CrossdockError) as caught:
        TapEasyPost(config=config).sync_all()
    assert "connect" in str(caught.value)


def test_secrets_are_marked_and_stay_out_of_the_messages(easypost):
    assert TapEasyPost.config_jsonschema["properties"]["api_key"]["secret"] is True
    assert sandbox_app.API_KEY not in easypost.read().text


def test_the_check_knows_a_good_key_and_a_test_key(easypost):
    assert all(finding.ok for finding in check(easypost.config(), fix=False))
    (refused,) = check(easypost.config(api_key="EZAKother"), fix=False)
    assert not refused.ok
    assert "EZAKother" not in refused.advice


def test_a_refused_request_counts_against_the_limit(monkeypatch):
    """Else trying it again at once would be refused again, and so on."""
    charged: list[float] = []
    monkeypatch.setattr(limits.Bucket, "refund", lambda self, cost: charged.append(cost))
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)
    with account() as made:
        made.faults(Rule("limited", count=1))
        made.read(streams=["addresses"], lists_per_second=5)
    assert sum(charged) == 0
    assert charged[:2] == [-1.0, 1.0]


def test_requests_keep_their_distance_by_when_they_left():
    """The second thread wakes up late; the third one waits for that one, not for its own turn."""
    now, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds + (0.15 if len(slept) == 1 else 0.0)

    inner = limits.LocalLimiter(capacity=100, rate=100)
    paced = Paced(inner, gap=0.2, monotonic=lambda: now[0], sleep=sleep)
    left = []
    for _ in range(4):
        paced.acquire()
        left.append(round(now[0], 3))
    paced.acquire(0.0)
    assert left == [0.0, 0.35, 0.55, 0.75]
    assert now[0] == left[-1]


def test_discovery_needs_no_vendor(capsys):
    TapEasyPost(config={"api_url": "http://127.0.0.1:9", "api_key": "x"}).run_discovery()
    catalog = json.loads(capsys.readouterr().out)
    assert {s["tap_stream_id"] for s in catalog["streams"]} == {
        "trackers",
        "shipments",
        "addresses",
    }


def test_parcels_of_the_wms_are_read(easypost: Account):
    assert CODE.format(0) in {row["tracking_code"] for row in easypost.read().records("trackers")}
