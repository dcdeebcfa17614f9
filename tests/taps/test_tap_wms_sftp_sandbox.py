"""The tap against the sandbox's warehouse: orders in, answers out, while things break."""

from __future__ import annotations

import asyncio

import asyncssh
import httpx
import pytest
from played import PRODUCTS, START, Played, world
from wms_files import LAYOUTS, Box, Read

from crossdock.http.retry import Retry
from sandbox.server import running
from sandbox.wms_sftp import records
from sandbox.wms_sftp.vendor import PASSWORD, USER
from taps.wms_sftp import streams

ADDRESS = ["Ada Lovelace", "Lange Straße 5", "", "Köln", "", "50667", "DE"]
STREAMS = ("acknowledgements", "shipment_confirmations", "stock_snapshots", "return_receipts")


class Warehouse(Played):
    """The sandbox with its warehouse."""

    def __init__(self, url: str, root) -> None:
        super().__init__(url)
        self.door = httpx.get(f"{url}/wms_sftp/", timeout=20).json()
        root.mkdir()
        self.box = Box(root, self.login)

    @property
    def login(self):
        return {
            "host": "127.0.0.1",
            "port": self.door["port"],
            "username": USER,
            "password": PASSWORD,
            "host_key_fingerprint": self.door["fingerprint"],
            "layout": str(LAYOUTS / "delimited.yml"),
        }

    def get(self, state=None, **more) -> Read:
        return self.box.read(state, **more)

    def order(self, number: int, *skus: str) -> None:
        details = [
            [f"own_{number}", n, sku, 1, "", "", "", "", *ADDRESS]
            for n, sku in enumerate(skus, start=1)
        ]
        text = records.write(records.ORDER, number, START, details, len(skus))
        asyncio.run(self._put(records.file_name(records.ORDER, START, number), text))

    async def _put(self, name: str, text: str) -> None:
        key = asyncssh.import_public_key(self.door["host_key"])
        async with (
            asyncssh.connect(
                "127.0.0.1", self.door["port"], username=USER, password=PASSWORD,
                known_hosts=([key], [], []), client_keys=[], config=[],
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):  # fmt: skip
            async with sftp.open(f"in/.{name}", "wb") as file:
                await file.write(text.encode())
            await sftp.rename(f"in/.{name}", f"in/{name}")

    def kinds(self):
        return httpx.get(f"{self.url}/_sandbox/faults").json()["kinds"]


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)
    with running(world()) as url:
        yield Warehouse(url, tmp_path / "unused")


def fault(kind: str, match: str = "", **more):
    return {"kind": kind, "vendor": "wms_sftp", "match": match, **more}


def test_orders_are_answered_shipped_and_come_back(warehouse):
    warehouse.order(1, PRODUCTS[0], "UNKNOWN")
    warehouse.advance(hours=25)
    warehouse.edit(
        "wms_sftp", "return", number="own_1", set={"quantity": 1, "condition": "damaged"}
    )
    read = warehouse.get()
    first, second = read.records("acknowledgements")
    assert (first["order_number"], first["line_number"], first["status"]) == (
        "own_1",
        "1",
        "accepted",
    )
    assert (second["status"], second["reason_code"]) == ("rejected", "SKU")
    assert (first["order_sequence"], first["order_status"]) == (1, "partial")
    (shipped,) = read.shipments
    assert (shipped["sku"], shipped["quantity"], shipped["status"]) == (PRODUCTS[0], 1, "shipped")
    (returned,) = read.records("return_receipts")
    assert (returned["condition"], returned["disposition"]) == ("damaged", "scrapped")
    stock = [r for r in read.records("stock_snapshots") if r["sku"] == PRODUCTS[0]]
    assert [row["on_hand"] for row in stock] == sorted((r["on_hand"] for r in stock), reverse=True)
    assert set(read.statuses.values()) == {"loaded"}
    assert read.quarantine == []
    assert all(r["snapshot_at"] == r["file_time"] for r in stock)


def test_everything_is_put_away_and_nothing_is_read_twice(warehouse):
    warehouse.order(1, PRODUCTS[0])
    first = warehouse.get()
    second = warehouse.get(first.state)
    assert not any(second.records(name) for name in (*STREAMS, "files"))
    files = warehouse.counters("wms_sftp")["files"]
    assert (files["out"], len(files["archive"])) == ([], len(first.files))


@pytest.mark.parametrize(
    ("kind", "status", "lost"),
    [
        ("partial", "waiting", True),
        ("bad_trailer", "waiting", True),
        ("wrong_encoding", "loaded", False),
        ("twice", "duplicate", False),
        ("gap", "missing", False),
    ],
)
def test_each_fault_of_files_is_seen_and_loses_nothing(warehouse, kind, status, lost):
    warehouse.order(1, PRODUCTS[0])
    before = warehouse.get()
    warehouse.faults(fault(kind, "write ACK", count=1, seconds=600))
    warehouse.order(2, PRODUCTS[1])
    read = warehouse.get(before.state, settle_seconds=10**9)
    assert warehouse.kinds() == {kind: 1}
    assert status in read.statuses.values()
    orders = [r["order_number"] for r in read.records("acknowledgements")]
    assert orders == ([] if lost else ["own_2"])
    assert [q["reason"][:24] for q in read.quarantine] == (
        ["the line is no valid utf"] if kind == "wrong_encoding" else []
    )
    warehouse.advance(minutes=11)
    later = warehouse.get(read.state, settle_seconds=0)
    if kind == "partial":
        assert [r["order_number"] for r in later.records("acknowledgements")] == ["own_2"]
    if kind == "bad_trailer":
        assert [q["reason"] for q in later.quarantine] == [
            "the trailer counts 2 lines, and there are 1"
        ]


@pytest.mark.parametrize("kind", ["reset", "down", "drop_before", "slow", "timeout"])
def test_the_same_records_come_whatever_breaks_on_the_way(warehouse, kind):
    for number in range(1, 6):
        warehouse.order(number, *PRODUCTS[:3])
    warehouse.advance(hours=25)
    whole = warehouse.get()
    more = {"seconds": 0.02} if kind in ("slow", "timeout") else {}
    warehouse.faults(fault(kind, every=3, per_request=2, count=8, **more))
    broken = warehouse.get()
    assert warehouse.kinds()[kind] >= 5
    for name in STREAMS:
        rows = [
            [{k: v for k, v in r.items() if k[0] != "_"} for r in read.records(name)]
            for read in (whole, broken)
        ]
        assert rows[0] == rows[1]
        assert rows[0] or name == "return_receipts"


def test_nothing_is_lost_while_files_come_and_runs_die(warehouse, monkeypatch):
    """Between any two files the warehouse writes more; reading on from any state finds all."""
    original = streams.RecordStream._file
    count = [0]

    def file(self, verdict):
        count[0] += 1
        if count[0] <= 12:
            change = {"on_hand": 100 + count[0]}
            warehouse.edit("wms_sftp", "stock", number=PRODUCTS[0], set=change)
        yield from original(self, verdict)

    warehouse.order(1, PRODUCTS[0])
    monkeypatch.setattr(streams.RecordStream, "_file", file)
    reads = []
    for _ in range(4):
        reads.append(warehouse.get(reads[-1].state if reads else None))
    assert count[0] > 5
    count[0] = 99
    states = [m["value"] for read in reads for m in read.messages if m["type"] == "STATE"]
    told = warehouse.counters("wms_sftp")["files"]
    every = {*told["out"], *told["archive"]}
    for state in (states[-1], states[len(states) * 2 // 3]):
        again = warehouse.get(state, archive="")
        assert {r["file"] for read in (*reads, again) for r in rows(read)} == every


def rows(read):
    return [row for name in STREAMS for row in read.records(name)]
