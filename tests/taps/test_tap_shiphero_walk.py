"""A walk along a list that changes under it hands over everything that stayed as it was."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crossdock.http.errors import ApiError
from taps.shiphero import windows
from taps.shiphero.walk import Walk

SIZE = 10
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAYS = timedelta(days=1)


class Shelf:
    """A list behind cursors; people change it between two pages."""

    def __init__(self, records, order, positions, churn, seed):
        self.random = random.Random(seed)
        self.tick = 0
        self.records = [{"id": n, "at": self.random.randrange(50)} for n in range(records)]
        self.untouched = {r["id"] for r in self.records}
        self.order, self.positions, self.churn = order, positions, churn

    def listed(self):
        if self.order == "age":
            return sorted(self.records, key=lambda r: r["id"])
        # Equal times keep their places among each other.
        ordered = sorted(self.records, key=lambda r: (r["at"], r["id"]))
        return ordered if self.order == "changed" else ordered[::-1]

    def fetch(self, after):
        listed = self.listed()
        keys = range(len(listed)) if self.positions else [r["id"] for r in listed]
        rest = [
            (k, r) for k, r in zip(keys, listed, strict=True) if after is None or k > int(after)
        ]
        page = rest[:SIZE]
        answer = {
            "pageInfo": {"hasNextPage": len(rest) > SIZE},
            "edges": [{"cursor": str(k), "node": dict(r)} for k, r in page],
        }
        for _ in range(self.random.randrange(self.churn + 1)):
            self.change()
        return None, answer

    def change(self):
        self.tick += 1
        act = self.random.choice(("touch", "delete", "add"))
        if act == "add" or not self.records:
            self.records.append({"id": 10_000 + self.tick, "at": 1000 + self.tick})
            return
        record = self.random.choice(self.records)
        self.untouched.discard(record["id"])
        if act == "touch":
            record["at"] = 1000 + self.tick
        else:
            self.records.remove(record)


def walked(shelf):
    walk = Walk(shelf.fetch, size=SIZE, seen=set(), connector="x", stream="y")
    return [node["id"] for _, nodes in walk for node in nodes]


def naive(shelf):
    found, after = [], None
    while True:
        _, page = shelf.fetch(after)
        found += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["edges"][-1]["cursor"]


STYLES = [("age", False), ("age", True), ("changed", True), ("newest", True)]


@pytest.mark.parametrize(("order", "positions"), STYLES)
@pytest.mark.parametrize("churn", [0, 1, 4, 12])
def test_nothing_that_stayed_is_lost(order, positions, churn):
    for seed in range(40):
        shelf = Shelf(137, order, positions, churn, seed)
        found = walked(shelf)
        assert shelf.untouched <= set(found)
        assert churn or len(found) == len(set(found)) == 137


def test_following_cursors_blindly_loses_records():
    lost = 0
    for seed in range(10):
        shelf = Shelf(137, "changed", True, 4, seed)
        lost += len(shelf.untouched - set(naive(shelf)))
    assert lost > 0


def test_a_calm_list_costs_little_more_than_its_records():
    shelf = Shelf(137, "changed", True, 0, 1)
    pages = []
    shelf.fetch, fetch = (lambda after: pages.append(after) or fetch(after)), shelf.fetch
    walked(shelf)
    assert len(pages) == 16  # the first ten, then nine new ones at a time


def test_a_list_that_never_stands_still_is_an_error():
    shelf = Shelf(200, "changed", True, 0, 1)

    def fetch(after):
        shelf.tick += 1
        for record in shelf.records:
            record["at"] += 1000
        return Shelf.fetch(shelf, after)

    walk = Walk(fetch, size=SIZE, seen=set(), connector="tap-shiphero", stream="orders")
    with pytest.raises(ApiError, match="faster than it can be read"):
        list(walk)


def test_a_page_that_comes_twice_is_an_error():
    edge = {"cursor": "1", "node": {"id": 1}}
    stuck = {"pageInfo": {"hasNextPage": True}, "edges": [edge]}
    walk = Walk(lambda _: (None, stuck), size=SIZE, seen=set(), connector="x", stream="y")
    with pytest.raises(ApiError, match="same page"):
        list(walk)


def test_windows_meet_and_are_short_enough():
    for since in (None, NOW - 400 * DAYS, NOW - 3 * DAYS):
        cuts = windows.edges(since, NOW, 60 * DAYS)
        found = windows.windows(since, cuts)
        assert (found[0].since, found[-1].until) == (since, None)
        assert all(one.until == two.since for one, two in pairwise(found))
        inner = [w.until - w.since for w in found if w.since and w.until]
        assert all(timedelta(0) < span <= 60 * DAYS for span in inner)
    assert windows.edges(NOW - timedelta(hours=3), NOW, 60 * DAYS) == []
    assert windows.edges(NOW + DAYS, NOW, 60 * DAYS) == []


@pytest.mark.parametrize("first", [0, 1, 20, 61])
def test_cuts_before_the_first_record_are_left_out(first):
    cuts = windows.edges(None, NOW, 60 * DAYS)
    asked = []

    def anything(until):
        asked.append(until)
        return until >= cuts[first]

    assert windows.from_first(cuts, anything) == cuts[first:]
    assert len(asked) <= 8
    assert windows.from_first(cuts, lambda _: False) == []
