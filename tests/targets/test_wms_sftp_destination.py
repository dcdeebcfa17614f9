"""Order files at the sandbox's warehouse, whole or not at all, each number once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from crossdock.errors import SettingsError
from crossdock.files.sftp import SftpClient
from crossdock.http.errors import ApiError, OutcomeUnknown
from crossdock.http.retry import Retry
from crossdock.operation import Acknowledged, Refused
from sandbox.wms_sftp.vendor import WmsSftpVendor
from taps.wms_sftp import layout as taps_layout
from targets.wms_sftp import layout
from targets.wms_sftp.destination import WmsSftpDestination
from targets.wms_sftp.ledger import Ledger
from tests.conformance.bench import Stage, staged
from tests.targets.conftest import ready

LAYOUTS = Path(taps_layout.__file__).with_name("layouts")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as found:
        yield found


@pytest.fixture
def client(stage: Stage) -> Iterator[SftpClient]:
    told = httpx.get(f"{stage.url}/wms_sftp/").json()
    config = {
        "host": "127.0.0.1",
        "port": told["port"],
        "username": "crossdock",
        "password": "sandbox-files",
        "host_key_fingerprint": told["fingerprint"],
    }
    with closing(SftpClient.from_config(config, connector="target-wms-sftp")) as found:
        found._retry = Retry(tries=1)
        yield found


Make = Callable[[], WmsSftpDestination]


@pytest.fixture
def make(client: SftpClient, tmp_path: Path) -> Make:
    """The destination as a new process would have it."""

    def made() -> WmsSftpDestination:
        return WmsSftpDestination(
            client,
            layout.load(LAYOUTS / "delimited.yml"),
            Ledger(tmp_path / "ledger.db"),
            directory="in",
            orders_per_file=100,
        )

    return made


def order(number: int, **values: Any) -> Any:
    wanted = {
        "partner_order_id": f"shop_{number}",
        "order_number": f"#{number}",
        "shop_name": "crossdock-main",
        "carrier": "DHL",
        "method": "Paket",
        "name": 'Zoë "Z" Brandt; c/o Müller',
        "line1": "Lange Straße 5",
        "line2": None,
        "city": "Köln",
        "postal_code": "50667",
        "country": "DE",
        "line_items": [
            {"sku": "SKU-01", "partner_line_item_id": f"{number}1", "quantity": 2},
            {"sku": "SKU-02", "partner_line_item_id": f"{number}2:SKU-02", "quantity": 1},
        ],
        **values,
    }
    match = {"partner_order_id": wanted["partner_order_id"]}
    return ready("create", object="orders", destination="wms_sftp:main", match=match, set=wanted)


def taken(stage: Stage) -> list[tuple[str, str]]:
    """(order, line) that the warehouse has accepted, in order."""
    found = [e for e in stage.effects("wms_sftp") if e["object"] == "order_line"]
    return [tuple(e["id"].split("/")) for e in found]


def files(stage: Stage) -> list[str]:
    """Names of the order files that it took, as often as it took them."""
    assert stage.sandbox is not None
    vendor = stage.sandbox.vendors["wms_sftp"]
    assert isinstance(vendor, WmsSftpVendor)
    return vendor.folder.names("in/processed")


def test_a_file_holds_orders_as_the_warehouse_reads_them(make: Make, stage: Stage) -> None:
    warehouse = make()
    outcomes = warehouse.send([order(1), order(2)])
    assert outcomes == [Acknowledged("shop_1"), Acknowledged("shop_2")]
    lines = [("shop_1", "11"), ("shop_1", "12:SKU-02"), ("shop_2", "21"), ("shop_2", "22:SKU-02")]
    assert taken(stage) == lines
    [name] = files(stage)
    assert name.endswith("_000001.csv")
    assert warehouse.send([order(3)]) == [Acknowledged("shop_3")]
    assert [n.split("_")[-1] for n in files(stage)] == ["000001.csv", "000002.csv"]


def test_what_was_sent_is_found_by_operation_and_by_number(make: Make) -> None:
    item = order(1)
    assert make().find(item.operation) is None
    make().send([item])
    assert make().find(item.operation) == {"id": "shop_1", "partner_order_id": "shop_1"}
    assert make().find(order(1).operation) is not None  # another operation, the same order
    assert make().find(order(2).operation) is None


@pytest.mark.parametrize("step", ["write", "move", "rename"])
def test_cut_off_at_any_step_an_order_goes_once(
    make: Make, stage: Stage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def killing(*_: Any) -> None:
        raise Killed

    owner = Ledger if step == "move" else SftpClient
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, step, killing)
        make().send([order(1)])
    found = make().find(order(1).operation)
    if found is None:
        assert make().send([order(1)]) == [Acknowledged("shop_1")]
    assert taken(stage) == [("shop_1", "11"), ("shop_1", "12:SKU-02")]
    assert [name.split("_")[-1] for name in files(stage)] == ["000001.csv"]
    assert (found is not None) == (step == "rename")


def test_cut_off_after_the_name_it_counts_as_sent(
    make: Make, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = SftpClient.rename

    def lost(self: SftpClient, old: str, new: str) -> bool:
        rename(self, old, new)
        raise _lost()

    with monkeypatch.context() as patch, pytest.raises(OutcomeUnknown):
        patch.setattr(SftpClient, "rename", lost)
        make().send([order(1)])
    assert make().find(order(1).operation) is not None
    assert make().send([order(2)]) == [Acknowledged("shop_2")]
    assert [name.split("_")[-1] for name in files(stage)] == ["000001.csv", "000002.csv"]
    assert len(taken(stage)) == 4


def _lost() -> ApiError:
    from crossdock.http.errors import VendorDown

    return VendorDown("gone", connector="t", stream="s", path="p")


def test_a_server_that_is_down_takes_nothing_and_no_number(make: Make, stage: Stage) -> None:
    stage.faults({"vendor": "wms_sftp", "kind": "down"})
    with pytest.raises(ApiError):
        make().send([order(1)])
    stage.faults()
    assert make().find(order(1).operation) is None
    make().send([order(1)])
    assert [name.split("_")[-1] for name in files(stage)] == ["000001.csv"]


def test_numbers_begin_anew_after_the_last(make: Make, tmp_path: Path) -> None:
    make().send([order(1)])
    with sqlite3.connect(tmp_path / "ledger.db") as db:
        db.execute("update files set sequence = 9999")
    assert Ledger(tmp_path / "ledger.db").next_sequence(1, 9999) == 1
    assert Ledger(tmp_path / "ledger.db").next_sequence(1, None) == 10000


def test_what_a_file_cannot_hold_is_refused_alone(make: Make, stage: Stage) -> None:
    empty = order(2, line_items=[])
    update = ready("update", object="orders", destination_id="shop_1", set={"city": "x"})
    outcomes = make().send([order(1), empty])
    assert isinstance(outcomes[0], Acknowledged)
    assert isinstance(outcomes[1], Refused)
    [refused] = make().send([update])
    assert isinstance(refused, Refused)
    assert {number for number, _ in taken(stage)} == {"shop_1"}


def test_line_breaks_in_a_value_break_no_line(make: Make, stage: Stage) -> None:
    make().send([order(1, line2="c/o\r\nT;1;1", name="A\x00B")])
    assert len(taken(stage)) == 2


def test_fixed_width_says_what_does_not_fit(make: Make) -> None:
    files = layout.load(LAYOUTS / "fixed_width.yml")
    values = dict.fromkeys(layout.OF_LINE, "x")
    [line] = files.details([{**values, "quantity": "2", "country": "DE"}])
    assert line.startswith("D" + "x".ljust(20))
    assert "0000002" in line
    with pytest.raises(layout.DoesNotFit, match=r"longer than the 2 characters of \{country\}"):
        files.details([{**values, "country": "secret"}])
    with pytest.raises(layout.DoesNotFit, match="does not exist in cp1252") as caught:
        files.details([{**values, "country": "DE", "name": "Łódź"}])
    assert "Łódź" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"detail": ["{nmae}"]}, "orders.detail.0: there is no value 'nmae'"),
        ({"detail": ["{"]}, "orders.detail.0"),
        ({"header": ["{sku}"]}, "orders.header.0: there is no value 'sku'"),
        ({"name": "ORD.csv"}, "without {sequence} two files have one name"),
        ({"detail": []}, "orders.detail"),
        ({"bogus": 1}, "orders"),
        ({"detail": [{"value": "{sku}", "length": 3}]}, "only files of fixed width"),
    ],
)
def test_a_layout_that_makes_no_sense_is_told_before_anything_is_sent(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    body = yaml.safe_load((LAYOUTS / "delimited.yml").read_text())
    body["orders"] |= change
    path = tmp_path / "layout.yml"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(SettingsError) as caught:
        layout.load(path)
    assert told in str(caught.value)


def test_a_layout_without_orders_says_so(tmp_path: Path) -> None:
    body = yaml.safe_load((LAYOUTS / "delimited.yml").read_text())
    del body["orders"]
    path = tmp_path / "layout.yml"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(SettingsError, match="does not say what order files look like"):
        layout.load(path)
