"""What holds for every tap, against the sandbox."""

from __future__ import annotations

import copy
import json
import threading

import pytest
from played import ORDERS, SECRETS, TAPS, TapHubSpot, TapShipHero, TapShopify, merged, played

from crossdock.errors import CrossdockError
from crossdock.http.errors import AuthError, VendorDown
from crossdock.http.retry import Retry
from taps.hubspot import streams as hubspot
from taps.shopify import streams as shopify


@pytest.fixture
def sandbox():
    with played() as running:
        running.send_to_wms(*range(1000, 1006))
        yield running


@pytest.fixture
def small_pages(monkeypatch):
    """So that a small world has many page borders."""
    for stream in shopify.STREAMS:
        monkeypatch.setattr(stream, "page_size", 4)
    monkeypatch.setattr(hubspot, "LIST_PAGE", 4)
    monkeypatch.setattr(hubspot, "SEARCH_PAGE", 4)
    monkeypatch.setattr(hubspot, "BATCH", 3)
    from taps.shiphero import streams as shiphero

    for stream in shiphero.STREAMS:
        monkeypatch.setattr(stream, "page_size", 4, raising=False)


@pytest.fixture
def hasty(monkeypatch):
    """Pauses between tries are short."""
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)


@pytest.mark.parametrize("tap", TAPS)
def test_two_full_reads_are_equal(sandbox, tap):
    first, second = sandbox.read(tap), sandbox.read(tap)
    assert first.tables == second.tables
    assert all(end["full"] for end in first.ends.values())


@pytest.mark.parametrize("tap", TAPS)
def test_page_size_makes_no_difference(sandbox, tap, small_pages, request):
    small = sandbox.read(tap)
    request.getfixturevalue("monkeypatch").undo()
    assert small.tables == sandbox.read(tap).tables
    for stream, end in small.ends.items():
        assert end["count"] == len(small.records(stream)) == len(small.tables.get(stream, {}))


@pytest.mark.parametrize("tap", TAPS)
def test_nothing_new_is_nothing_read(sandbox, tap):
    first = sandbox.read(tap)
    sandbox.advance(minutes=2)
    second = sandbox.read(tap, first.state)
    sandbox.advance(minutes=2)
    third = sandbox.read(tap, second.state)
    whole = {"locations", "warehouses"}
    assert set(third.tables) <= whole
    assert {s for s, end in third.ends.items() if end["full"]} <= whole


@pytest.mark.parametrize("tap", TAPS)
def test_state_in_the_future_reads_nothing(sandbox, tap):
    state = copy.deepcopy(sandbox.read(tap).state)
    for bookmark in state["bookmarks"].values():
        if "replication_key_value" in bookmark:
            bookmark["replication_key_value"] = "2099-01-01T00:00:00Z"
    read = sandbox.read(tap, state)
    assert set(read.tables) <= {"locations", "warehouses"}
    for name, bookmark in state["bookmarks"].items():
        kept = read.state["bookmarks"][name].get("replication_key_value")
        assert kept == bookmark.get("replication_key_value")


@pytest.mark.parametrize("tap", TAPS)
def test_only_what_changed_is_read(sandbox, tap):
    state = sandbox.read(tap).state
    sandbox.advance(minutes=2)
    state = sandbox.read(tap, state).state
    sandbox.advance(minutes=2)
    change(sandbox, tap, 3, "changed once")
    sandbox.advance(seconds=15)
    read = sandbox.read(tap, state)
    assert "changed once" in read.text
    changed = {name: len(rows) for name, rows in read.tables.items()}
    changed.pop("locations", None), changed.pop("warehouses", None)
    assert 1 <= sum(changed.values()) <= 2


def change(sandbox, tap, number: int, text: str) -> None:
    """Change one record, as people do."""
    if tap is TapShopify:
        sandbox.edit("shopify", "order", number=str(1000 + number % ORDERS), set={"note": text})
    elif tap is TapShipHero:
        where = {"shipping_address.address2": text}
        sandbox.edit("shiphero", "order", number=f"shop_{1000 + number % 6}", set=where)
    else:
        name = {"jobtitle": text}
        sandbox.edit("hubspot", "contact", number=f"c{number % 11}@example.com", set=name)


@pytest.mark.parametrize("tap", TAPS)
def test_nothing_is_lost_while_records_change(sandbox, tap, small_pages, monkeypatch):
    """After each answer somebody changes a record; reading on from any state finds it."""
    lock, count, active = threading.Lock(), [0], [True]

    kind = type(sandbox.make(tap).client)

    def edit_after(self, response, cost, original=kind.on_response):
        original(self, response, cost)
        with lock:
            if active[0] and not response.request.url.path.endswith("token"):
                active[0] = False  # the edit itself is no answer to edit after
                count[0] += 1
                change(sandbox, tap, count[0] * 7, f"edit {count[0]}")
                active[0] = True

    monkeypatch.setattr(kind, "on_response", edit_after)
    monkeypatch.setattr(shopify.Orders, "checkpoint", 5)
    first = sandbox.read(tap)
    second = sandbox.read(tap, first.state)
    active[0] = False
    sandbox.advance(minutes=2)
    truth = sandbox.read(tap).tables
    assert count[0] > 10
    states = [*first.states, *second.states]
    for state in (*states[:: max(1, len(states) // 4)], states[-1]):
        assert merged(first, second, sandbox.read(tap, state)) == truth


# Not every second to fourth: as many lanes in step would break the same request each time.
FAULTS = {
    "unavailable": {"kind": "status", "status": 503, "every": 5},
    "refused": {"kind": "drop_before", "every": 5},
    "lost": {"kind": "lost_answer", "every": 5},
    "garbage": {"kind": "garbage", "every": 5},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("tap", TAPS)
def test_faults_lose_nothing(sandbox, tap, fault, small_pages, hasty):
    expected = sandbox.read(tap).tables
    vendor = tap.name.removeprefix("tap-")
    sandbox.faults({"vendor": vendor, **FAULTS[fault]})
    assert sandbox.read(tap).tables == expected


@pytest.mark.parametrize("tap", TAPS)
def test_vendor_that_is_down_is_one_clear_line(sandbox, tap, hasty):
    sandbox.faults({"vendor": tap.name.removeprefix("tap-"), "kind": "status", "status": 503})
    with pytest.raises(VendorDown) as caught:
        sandbox.read(tap)
    assert str(caught.value).startswith(f"{tap.name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tap", TAPS)
def test_wrong_token_says_so_and_prints_nothing(sandbox, tap):
    with pytest.raises(AuthError) as caught:
        sandbox.read(tap, access_token="wrong-and-secret")
    assert ".env" in str(caught.value)
    assert "wrong-and-secret" not in str(caught.value)


@pytest.mark.parametrize("tap", TAPS)
def test_unreachable_vendor(tap, hasty):
    with played() as gone:
        config = gone.config(tap)
    config["api_url"] = "http://127.0.0.1:9/nothing"
    with pytest.raises(CrossdockError) as caught:
        tap(config=config).sync_all()
    assert "connect" in str(caught.value)


@pytest.mark.parametrize("tap", TAPS)
def test_secrets_are_marked_and_stay_out_of_the_messages(sandbox, tap):
    properties = tap.config_jsonschema["properties"]
    for name in ("access_token", "client_secret", "refresh_token", "password"):
        assert name not in properties or properties[name]["secret"] is True
    text = sandbox.read(tap).text
    assert not any(secret in text for secret in SECRETS)


@pytest.mark.parametrize("tap", TAPS)
def test_limits_are_kept_before_they_are_hit(sandbox, tap):
    sandbox.read(tap)
    assert sandbox.counters(tap.name.removeprefix("tap-"))["refusals"] == 0


@pytest.mark.parametrize("tap", TAPS)
def test_every_record_fits_its_schema(sandbox, tap):
    import jsonschema

    read = sandbox.read(tap)
    schemas = {m["stream"]: m["schema"] for m in read.messages if m["type"] == "SCHEMA"}
    for message in read.messages:
        if message["type"] == "RECORD":
            jsonschema.validate(message["record"], schemas[message["stream"]])
            undeclared = set(message["record"]) - set(schemas[message["stream"]]["properties"])
            assert not undeclared, f"{message['stream']} has {undeclared}"


@pytest.mark.parametrize("tap", TAPS)
def test_discovery_needs_no_vendor(tap, capsys):
    config = {"api_url": "http://127.0.0.1:9", "access_token": "x"}
    tap(config=config).run_discovery()
    catalog = json.loads(capsys.readouterr().out)
    assert {s["tap_stream_id"] for s in catalog["streams"]} == {s.name for s in tap.stream_types}


def test_taps_are_the_ones_of_this_room():
    assert {tap.name for tap in TAPS} == {"tap-shopify", "tap-hubspot", "tap-shiphero"}
    assert TapHubSpot in TAPS
