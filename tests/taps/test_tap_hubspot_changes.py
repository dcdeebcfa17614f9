"""Records change, come and go at random while they are read; in the end nothing is lost."""

from __future__ import annotations

import random
import threading

import httpx
import pytest
from played import TapHubSpot, played

from taps.hubspot import associations, streams
from taps.hubspot.client import HubSpotClient

KINDS = {"contacts": "contact", "companies": "company", "orders": "order", "tickets": "ticket"}
NAMES = {"contacts": "jobtitle", "companies": "city", "orders": "hs_order_name",
         "tickets": "subject"}  # fmt: skip
STREAMS = [*KINDS, "associations"]
PAIRS = [pair for pair in associations.PAIRS if set(pair.split(":")) <= set(KINDS)]


class People:
    """Change something at random after each answer that a tap gets."""

    def __init__(self, sandbox, seed):
        self._sandbox = sandbox
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.living = {kind: [] for kind in KINDS}
        self.binned = {kind: [] for kind in KINDS}
        self.done = 0
        self.busy = True
        for kind in KINDS:
            for number in range(24):
                self.create(kind, number)

    def create(self, kind, number):
        made = self.edit(kind, create={NAMES[kind]: f"{number}"})
        self.living[kind].append(made["id"])

    def edit(self, kind, **body):
        return self._sandbox.edit("hubspot", KINDS[kind], **body)

    def act(self):
        with self._lock:
            if self.busy:
                self.done += 1
                self._act(self._random.choice(list(KINDS)))

    def _act(self, kind):
        living, dice = self.living[kind], self._random.random()
        one = self._random.choice(living)
        if dice < 0.4:
            self.edit(kind, id=one, set={NAMES[kind]: f"edit {self.done}"})
        elif dice < 0.55:
            self.create(kind, self.done)
        elif dice < 0.65:
            self.edit(kind, id=one, archive=True)
            living.remove(one)
            self.binned[kind].append(one)
        elif dice < 0.72 and self.binned[kind]:
            back = self.binned[kind].pop()
            self.edit(kind, id=back, restore=True)
            living.append(back)
        elif dice < 0.8:
            self.edit(kind, id=one, gdpr_delete=True)
            living.remove(one)
        elif dice < 0.86 and kind != "orders":
            living.remove(one)
            other = living.pop()
            living.append(self.edit(kind, id=one, merge=other)["id"])
        else:
            self._join(self._random.choice(PAIRS).split(":"))

    def _join(self, ends):
        source, target = (self._random.choice(self.living[end]) for end in ends)
        deed = "associate" if self._random.random() < 0.7 else "dissociate"
        self.edit(ends[0], id=source, **{deed: {"object": KINDS[ends[1]], "id": target}})


class Loaded:
    """What a loader holds: rows by key, without those that were marked as deleted."""

    def __init__(self):
        self.rows = {name: {} for name in STREAMS}

    def load(self, read):
        for name in STREAMS:
            records = read.records(name)
            seen = {record["id"] for record in records}
            ids = {r["key"] for r in read.records("_crossdock_ids") if r["stream"] == name}
            rows = self.rows[name]
            end = read.ends[name]
            for key in list(rows):
                if (end["full"] or end["swept"]) and key not in seen | ids:
                    del rows[key]
            rows.update({record["id"]: record for record in records})

    def living(self, name):
        return {key: {n: v for n, v in row["properties"].items() if v is not None}
                for key, row in self.rows[name].items() if not row["archived"]}  # fmt: skip


def truth(sandbox):
    return httpx.get(f"{sandbox.url}/_sandbox/state").json()["vendors"]["hubspot"]


def pairs(state):
    wanted = (pair.split(":") for pair in PAIRS)
    return {
        f"{source}/{item['id']}/{target}/{other}"
        for source, target in wanted
        for item in state[source]
        for other in item["associations"].get(target, ())
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_while_people_work(monkeypatch, seed):
    monkeypatch.setattr(streams, "LIST_PAGE", 5)
    monkeypatch.setattr(streams, "SEARCH_PAGE", 4)
    monkeypatch.setattr(streams, "BATCH", 3)
    monkeypatch.setattr(associations, "LIST_PAGE", 5)
    monkeypatch.setattr("sandbox.hubspot.search.MAX_RESULTS", 4)
    original = HubSpotClient.on_response
    with played() as sandbox:
        people, loaded = People(sandbox, seed), Loaded()

        def on_response(self, response, cost):
            original(self, response, cost)
            people.act()

        monkeypatch.setattr(HubSpotClient, "on_response", on_response)
        options = {"streams": STREAMS, "associations": PAIRS, "index_lag": 5}
        state = None
        for _ in range(2):
            read = sandbox.read(TapHubSpot, state, **options)
            loaded.load(read)
            state = read.state
        people.busy = False
        assert people.done > 60
        sandbox.advance(seconds=20)
        options |= {"sweep_interval": 0, "totals_interval": 0}
        last = sandbox.read(TapHubSpot, state, **options)
        loaded.load(last)
        assert all(last.ends[kind]["swept"] for kind in KINDS)
        state = truth(sandbox)
        for kind in KINDS:
            expected = {item["id"]: item["properties"] for item in state[kind]}
            assert loaded.living(kind) == expected
        assert set(loaded.rows["associations"]) == pairs(state)
        counted = {row["stream"]: int(row["value"]) for row in last.records("control_totals")
                   if row["source"] == "vendor"}  # fmt: skip
        assert counted == {kind: len(state[kind]) for kind in KINDS}
