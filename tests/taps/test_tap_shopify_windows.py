"""A long reading of a shop in windows: nothing twice, nothing lost, checkpoints on the way."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from played import Played, TapShopify, merged, played
from shop import asked_by, read_shop, rich_world

from crossdock.tap.progress import VALUE
from taps.shopify import base, windows
from taps.shopify.streams import STREAMS
from taps.shopify.windows import Window, cut

ORDERS = 35  # each costs points, and points are a thousand a second
T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox():
    with played(rich_world(ORDERS)) as running:
        running.advance(hours=5)
        yield running


@pytest.fixture
def many_windows(monkeypatch):
    """Pages of three records, windows of two pages."""
    for stream in STREAMS:
        monkeypatch.setattr(stream, "page_size", 3)
    monkeypatch.setattr(base, "WINDOW_PAGES", 2)


def counted(times):
    """A count over fixed times, and what it was asked."""
    asked = []

    def count(window):
        asked.append(window)
        return sum(
            (window.start is None or t >= window.start) and (window.end is None or t < window.end)
            for t in times
        )

    return count, asked


@pytest.mark.parametrize("name", ["spread", "one second", "two heaps", "nothing"])
def test_windows_follow_each_other_without_a_gap(name):
    times = {
        "spread": [T0 + timedelta(seconds=97 * n) for n in range(1000)],
        "one second": [T0 + timedelta(seconds=500)] * 1000,
        "two heaps": [T0] * 500 + [T0 + timedelta(days=300)] * 500,
        "nothing": [],
    }[name]
    count, asked = counted(times)
    end = T0 + timedelta(days=365)
    found = list(cut(T0, end, count, 50))
    assert (found[0].start, found[-1].end) == (T0, end)
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    assert all(w.start < w.end for w in found)
    assert sum(count(w) for w in found) == len(times)
    assert len(asked) - len(found) <= 3 * len(found) + 64
    if name == "spread":
        assert max(count(w) for w in found) <= 50
    if name == "nothing":
        assert found == [Window(T0, end)]


def test_number_of_windows_is_bounded():
    count, _ = counted([T0 + timedelta(seconds=n) for n in range(5000)])
    found = list(cut(T0, T0 + timedelta(seconds=5000), count, 1))
    assert len(found) <= 2 * windows.MOST_WINDOWS


def test_windows_read_what_one_part_reads(sandbox, many_windows, monkeypatch):
    cut_up = read_shop(sandbox)
    monkeypatch.undo()
    whole = read_shop(sandbox)
    assert cut_up.tables == whole.tables
    assert len(whole.tables["orders"]) == ORDERS
    assert len(whole.tables["refunds"]) >= ORDERS // 5
    for stream, rows in cut_up.tables.items():
        keys = Counter(record["id"] for record in cut_up.records(stream))
        assert max(keys.values()) == 1, stream
        assert cut_up.ends[stream]["count"] == len(rows)


def test_there_are_windows_at_all(sandbox, many_windows):
    stream = sandbox.make(TapShopify).streams["orders"]
    parts = list(stream.read(None).parts)
    assert len(parts) > 5
    ends = [part.until for part in parts[:-1]]
    assert ends == sorted(ends)
    assert parts[-1].until is None  # what moved meanwhile


def test_reading_that_is_cut_short_goes_on_from_a_window(sandbox, many_windows):
    first = read_shop(sandbox, concurrency=1)
    truth = first.tables
    marks = {
        state["bookmarks"]["orders"][VALUE]
        for state in first.states
        if VALUE in state["bookmarks"].get("orders", {})
    }
    assert len(marks) > 3
    places = [n for n, message in enumerate(first.messages) if message["type"] == "STATE"]
    for number in places[2 :: len(places) // 3]:
        message = first.messages[number]
        before = type(first)(first.messages[: number + 1])
        rest = read_shop(sandbox, message["value"])
        assert merged(before, rest)["orders"] == truth["orders"]
        assert merged(before, rest)["refunds"] == truth["refunds"]


def test_nothing_is_lost_while_orders_change(sandbox, many_windows, monkeypatch):
    """People edit orders all the time, also ones of windows that were not read yet."""
    answers = itertools.count(1)
    stream_kind = type(sandbox.make(TapShopify).client)
    original = stream_kind.on_response

    def edit_after(self, response, cost):
        original(self, response, cost)
        if response.request.url.path.endswith("graphql.json") and not (n := next(answers)) % 4:
            number = str(1000 + n // 4 * 17 % ORDERS)
            sandbox.edit("shopify", "order", number=number, set={"note": f"edit {n}"})

    monkeypatch.setattr(stream_kind, "on_response", edit_after)
    first = read_shop(sandbox)
    # A complete reading misses nobody: whoever is not in it would be taken for deleted.
    assert len(first.tables["orders"]) == len(first.tables["fulfillment_orders"]) == ORDERS
    monkeypatch.setattr(stream_kind, "on_response", original)
    second = read_shop(sandbox, first.state)
    sandbox.advance(minutes=2)
    truth = read_shop(sandbox).tables
    assert next(answers) > 100
    found = merged(first, second)
    assert found["orders"] == truth["orders"]
    assert found["fulfillment_orders"] == truth["fulfillment_orders"]


def test_who_may_not_count_reads_in_one_piece(sandbox, many_windows, monkeypatch):
    expected = read_shop(sandbox).tables["fulfillment_orders"]
    stream = sandbox.make(TapShopify, concurrency=1).streams["fulfillment_orders"]

    def refused(window):
        raise base.AuthError("denied", connector="x", stream="x", path="x")

    monkeypatch.setattr(stream, "size", refused)
    asked = asked_by(stream)
    parts = list(stream.read(None).parts)
    assert len(parts) == 2  # all, and what moved meanwhile
    records = {r["id"]: r for part in parts for page in part.pages for r in page.records}
    assert set(records) == set(expected)
    assert not any("ordersCount" in document for document, _ in asked)


def test_page_that_is_too_dear_is_asked_for_smaller(sandbox, monkeypatch):
    monkeypatch.setattr(STREAMS[1], "first_page", 40)  # orders
    monkeypatch.setattr(STREAMS[1], "points", 900)
    read = Played(sandbox.url).read(TapShopify, only="orders")
    assert len(read.tables["orders"]) == ORDERS
