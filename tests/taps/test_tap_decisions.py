"""tap-decisions: sheets of people, in a folder and on a server, and what becomes of bad ones."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from channels import land
from openpyxl import Workbook
from wms_files import own_server

from taps.decisions.check import check
from taps.decisions.client import Desk, Folder
from taps.decisions.tap import TapDecisions
from tests.conformance.bench import Read, run

SKUS = "channel,channel_sku,sku,quantity,who,when,why\n"
WRITTEN = "2026-11-02T09:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "decisions"
    made.mkdir()
    return made


def put(folder: Path, name: str, content: str | bytes, at: str = WRITTEN) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    when = datetime.fromisoformat(at).timestamp()
    os.utime(path, (when, when))
    return path


def workbook(folder: Path, name: str, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.properties.lastModifiedBy = "Grace"
    book.save(folder / name)
    os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    return folder / name


def read(folder: Path, state: Any = None, **more: Any) -> Read:
    return run(TapDecisions(config={"folder": str(folder), **more}, state=state))


def sheets(found: Read) -> dict[str, list[dict[str, Any]]]:
    return {each["key"]: each["rows"] for each in found.records("sheets")}


def existing(found: Read) -> set[str] | None:
    """The keys that a reading says are there; None if it says nothing."""
    if not found.ends["sheets"]["swept"]:
        return None
    return {row["key"] for row in found.records("_crossdock_ids")}


def refused(found: Read) -> list[tuple[str, str]]:
    return [(row["place"], row["reason"]) for row in found.records("_crossdock_quarantine")]


def test_a_row_says_who_when_and_why_or_its_file_does(folder):
    put(folder, "sku_map.csv", SKUS + "shopify,KIT,A,2,Ann,2026-11-01,gift box\n,OLD,B,,,,\n")
    workbook(
        folder,
        "more.xlsx",
        customers=[["Action", "Left", "Right", "When"], ["merge", "1", "2", date(2026, 11, 3)]],
        Shipping_methods=[["Channel method", "Carrier"], ["Standard", "UPS"]],
    )
    found = sheets(read(folder))
    assert found["sku_map.csv"] == [
        {"line": 2, "channel": "shopify", "channel_sku": "KIT", "sku": "A", "quantity": "2",
         "who": "Ann", "when": "2026-11-01", "why": "gift box"},
        {"line": 3, "channel_sku": "OLD", "sku": "B", "when": WRITTEN},
    ]  # fmt: skip
    [merge] = found["more.xlsx#customers"]
    assert (merge["action"], merge["who"], merge["when"][:10]) == ("merge", "Grace", "2026-11-03")
    [method] = found["more.xlsx#shipping_methods"]
    assert (method["channel_method"], method["who"]) == ("Standard", "Grace")


def test_an_unknown_column_and_an_unknown_sheet_are_kept(folder):
    put(folder, "sku_map.csv", "Channel SKU;SKU;Colour of the box\nKIT;A;red\n")
    put(folder, "holidays.csv", "day,where\n2026-12-25,Main\n")
    found = sheets(read(folder))
    assert found["sku_map.csv"][0]["colour_of_the_box"] == "red"
    assert found["holidays.csv"][0]["day"] == "2026-12-25"


def test_a_file_is_read_once_and_the_same_content_is_nothing_new(folder):
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n")
    first = read(folder)
    second = read(folder, first.state)
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n", "2026-11-03T09:00:00+00:00")
    third = read(folder, second.state)
    assert sheets(first) and not sheets(second) and not sheets(third)
    assert existing(first) == {"sku_map.csv"}
    assert existing(second) is existing(third) is None
    assert sheets(read(folder)) == sheets(read(folder))


def test_the_last_version_is_all_that_counts(folder):
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n,KIT,B,,,,\n")
    first = read(folder)
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n", "2026-11-03T09:00:00+00:00")
    second = read(folder, first.state)
    assert [row["sku"] for row in sheets(second)["sku_map.csv"]] == ["A"]


def test_a_sheet_that_is_gone_is_marked_as_deleted(folder, tmp_path):
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n")
    put(folder, "customers.csv", "action,left,right\nmerge,1,2\n")
    first = read(folder)
    land(tmp_path, "decisions:main", first)
    (folder / "customers.csv").unlink()
    second = read(folder, first.state)
    path = land(tmp_path, "decisions:main", second)
    assert marked(path) == {"sku_map.csv": False, "customers.csv": True}
    (folder / "sku_map.csv").unlink()
    assert existing(read(folder, second.state)) == set()


def test_what_is_gone_is_told_again_after_something_was_in_quarantine(folder, tmp_path):
    put(folder, "customers.csv", "action,left,right\nmerge,1,2\n")
    first = read(folder)
    land(tmp_path, "decisions:main", first)
    (folder / "customers.csv").unlink()
    put(folder, "sku_map.csv", SKUS + ",KIT,,,,,\n")
    second = read(folder, first.state)
    assert marked(land(tmp_path, "decisions:main", second, "quarantine"))["customers.csv"] is False
    third = read(folder, second.state)
    assert refused(third) == []
    assert marked(land(tmp_path, "decisions:main", third))["customers.csv"] is True


def marked(path: Path) -> dict[str, bool]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select key, _sdc_deleted_at is not null from raw_decisions_main.sheets"
        ).fetchall()
    return dict(rows)


def test_a_bad_row_goes_to_quarantine_alone(folder):
    put(
        folder,
        "sku_map.csv",
        SKUS + ",KIT,A,,,,\n,,B,,,,\n,BOX,1.2E+12,,,,\n,LONG,A,1,,,,too much\n,OLD,B,,,,\n",
    )
    found = read(folder)
    assert [row["channel_sku"] for row in sheets(found)["sku_map.csv"]] == ["KIT", "OLD"]
    assert [place for place, _ in refused(found)] == [f"sku_map.csv line {n}" for n in (3, 4, 5)]
    assert [reason.split(":")[0] for _, reason in refused(found)] == [
        "channel_sku is empty",
        "sku",
        "it has more cells than there are headings",
    ]
    [sheet] = found.records("sheets")
    assert (sheet["row_count"], sheet["refused_rows"]) == (2, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Their SKU;Our SKU\nKIT;A\n", "sku_map has no column channel_sku"),
        ("channel_sku,sku,sku\nKIT,A,B\n", "two columns of sku_map are called sku"),
        (b"channel_sku,sku\nK\xffT,A\n", "line 2 is not UTF-8"),
        (b"PK\x03\x04 and nothing more", "it is no XLSX file that can be read"),
    ],
)
def test_a_bad_file_is_told_and_its_last_good_version_counts(folder, content, reason):
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n")
    first = read(folder)
    put(folder, "sku_map.csv", content, "2026-11-03T09:00:00+00:00")
    second = read(folder, first.state)
    [(place, told)] = refused(second)
    assert place == "sku_map.csv"
    assert told.startswith(reason)
    assert sheets(second) == {}
    assert second.state["bookmarks"]["sheets"]["files"]["sku_map.csv"][3] == ["sku_map.csv"]
    third = read(folder, second.state)
    assert refused(third) == []
    assert existing(third) in (None, {"sku_map.csv"})


def test_two_sheets_of_one_name_are_refused(folder):
    row = [["channel_sku", "sku"], ["KIT", "A"]]
    workbook(folder, "all.xlsx", **{"SKU map": row, "sku_map": row})
    assert refused(read(folder)) == [("all.xlsx", "two sheets are called sku_map")]


def test_what_is_still_written_is_left_alone(folder):
    path = put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n")
    os.utime(path)
    waits: list[float] = []

    def writes_on(seconds: float) -> None:
        waits.append(seconds)
        path.write_text(SKUS + ",KIT,A,,,,\n,KIT,B,,,,\n")

    desk = Desk(Folder(folder), 1.0, sleep=writes_on)
    assert desk.settled(desk.files()) == []
    assert 0 < waits[0] <= 1
    assert [entry.name for entry in Desk(Folder(folder), 1.0, sleep=waits.append).files()] == [
        "sku_map.csv"
    ]


def test_what_was_just_written_is_waited_for(folder):
    (folder / "sku_map.csv").write_text(SKUS + ",KIT,A,,,,\n")
    began = time.monotonic()
    assert list(sheets(read(folder, settle_seconds=0.5))) == ["sku_map.csv"]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", [".sku_map.csv", "~$sku_map.xlsx", "sku_map.csv.part", "a.txt"])
def test_other_files_are_left_alone(folder, name):
    put(folder, name, SKUS)
    found = read(folder)
    assert not sheets(found)
    assert not refused(found)


def test_without_a_folder_nobody_has_decided_anything(tmp_path):
    found = read(tmp_path / "nowhere")
    assert sheets(found) == {}
    assert existing(found) == set()


def test_the_same_sheets_over_sftp(tmp_path):
    (tmp_path / "decisions").mkdir()
    with own_server(tmp_path) as login:
        put(tmp_path / "decisions", "sku_map.csv", SKUS + ",KIT,A,2,,,\n")
        config = {**login, "folder": "decisions", "settle_seconds": 0.1}
        first = run(TapDecisions(config=config))
        second = run(TapDecisions(config=config, state=first.state))
    [row] = sheets(first)["sku_map.csv"]
    assert (row["channel_sku"], row["quantity"], row["when"]) == ("KIT", "2", WRITTEN)
    assert sheets(second) == {}


def test_check_names_what_is_wrong(folder):
    put(folder, "sku_map.csv", SKUS + ",KIT,,,,,\n")
    put(folder, "customers.csv", "who\nAnn\n")
    found = {each.what: each for each in check({"folder": str(folder)}, False)}
    assert found["the folder of decisions can be read (2 files)"].ok
    assert found["sku_map.csv can be read"].advice == "1 rows cannot: line 2: sku is empty"
    assert "has no column action" in found["customers.csv can be read"].advice
    missing = folder.parent / "missing"
    [before] = check({"folder": str(missing)}, False)
    [after] = check({"folder": str(missing)}, True)
    assert (before.ok, before.fixed, after.fixed, missing.is_dir()) == (True, False, True, True)


def test_times_are_utc(folder):
    put(folder, "sku_map.csv", SKUS + ",KIT,A,,,,\n")
    [sheet] = read(folder).records("sheets")
    assert datetime.fromisoformat(sheet["modified_at"]).tzinfo == UTC
