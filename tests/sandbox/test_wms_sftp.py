"""The warehouse that speaks files: orders in, answers out, over a real SFTP client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncssh
import httpx
import pytest

from sandbox.server import running
from sandbox.wms_sftp import records
from sandbox.wms_sftp.vendor import PASSWORD, USER
from tests.sandbox.crm_and_wms import START, small_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

ADDRESS = ["Ana Müller", "Lange Straße 5", "", "Köln", "", "50667", "DE"]


class Warehouse:
    """The sandbox's warehouse, reached as a client does."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        self.door = self.http.get("/wms_sftp/").json()

    def ask(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Any]], **options: Any) -> Any:
        async def connected() -> Any:
            key = asyncssh.import_public_key(self.door["host_key"])
            ours = {"known_hosts": ([key], [], []), "config": [], "client_keys": []}
            login = {"username": USER, "password": PASSWORD} | ours | options
            async with (
                asyncssh.connect("127.0.0.1", self.door["port"], **login) as connection,
                connection.start_sftp_client() as sftp,
            ):
                return await work(sftp)

        return asyncio.run(connected())

    def names(self, folder: str = "out") -> list[str]:
        async def listed(sftp: asyncssh.SFTPClient) -> list[str]:
            return sorted(n for n in await sftp.listdir(folder) if n.endswith(".csv"))

        return list(self.ask(listed))

    def text(self, name: str) -> str:
        async def got(sftp: asyncssh.SFTPClient) -> str:
            async with sftp.open(f"out/{name}", "rb") as file:
                return (await file.read()).decode()

        return str(self.ask(got))

    def put(self, name: str, text: str) -> None:
        async def sent(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(f"in/.{name}.tmp", "wb") as file:
                await file.write(text.encode())
            await sftp.rename(f"in/.{name}.tmp", f"in/{name}")

        self.ask(sent)

    def order(self, number: int, *lines: tuple[str, str, int], trailer: int = 0) -> str:
        """Send one order file; answers the acknowledgement."""
        details = [
            [order, n, sku, units, "", order.removeprefix("shop_"), "", "", *ADDRESS]
            for n, (order, sku, units) in enumerate(lines, start=1)
        ]
        total = trailer or sum(units for _, _, units in lines)
        name = records.file_name(records.ORDER, START, number)
        self.put(name, records.write(records.ORDER, number, START, details, total))
        return self.text([n for n in self.names() if n.startswith("ACK")][-1])

    def details(self, kind: str) -> list[list[str]]:
        found = [n for n in self.names() if n.startswith(kind)]
        return [row.split(";") for n in found for row in self.text(n).splitlines() if row[0] == "D"]

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def faults(self) -> dict[str, int]:
        return dict(self.http.get("/_sandbox/state?brief=1").json()["faults"])


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with running(small_world()) as url:
        yield Warehouse(url)


def test_it_listens_on_the_port_after_http(warehouse: Warehouse) -> None:
    assert warehouse.door["port"] == warehouse.http.base_url.port + 1
    assert warehouse.door["fingerprint"].startswith("SHA256:")


def test_nobody_else_gets_in(warehouse: Warehouse) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        warehouse.ask(lambda sftp: sftp.listdir("out"), password="wrong")


def test_the_folder_is_the_root_of_all_paths(warehouse: Warehouse) -> None:
    seen = warehouse.ask(lambda sftp: sftp.listdir("/../../"))
    assert {"in", "out", "archive", "error"} <= set(seen)
    assert "etc" not in seen


def test_lines_are_accepted_and_refused(warehouse: Warehouse) -> None:
    text = warehouse.order(1, ("shop_1001", "A-1", 2), ("shop_1001", "NO", 1))
    rows = [row.split(";") for row in text.splitlines()]
    assert rows[0][:4] == ["H", "ACK", "CROSSDOCK", "000001"]
    assert rows[0][5:] == [records.file_name("ORD", START, 1), "000001", "PARTIAL"]
    assert rows[1] == ["D", "shop_1001", "1", "A-1", "2", "A", "", ""]
    assert rows[2][:7] == ["D", "shop_1001", "2", "NO", "1", "R", "SKU"]
    assert rows[3] == ["T", "2", "3"]


def test_each_accepted_line_is_an_effect(warehouse: Warehouse) -> None:
    warehouse.order(1, ("shop_1001", "A-1", 2), ("shop_1001", "NO", 1))
    effects = warehouse.http.get("/_sandbox/effects").json()["effects"]
    (effect,) = [e for e in effects if e["vendor"] == "wms_sftp"]
    assert (effect["actor"], effect["object"], effect["id"]) == (
        "api", "order_line", "shop_1001/1",
    )  # fmt: skip
    assert effect["fields"]["quantity"] == 2


@pytest.mark.parametrize("again", ["lines", "sequence"])
def test_the_same_order_twice_is_taken_once(warehouse: Warehouse, again: str) -> None:
    warehouse.order(1, ("shop_1001", "A-1", 2))
    second = warehouse.order(2 if again == "lines" else 1, ("shop_1001", "A-1", 2))
    assert ";R;DUP;" in second if again == "lines" else ";R;TWICE;" in second
    assert len(warehouse.http.get("/_sandbox/effects").json()["effects"]) == 1


def test_a_file_that_does_not_add_up_is_refused_whole(warehouse: Warehouse) -> None:
    text = warehouse.order(1, ("shop_1001", "A-1", 2), trailer=3)
    assert ";REJECTED" in text.splitlines()[0]
    assert ";R;TOTALS;" in text
    assert warehouse.order(2, ("shop_1001", "A-1", 2)).count(";A;") == 1


def test_it_ships_when_the_world_says_so(warehouse: Warehouse) -> None:
    warehouse.order(1, ("shop_1001", "A-1", 2))
    warehouse.control("advance", hours=12)
    assert warehouse.details("SHP") == []
    assert warehouse.control("advance", hours=14)["changed"] == 1
    ((row),) = warehouse.details("SHP")
    assert row[1:8] == ["shop_1001", "1", "A-1", "2", "2", "S", "Swift Post"]
    assert row[9].startswith("TRK")
    assert warehouse.control("advance", hours=1)["next_event_at"] is None


def test_short_stock_is_shipped_short(warehouse: Warehouse) -> None:
    warehouse.control("edit", vendor="wms_sftp", object="stock", number="A-1", set={"on_hand": 1})
    warehouse.order(1, ("shop_1001", "A-1", 2))
    warehouse.control("advance", hours=26)
    ((row),) = warehouse.details("SHP")
    assert row[4:7] == ["2", "1", "C"]


def test_stock_is_told_once_a_day_and_keeps_no_demo_awake(warehouse: Warehouse) -> None:
    before = len([n for n in warehouse.names() if n.startswith("STK")])
    told = warehouse.control("advance", hours=49)
    assert (told["changed"], told["next_event_at"]) == (0, None)
    assert len([n for n in warehouse.names() if n.startswith("STK")]) == before + 2


def test_a_return_is_a_receipt(warehouse: Warehouse) -> None:
    warehouse.order(1, ("shop_1001", "A-1", 2))
    warehouse.control("advance", hours=26)
    change = {"vendor": "wms_sftp", "object": "return", "number": "shop_1001"}
    warehouse.control("edit", **change, set={"quantity": 1, "condition": "damaged"})
    ((row),) = warehouse.details("RET")
    assert row[1:8] == ["RMA000001", "shop_1001", "1", "A-1", "1", "D", "S"]
    refused = warehouse.http.post("/_sandbox/edit", json={**change, "set": {"quantity": 2}})
    assert refused.status_code == 400
    assert "at most 1" in refused.json()["error"]


def test_a_plain_rename_never_overwrites(warehouse: Warehouse) -> None:
    first = warehouse.names()[0]

    async def twice(sftp: asyncssh.SFTPClient) -> None:
        await sftp.copy(f"out/{first}", f"archive/{first}")
        await sftp.rename(f"out/{first}", f"archive/{first}")

    with pytest.raises(asyncssh.SFTPError):
        warehouse.ask(twice)
    assert first in warehouse.names()


def rule(kind: str, match: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "vendor": "wms_sftp", "match": match, **more}


def test_half_a_file_becomes_whole_later(warehouse: Warehouse) -> None:
    warehouse.control("faults", rules=[rule("partial", "write ACK", count=1)])
    assert "T;" not in warehouse.order(1, ("shop_1001", "A-1", 2))
    warehouse.control("advance", hours=0.1)
    assert "\nT;1;2" in warehouse.text(next(n for n in warehouse.names() if n.startswith("ACK")))
    assert warehouse.faults() == {"partial": 1}


@pytest.mark.parametrize("kind", ["bad_trailer", "twice", "gap", "wrong_encoding"])
def test_each_fault_of_files_shows_and_is_counted(warehouse: Warehouse, kind: str) -> None:
    warehouse.control("faults", rules=[rule(kind, "write SHP", count=1)])
    warehouse.order(1, ("shop_1001", "A-1", 2))
    warehouse.control("advance", hours=26)
    names = [n for n in warehouse.names() if n.startswith("SHP")]
    content = warehouse.ask(lambda sftp: _bytes(sftp, f"out/{names[0]}"))
    seen = {
        "bad_trailer": b"T;2;2" in content and content.count(b"D;") == 1,
        "twice": len(names) == 2,
        "gap": names[0].endswith("_000002.csv"),
        "wrong_encoding": "ß".encode("latin-1") in content,
    }
    assert [name for name, shown in seen.items() if shown] == [kind]
    assert warehouse.faults() == {kind: 1}


async def _bytes(sftp: asyncssh.SFTPClient, path: str) -> bytes:
    async with sftp.open(path, "rb") as file:
        return bytes(await file.read())


def test_a_connection_is_cut_and_slow(warehouse: Warehouse) -> None:
    name = warehouse.names()[0]
    warehouse.control("faults", rules=[rule("reset", "read", count=1)])
    with pytest.raises((asyncssh.SFTPError, asyncssh.Error, OSError)):
        warehouse.text(name)
    warehouse.control("faults", rules=[rule("slow", "read", count=1, seconds=0.05)])
    assert warehouse.text(name)
    assert warehouse.faults() == {"reset": 1, "slow": 1}


def test_a_world_without_files_makes_no_folder() -> None:
    with running(small_world()) as url:
        state = httpx.get(f"{url}/_sandbox/state").json()["vendors"]["wms_sftp"]
    assert state["files"] == {"out": [], "archive": []}
