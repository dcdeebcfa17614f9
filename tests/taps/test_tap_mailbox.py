"""tap-mailbox: files in all the states in which people send them, and what becomes of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import CrossdockError, SettingsError
from crossdock.files import tables
from sandbox.mailbox.partner import HEADINGS, Partner, csv_of, row, xlsx_of
from taps.mailbox.check import check
from taps.mailbox.tap import TapMailbox
from tests.conformance.bench import Read, run
from tests.taps.channels import channel_models


@pytest.fixture(autouse=True)
def no_project(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))


@pytest.fixture
def partner(tmp_path):
    return Partner(tmp_path / "mailbox")


def read(partner: Partner, state: Any = None, **more: Any) -> Read:
    return run(TapMailbox(config={"folder": str(partner.folder), **more}, state=state))


def layout(partner: Partner, text: str) -> str:
    path = partner.folder.parent / "layout.yml"
    path.write_text(text)
    return str(path)


def orders(read: Read) -> dict[str, dict[str, Any]]:
    return {order["id"]: order for order in read.records("orders")}


def refused(read: Read) -> list[tuple[str, str]]:
    rows = read.records("_crossdock_quarantine")
    return [(item["place"], item["reason"]) for item in rows if item["stream"] == "orders"]


def files(read: Read) -> dict[str, dict[str, Any]]:
    return {Path(item["name"]).name: item for item in read.records("files")}


def test_orders_of_csv_xlsx_and_mail_are_the_same(partner):
    lines = [row("A1", "SKU-01", 2), row("A1", "SKU-02", 1)]
    partner.sends_csv("a.csv", lines)
    partner.sends_xlsx("b.xlsx", [["B" + line[0][1:], *line[1:]] for line in lines])
    attached = csv_of([HEADINGS, *[["C" + line[0][1:], *line[1:]] for line in lines]])
    partner.mails("c.eml", {"orders.csv": attached})
    senders = layout(partner, "senders: [orders@partner.example]\n")
    found = orders(read(partner, layout=senders))
    assert set(found) == {"A1", "B1", "C1"}
    for number, order in found.items():
        assert [(n["sku"], n["quantity"], n["unit_price"]) for n in order["lines"]] == [
            ("SKU-01", 2, "4.5"),
            ("SKU-02", 1, "4.5"),
        ]
        assert [line["id"] for line in order["lines"]] == [f"{number}-1", f"{number}-2"]
        assert order["placed_at"] == "2026-11-02T00:00:00+00:00"
        assert (order["status"], order["payment_status"]) == ("open", "paid")
        assert (order["ship_city"], order["ship_country"]) == ("Köln", "DE")


def test_a_file_is_read_once(partner):
    partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    first = read(partner)
    second = read(partner, first.state)
    assert len(orders(first)) == 1
    assert second.records("orders") == second.records("files") == []
    partner.sends_csv("b.csv", [row("B1", "SKU-01")])
    third = read(partner, second.state)
    assert set(orders(third)) == {"B1"}


def test_a_later_file_replaces_an_order(partner):
    partner.sends_csv("a.csv", [row("A1", "SKU-01", 1)])
    first = read(partner)
    partner.sends_csv("b.csv", [row("A1", "SKU-01", 5)])
    second = read(partner, first.state)
    assert orders(second)["A1"]["lines"][0]["quantity"] == 5
    both = read(partner)
    assert orders(both)["A1"]["lines"][0]["quantity"] == 5


def test_a_file_written_anew_with_the_same_content_is_nothing_new(partner):
    partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    first = read(partner)
    partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    second = read(partner, first.state)
    assert second.records("orders") == []
    assert (
        second.state["bookmarks"]["orders"]["files"]["inbox/a.csv"][1]
        != (first.state["bookmarks"]["orders"]["files"]["inbox/a.csv"][1])
    )


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_sent_twice_is_reported_and_read_once(partner, taken):
    path = partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    state = read(partner).state
    if taken:
        path.unlink()
        state = read(partner, state).state
    partner.sends_csv("again.csv", [row("A1", "SKU-01")])
    second = read(partner, state)
    assert second.records("orders") == []
    assert files(second)["again.csv"]["status"] == "seen_twice"


def test_what_is_still_written_is_left_alone(partner):
    partner.puts("young.csv", csv_of([HEADINGS, row("A1", "SKU-01")]), age=0)
    for name in ("a.csv.part", ".b.csv", "~$c.xlsx", "d.tmp"):
        partner.puts(name, csv_of([HEADINGS, row("B1", "SKU-01")]))
    (partner.inbox / "link.csv").symlink_to(partner.inbox / "d.tmp")
    (partner.inbox / "folder.csv").mkdir()
    first = read(partner)
    assert first.records("files") == first.records("orders") == []
    old = datetime.now(UTC).timestamp() - 60
    os.utime(partner.inbox / "young.csv", (old, old))
    assert set(orders(read(partner, first.state))) == {"A1"}


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(partner, monkeypatch):
    path = partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    whole, first_half = Path.read_bytes, []

    def grows(self: Path) -> bytes:
        content = whole(self)
        if self == path and not first_half:
            first_half.append(content)
            with self.open("ab") as file:
                file.write(csv_of([row("A1", "SKU-02")]))
        return content

    monkeypatch.setattr(Path, "read_bytes", grows)
    first = read(partner)
    monkeypatch.undo()
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(partner.folder.parent))
    assert first.records("orders") == []
    old = datetime.now(UTC).timestamp() - 60
    os.utime(path, (old, old))
    assert len(orders(read(partner, first.state))["A1"]["lines"]) == 2


BAD_ROWS = [
    (row("A1", "1.23457E+12"), "sku: the spreadsheet has shortened a long number"),
    (row("A1", "=B2&C2"), "sku: it is a formula and no value"),
    (row("A1", "#N/A"), "sku: the spreadsheet could not calculate it"),
    (row("A1", ""), "sku: it is missing"),
    (row("A1", "SKU-02", "1.5"), "quantity: it is no whole number"),
    (row("A1", "SKU-02", "0"), "quantity: it is no whole number"),
    (row("A1", "SKU-02", "-1"), "quantity: it is no whole number"),
    (row("A1", "SKU-02", "two"), "quantity: it is no whole number"),
    (row("A1", "SKU-02", ""), "quantity: it is no whole number"),
    (row("A1", "SKU-02", **{"Unit price": "4,50"}), "unit_price: ',' stands where"),
    (row("A1", "SKU-02", **{"Unit price": "NaN"}), "unit_price: it is no amount"),
    (row("A1", "SKU-02", Date="03/04/2026"), "placed_at: it is no date"),
    ([*row("A1", "SKU-02"), "more"], "it has more cells than there are headings"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_ROWS, ids=[reason for _, reason in BAD_ROWS])
def test_a_bad_row_is_kept_aside_and_its_order_waits(partner, bad, reason):
    partner.sends_csv("a.csv", [row("A1", "SKU-01"), bad, row("B1", "SKU-01")])
    found = read(partner)
    ((place, why),) = refused(found)
    assert place == "inbox/a.csv line 3"
    assert why.startswith(reason)
    assert orders(found)["B1"]["status"] == "open"
    if len(bad) == len(HEADINGS):
        assert orders(found)["A1"]["status"] == "on_hold"
        assert "line 3" in orders(found)["A1"]["hold_reason"]
    assert (files(found)["a.csv"]["rows"], files(found)["a.csv"]["refused_rows"]) == (3, 1)
    assert "lovelace" not in why.lower()


def test_a_row_without_a_number_may_be_the_order_s_above(partner):
    partner.sends_csv("a.csv", [row("A1", "SKU-01"), row("", "SKU-02"), row("B1", "SKU-01")])
    found = read(partner)
    assert [order["status"] for order in orders(found).values()] == ["on_hold", "open"]
    assert refused(found) == [("inbox/a.csv line 3", "it has no order number")]


def test_rows_that_disagree_hold_their_order(partner):
    partner.sends_csv("a.csv", [row("A1", "SKU-01"), row("A1", "SKU-02", City="Bonn")])
    order = orders(read(partner))["A1"]
    assert (order["status"], len(order["lines"])) == ("on_hold", 2)
    assert order["hold_reason"] == "its rows disagree on ship_city (line 3)"


BAD_FILES = [
    (b"", "no row names its columns"),
    (b"hello\n", "no row names its columns"),
    (b"Order,SKU\nA1,SKU-01\n", "no row names its columns"),
    (b"Order,SKU,Quantity,qty\nA1,S,1,2\n", "two columns say quantity"),
    (b"<!doctype html><p>Sign in", "it is a page of HTML"),
    ("Order,SKU,Quantity\nÄ1,S,1\n".encode("latin-1"), "line 2 is not UTF-8"),
    (b"Order,SKU,Quantity\nA1,\0,1\n", "it holds zero bytes"),
    (b'Order,SKU,Quantity\nA1,"S,1\nA2,S,1\n', "line 2 is broken"),
    (b"Order,SKU,Quantity\nA1," + b"x" * (tables.LONGEST_FIELD + 9) + b",1\n", "line 2 is broken"),
    (b"Order,SKU,Quantity" + b"," * 600 + b"\n", "line 1 has more than 500 columns"),
    (b"PK\x03\x04 and then nothing", "it is no XLSX file that can be read"),
    (b"\xd0\xcf\x11\xe0 an old workbook", "it is protected by a password or of an old Excel"),
]


@pytest.mark.parametrize(("content", "reason"), BAD_FILES, ids=[reason for _, reason in BAD_FILES])
def test_a_bad_file_is_refused_with_its_reason_and_the_others_go_on(partner, content, reason):
    partner.puts("bad.csv", content)
    partner.sends_csv("good.csv", [row("A1", "SKU-01")])
    found = read(partner)
    assert set(orders(found)) == {"A1"}
    ((place, why),) = refused(found)
    assert place == "inbox/bad.csv"
    assert why.startswith(reason)
    assert files(found)["bad.csv"]["status"] == "refused"
    again = read(partner, found.state)
    assert refused(again) == again.records("files") == []


def test_a_file_larger_than_we_take_is_not_read(partner, monkeypatch):
    monkeypatch.setattr("taps.mailbox.client.MOST_BYTES", 100)
    partner.sends_csv("big.csv", [row("A1", "SKU-01")] * 3)
    assert refused(read(partner))[0][1].startswith("it is larger than")


def test_a_workbook_that_unpacks_to_too_much_is_not_read(partner, monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1_000)
    partner.sends_xlsx("bomb.xlsx", [row("A1", "SKU-01")])
    assert refused(read(partner))[0][1].startswith("it unpacks to more than")


def test_a_file_we_may_not_read_is_tried_again(partner, monkeypatch):
    partner.sends_csv("a.csv", [row("A1", "SKU-01")])

    def forbidden(self: Path) -> bytes:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forbidden)
        first = read(partner)
    assert refused(first) == [("inbox/a.csv", "it cannot be read (PermissionError): see who may")]
    assert set(orders(read(partner, first.state))) == {"A1"}


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", ";"), ("utf-8", "|")],
)
def test_encodings_and_delimiters_that_a_file_shows_are_found_out(partner, encoding, delimiter):
    form = {"encoding": encoding, "delimiter": delimiter}
    partner.sends_csv("a.csv", [row("A1", "SKU-01", Name="Zoë; von, | Tab")], **form)
    assert orders(read(partner))["A1"]["ship_name"] == "Zoë; von, | Tab"


def test_a_layout_says_what_a_file_cannot(partner):
    rows = [
        ["Our weekly order"], [],
        ["Auftrag", "Artikel", "Menge", "Preis", "Datum", "Ort", "Land"],
        ["7", "S1", "2", "1.234,50", "03.11.2026 18:30", "Köln", "Deutschland"],
    ]  # fmt: skip
    partner.puts("a.csv", csv_of(rows, encoding="cp1252", delimiter=";"))
    first = read(partner)
    assert refused(first)
    words = """
        encoding: cp1252
        decimal: ","
        dates: ["%d.%m.%Y %H:%M"]
        time_zone: Europe/Berlin
        columns: {number: auftrag, sku: artikel, quantity: Menge, unit_price: [preis],
                  placed_at: datum, ship_city: ort, ship_country: land}
        constants: {currency: EUR, payment_status: paid, location: Main}
    """
    second = read(partner, first.state, layout=layout(partner, words))
    order = orders(second)["7"]
    assert order["lines"][0] | {"id": "", "row": 0} == {
        "id": "", "row": 0, "sku": "S1", "title": None, "quantity": 2, "unit_price": "1234.5"
    }  # fmt: skip
    assert order["placed_at"] == "2026-11-03T17:30:00+00:00"
    assert (order["currency"], order["payment_status"], order["location"]) == (
        "EUR",
        "paid",
        "Main",
    )
    third = read(partner, second.state, layout=layout(partner, words))
    assert third.records("orders") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colums: {}", "there is no such key"),
        ("columns: {nonsense: x}", "columns.nonsense"),
        ("decimal: ';'", "decimal"),
        ("time_zone: Middle/Earth", "time_zone"),
        ("encoding: utf-99", "encoding"),
        ("- a", "no mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_wrong_layout_is_said_with_its_key(partner, text, said):
    with pytest.raises(SettingsError) as caught:
        read(partner, layout=layout(partner, text))
    assert said in str(caught.value)
    assert caught.value.hint


def test_what_a_spreadsheet_makes_of_numbers_is_undone_or_refused(partner):
    content = xlsx_of(
        [
            HEADINGS,
            row(10248, 123, 2.0, ZIP=1067, Date=datetime(2026, 11, 2, 9, 30)),
            row("P2", 4006381333931, 1, ZIP="01067"),
            row("P3", 77, 1, ZIP=501, Country="US", Payment=True),
            row("P4", 1234567890123456789, 1),
            row("P5", datetime(2026, 3, 1), 1),
            row("P6", "SKU-01", 1, **{"Unit price": 4.05}),
        ],
        formats={"K4": "00000000000000", "K5": "00000"},
    )
    partner.puts("a.xlsx", content)
    found = read(partner)
    held = orders(found)
    assert held["10248"]["lines"][0]["sku"] == "123"
    assert (held["10248"]["ship_postal_code"], held["10248"]["placed_at"]) == (
        "01067",
        "2026-11-02T09:30:00+00:00",
    )
    assert held["P2"]["lines"][0]["sku"] == "4006381333931"
    assert (held["P3"]["ship_postal_code"], held["P3"]["payment_status"]) == ("00501", "paid")
    assert held["P6"]["lines"][0]["unit_price"] == "4.05"
    assert {place.rsplit(" ", 1)[1]: why.partition(":")[2] for place, why in refused(found)} == {
        "5": " it has more than 15 digits, which a spreadsheet rounds",
        "6": " the spreadsheet has made a date or a truth value of it",
    }


def test_zeros_that_a_workbook_shows_are_kept(partner):
    partner.puts("a.xlsx", xlsx_of([HEADINGS, row("P1", 77)], formats={"K2": "00000"}))
    assert orders(read(partner))["P1"]["lines"][0]["sku"] == "00077"


def test_a_formula_nobody_calculated_is_refused(partner):
    partner.puts("a.xlsx", xlsx_of([HEADINGS, row("P1", '="SKU-"&"01"')]))
    ((place, why),) = refused(read(partner))
    assert (place, why) == (
        "inbox/a.xlsx line 2",
        "sku: it is a formula without a result: open the file, and save it again",
    )


def test_a_workbook_with_two_sheets_does_not_say_which(partner):
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(xlsx_of([HEADINGS, row("P1", "S")])))
    book.create_sheet("other")
    content = BytesIO()
    book.save(content)
    partner.puts("a.xlsx", content.getvalue())
    assert refused(read(partner))[0][1].startswith("it has 2 sheets")


def test_mails_are_read_from_known_senders_only(partner):
    table = csv_of([HEADINGS, row("A1", "SKU-01")])
    known = layout(partner, "senders: [Orders@Partner.example]\n")
    partner.mails("stranger.eml", {"o.csv": table}, sender="mallory@evil.example")
    partner.mails("empty.eml", {})
    (partner.mail / "broken.eml").write_bytes(b"\xff\xfe nothing")
    found = read(partner, layout=known, settle_seconds=0)
    assert orders(found) == {}
    reasons = dict(refused(found))
    assert "not among `senders`" in reasons["mail/stranger.eml"]
    assert "no CSV or XLSX" in reasons["mail/empty.eml"]
    assert "nobody is named" in reasons["mail/broken.eml"]
    assert "mallory" not in str(reasons)
    nobody = read(partner)
    assert "not among `senders`" in dict(refused(nobody))["mail/stranger.eml"]


def test_a_maildir_s_mail_is_read_once_though_somebody_opens_it(partner):
    known = layout(partner, "senders: [orders@partner.example]\n")
    table = csv_of([HEADINGS, row("A1", "SKU-01"), row("A2", "SKU-01", "x")])
    path = partner.mails("new/1700000000.M1.host", {"o.csv": table})
    first = read(partner, layout=known)
    assert set(orders(first)) == {"A1"}
    assert refused(first)[0][0] == "mail/1700000000.M1.host/o.csv line 3"
    (partner.mail / "cur").mkdir()
    path.rename(partner.mail / "cur" / "1700000000.M1.host:2,S")
    second = read(partner, first.state, layout=known)
    assert second.records("orders") == second.records("files") == []


def test_an_order_stays_when_its_file_goes_and_the_file_is_missed(partner):
    path = partner.sends_csv("a.csv", [row("A1", "SKU-01")])
    partner.sends_csv("b.csv", [row("B1", "SKU-01")])
    first = read(partner)
    path.unlink()
    second = read(partner, first.state, sweep_interval=0)
    ids = {(r["stream"], r["key"]) for r in second.records("_crossdock_ids")}
    assert ids == {("files", "inbox/b.csv")}
    assert not any(end["full"] for end in second.ends.values())


def test_no_folder_is_one_clear_line(tmp_path):
    with pytest.raises(CrossdockError) as caught:
        run(TapMailbox(config={"folder": str(tmp_path / "nowhere")}))
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_check_makes_the_folders_that_are_missing(tmp_path):
    config = {"folder": str(tmp_path)}
    assert not all(finding.ok for finding in check(config, fix=False))
    assert all(finding.ok for finding in check(config, fix=True))
    assert all(finding.ok and not finding.fixed for finding in check(config, fix=False))
    assert [finding.ok for finding in check({"folder": str(tmp_path / "no")}, fix=True)] == [False]


def test_its_orders_are_in_the_models(partner, tmp_path):
    partner.sends_csv(
        "a.csv",
        [
            row("A:1", "SKU-01", 2),
            row("A:1", "SKU-02", 1),
            row("B1", "SKU-01"),
            row("C1", "SKU-01", "x"),
            row("D1", "SKU-01", Payment="no"),
            row("E1", "SKU-01"),
            row("E1", "1E+05"),
        ],
    )
    fetch = channel_models(tmp_path, "mailbox", read(partner), alarm="in quarantine")
    found = fetch(
        "select source_order_id, wms_shop_name, is_paid, total from intermediate.int_orders"
        " order by 1"
    )
    assert [(n, s, p, float(t)) for n, s, p, t in found] == [
        ("mailbox_A:1", "crossdock-mailbox", True, 13.5),
        ("mailbox_B1", "crossdock-mailbox", True, 4.5),
        ("mailbox_D1", "crossdock-mailbox", False, 4.5),
        ("mailbox_E1", "crossdock-mailbox", True, 4.5),
    ]
    lines = fetch("select line_source_id from intermediate.int_channels__order_lines order by 1")
    assert [line for (line,) in lines] == ["A_1-1", "A_1-2", "B1-1", "D1-1", "E1-1"]
    held = fetch(
        "select request_source_id, hold_reason"
        " from intermediate.int_channels__fulfillment_requests where hold_count > 0"
    )
    reason = "sku: the spreadsheet has shortened a long number to 1E+05 or the like"
    assert held == [("E1", f"a row of it could not be read: {reason} (line 8)")]
    kept = fetch("select place, reason from raw_mailbox_main._quarantine order by place")
    assert [place for place, _ in kept] == ["inbox/a.csv line 5", "inbox/a.csv line 8"]
