"""The tap for warehouses that speak files: what is read, held, reported and put away."""

from __future__ import annotations

import copy

import pytest
from wms_files import Box, confirmations, detail, layout_with, name_of, own_server

from taps.wms_sftp.check import check


@pytest.fixture
def box(tmp_path):
    root = tmp_path / "server"
    root.mkdir()
    with own_server(root) as login:
        yield Box(root, login)


def test_the_lines_of_a_file_are_records(box):
    box.shipped("shop_1001", "shop_1002")
    read = box.read()
    first, second = read.shipments
    assert first["order_number"] == "shop_1001"
    assert (first["line"], second["line"]) == (2, 3)
    assert (first["file"], first["sequence"]) == (name_of("SHP", 1), 1)
    assert (first["quantity"], first["status"], first["carrier"]) == (2, "shipped", "DHL")
    assert first["shipped_at"] == "2026-11-02T09:00:00Z"  # the warehouse's clock is Berlin's
    assert first["file_time"] == "2026-11-02T08:01:00Z"
    assert first["key"].rpartition("-")[0] == second["key"].rpartition("-")[0]


def test_every_file_is_told_of(box):
    box.shipped("shop_1001")
    box.put("something.else", "?")
    rows = box.read().files
    row = rows[name_of("SHP", 1)]
    assert (row["status"], row["type"], row["client"], row["sequence"]) == (
        "loaded", "SHP", "CROSSDOCK", 1,
    )  # fmt: skip
    assert (row["lines"], row["good"], row["bad"], row["count_told"]) == (1, 1, 0, 1)
    assert (row["trailer"], row["totals"]) == ({"lines": 1, "total": 2}, {"quantity": "2"})
    assert row["header"]["sequence"] == 1
    assert len(row["sha256"]) == 64
    assert row["size"] == (box.out / name_of("SHP", 1)).stat().st_size
    assert rows["something.else"]["status"] == "unknown"


def test_a_file_is_read_once(box):
    box.shipped("shop_1001")
    first = box.read()
    second = box.read(first.state)
    assert (second.orders, second.files) == ([], {})
    box.shipped("shop_1002")
    assert box.read(second.state).orders == ["shop_1002"]


def test_two_full_reads_are_equal(box):
    box.shipped("shop_1001", "shop_1002")
    records = [
        [{k: v for k, v in r.items() if k[0] != "_"} for r in box.read().shipments]
        for _ in range(2)
    ]
    assert records[0] == records[1]


def test_files_are_put_away_only_when_the_loader_has_committed_them(box):
    name = box.shipped("shop_1001").name
    first = box.read()
    assert (box.names(), box.names("archive")) == ([name], [])
    box.read()  # a run without that state: the loader did not commit
    assert box.names() == [name]
    box.read(first.state)
    assert (box.names(), box.names("archive")) == ([], [name])


def test_a_name_that_is_taken_in_the_archive_stays_as_it_is(box):
    name = box.shipped("shop_1001").name
    (box.root / "archive" / name).write_text("older")
    box.read(box.read().state)
    assert box.names("archive") == [name, f"{name}.2"]
    assert (box.root / "archive" / name).read_text() == "older"


def test_nothing_is_put_away_where_that_is_switched_off(box):
    box.shipped("shop_1001")
    state = box.read(archive="").state
    assert box.read(state, archive="").orders == []
    assert len(box.names()) == 1


def test_an_archive_that_cannot_be_written_stops_nothing(box):
    box.shipped("shop_1001")
    state = box.read().state
    (box.root / "archive").rmdir()
    (box.root / "archive").write_text("a file")
    box.shipped("shop_1002")
    assert box.read(state).orders == ["shop_1002"]
    assert len(box.names()) == 2


def test_files_come_in_the_order_of_their_stamps(box):
    box.shipped("third", number=3)
    box.shipped("first", number=1)
    box.shipped("second", number=2)
    assert box.read().orders == ["first", "second", "third"]


# --- files that are still being written


@pytest.mark.parametrize("name", [".SHP.csv", "x.tmp", "x.part", "x.filepart"])
def test_a_temporary_name_is_left_alone(box, name):
    box.put(name, confirmations(1, ["a"]))
    read = box.read()
    assert (read.orders, read.files) == ([], {})


def test_a_file_without_its_trailer_waits_until_it_is_whole(box):
    whole = confirmations(1, ["a", "b"])
    name = name_of("SHP", 1)
    box.put(name, whole[: len(whole) // 2], age=0)
    first = box.read()
    assert (first.orders, first.statuses, first.quarantine) == ([], {name: "waiting"}, [])
    box.put(name, whole, age=0)
    second = box.read(first.state)
    assert (second.orders, second.statuses) == (["a", "b"], {name: "loaded"})


def test_a_file_that_stays_without_its_trailer_is_held(box):
    name = box.put(name_of("SHP", 1), confirmations(1, ["a"]).partition("T;")[0]).name
    read = box.read()
    assert (read.orders, read.statuses) == ([], {name: "held"})
    assert [(q["reason"], q["place"]) for q in read.quarantine] == [
        ("the trailer is missing", name)
    ]
    assert box.read(read.state).quarantine == []


def test_a_server_whose_clock_is_ahead_does_not_hold_us_up(box):
    box.put(name_of("SHP", 1), confirmations(1, ["a"]).partition("T;")[0], age=-9000)
    first = box.read(settle_seconds=0.01)
    assert box.read(first.state, settle_seconds=0.01).statuses == {name_of("SHP", 1): "held"}


def test_without_trailers_a_file_has_to_settle(box, tmp_path):
    box.layout = layout_with(tmp_path / "l.yml", without_trailer, "delimited.yml")
    text = confirmations(1, ["a"]).partition("T;")[0]
    box.put(name_of("SHP", 1), text, age=0)
    first = box.read()
    assert first.statuses == {name_of("SHP", 1): "waiting"}
    box.put(name_of("SHP", 1), text, age=61)
    assert box.read(first.state).orders == ["a"]


def without_trailer(body):
    del body["files"]["SHP"]["trailer"]


def test_a_file_that_tells_of_the_end(box, tmp_path):
    box.layout = layout_with(
        tmp_path / "l.yml", lambda body: body.update(done_suffix=".done"), "delimited.yml"
    )
    name = box.shipped("a").name
    first = box.read()
    assert (first.orders, first.statuses) == ([], {name: "waiting"})
    box.put(f"{name}.done", "")
    second = box.read(first.state)
    assert (second.orders, set(second.files)) == (["a"], {name})
    box.read(second.state)
    assert box.names("archive") == [name, f"{name}.done"]


# --- files that contradict themselves or others


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (confirmations(1, ["a", "b"], count=3), "the trailer counts 3 lines, and there are 2"),
        (confirmations(1, ["a", "b"], total=5), "the trailer says quantity 5, and it is 4"),
        (confirmations(1, ["a"]) + detail("b"), "line 4: there is more after the trailer"),
        (detail("a"), "line 1: the first line is no header"),
        ("<!DOCTYPE html>\n<html><body>Bad gateway</body></html>", "line 1: the first line is no"),
        (b"", "the file is empty"),
        (confirmations(1, ["a"]).replace("T;1;2", "T;1;x"), "line 3: the trailer cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_held_whole(box, content, reason):
    name = box.put(name_of("SHP", 1), content).name
    good = box.shipped("good", number=2).name
    read = box.read()
    assert read.orders == ["good"]
    assert read.statuses == {name: "held", good: "loaded"}
    assert reason in read.files[name]["reason"]
    ((told),) = read.quarantine
    assert (reason in told["reason"], told["place"]) == (True, name)
    box.read(read.state)
    assert (box.names(), box.names("archive")) == ([name], [good])


def test_a_held_file_that_is_sent_again_is_read(box):
    name = box.put(name_of("SHP", 1), confirmations(1, ["a", "b"], count=3)).name
    first = box.read()
    box.put(name, confirmations(1, ["a", "b"]), age=1800)
    second = box.read(first.state)
    assert (second.orders, second.statuses) == (["a", "b"], {name: "loaded"})


def test_a_person_can_release_a_held_file(box):
    name = box.put(name_of("SHP", 1), confirmations(1, ["a", "b"], count=3)).name
    first = box.read()
    second = box.read(first.state, release=[first.files[name]["sha256"]])
    assert (second.orders, second.statuses) == (["a", "b"], {name: "loaded"})
    assert second.files[name]["issues"] == [
        "a person released it",
        "the trailer counts 3 lines, and there are 2",
    ]


def test_held_files_are_looked_at_again_with_another_layout(box, tmp_path):
    def other_code(body):
        body["files"]["SHP"]["detail"]["status"]["codes"] = {"X": "x"}

    box.shipped("a")
    right, box.layout = box.layout, layout_with(tmp_path / "l.yml", other_code, "delimited.yml")
    first = box.read()
    assert set(first.statuses.values()) == {"held"}
    assert (
        "line 2: status holds a code that the layout does not know"
        in (first.quarantine[0]["reason"])
    )
    box.layout = right
    assert box.read(first.state).orders == ["a"]


def test_the_same_content_under_another_name_is_reported_and_not_read_again(box):
    box.put(name_of("SHP", 1), confirmations(1, ["a"]))
    first = box.read()
    for state in (None, first.state):
        box.put(name_of("SHP", 2), confirmations(1, ["a"]))
        read = box.read(state)
        row = read.files[name_of("SHP", 2)]
        assert (row["status"], row["same_as"]) == ("duplicate", name_of("SHP", 1))
        assert read.orders == (["a"] if state is None else [])
    assert box.names("archive") == [name_of("SHP", 1)]
    box.read(read.state)
    assert box.names("archive") == [name_of("SHP", 1), name_of("SHP", 2)]


def test_content_is_known_after_its_file_has_left(box):
    box.put(name_of("SHP", 1), confirmations(1, ["a"]))
    state = box.read(box.read().state).state
    assert box.names() == []
    box.put(name_of("SHP", 2), confirmations(1, ["a"]))
    assert box.read(state).statuses == {name_of("SHP", 2): "duplicate"}


def test_the_same_stock_on_another_day_is_news(box):
    text = "H;STK;CROSSDOCK;000001;20261102100000;20261102100000\nD;W;A-1;5;0;0\nT;1;5\n"
    box.put(name_of("STK", 1), text)
    box.put(name_of("STK", 2), text)
    rows = box.read().records("stock_snapshots")
    assert [row["file"] for row in rows] == [name_of("STK", 1), name_of("STK", 2)]
    assert rows[0]["key"] != rows[1]["key"]


def test_other_content_under_a_name_that_was_read_is_held(box):
    name = box.put(name_of("SHP", 1), confirmations(1, ["a"])).name
    first = box.read(archive="")
    box.put(name, confirmations(1, ["b", "c"]), age=1800)
    second = box.read(first.state, archive="")
    assert second.orders == []
    ((key, row),) = second.files.items()
    assert key.startswith(f"{name}@")
    assert (row["status"], row["name"]) == ("conflict", name)
    assert second.quarantine[0]["place"] == name
    third = box.read(second.state, archive="")
    assert (third.files, third.quarantine) == ({}, [])
    released = box.read(third.state, archive="", release=[row["sha256"]])
    assert released.orders == ["b", "c"]


def test_a_file_whose_time_alone_changed_is_the_same(box):
    path = box.shipped("a")
    first = box.read(archive="")
    box.put(path.name, path.read_bytes(), age=10)
    second = box.read(first.state, archive="")
    assert (second.orders, second.files) == ([], {})


# --- numbers


def test_a_gap_is_reported_and_closed(box):
    box.shipped("a", number=1)
    box.shipped("d", number=4)
    first = box.read()
    missing = {key: row for key, row in first.files.items() if row["status"] == "missing"}
    assert set(missing) == {f"missing:SHP/CROSSDOCK:{n}" for n in (2, 3)}
    assert [row["sequence"] for row in missing.values()] == [2, 3]
    box.shipped("b", number=2)
    second = box.read(first.state)
    assert second.statuses == {
        "missing:SHP/CROSSDOCK:2": "arrived",
        name_of("SHP", 2): "loaded",
    }
    assert second.orders == ["b"]


def test_a_number_that_was_used_before_is_reported(box):
    box.shipped("a", number=1)
    box.shipped("b", number=2)
    first = box.read()
    again = box.put(name_of("SHP", 9).replace("000009", "000002"), confirmations(2, ["c"])).name
    second = box.read(first.state)
    assert second.orders == ["c"]
    assert "was used before" in second.files[again]["issues"][0]


def test_a_header_with_another_number_is_reported(box):
    name = box.put(name_of("SHP", 1), confirmations(7, ["a"])).name
    assert box.read().files[name]["issues"] == ["the header says number 7, the name 1"]


# --- what the catalog selects, totals, memory


def test_streams_that_are_not_selected_are_not_read(box):
    box.shipped("a")
    read = box.read(only="files")
    assert read.statuses == {name_of("SHP", 1): "not_read"}
    state = copy.deepcopy(read.state)
    assert box.read(state, only="shipment_confirmations").orders == ["a"]


def test_a_stream_read_alone_puts_its_files_away(box):
    box.shipped("a")
    only = {"only": "shipment_confirmations"}
    box.read(box.read(**only).state, **only)
    assert box.names("archive") == [name_of("SHP", 1)]


def test_a_lost_report_is_made_again_in_full(box):
    box.shipped("a")
    state = box.read().state
    del state["bookmarks"]["files"]
    row = box.read(state).files[name_of("SHP", 1)]
    assert (row["status"], row["lines"], row["count_told"]) == ("loaded", 1, 1)


def test_trailers_are_control_totals(box):
    box.shipped("a", "b", number=1)
    box.shipped("c", number=2)
    totals = {
        (t["measure"], t["window_from"][:16]): (t["value"], t["source"])
        for t in box.read().records("control_totals")
        if t["stream"] == "shipment_confirmations"
    }
    assert totals == {
        ("count", "2026-11-02T08:01"): ("2", "vendor"),
        ("sum:quantity", "2026-11-02T08:01"): ("4", "vendor"),
        ("count", "2026-11-02T08:02"): ("1", "vendor"),
        ("sum:quantity", "2026-11-02T08:02"): ("2", "vendor"),
    }


def test_the_state_is_bounded(box):
    state = None
    for number in range(1, 12):
        box.shipped("a", number=number, quantity=number)
        state = box.read(state, remember=3).state
    known = state["bookmarks"]["shipment_confirmations"]["files"]
    assert list(known) == [name_of("SHP", n) for n in (8, 9, 10, 11)]


# --- what `crossdock check` says of it


def test_check_looks_at_layout_login_and_folders(box):
    box.shipped("shop_1001")
    found = list(check(box.config(), fix=False))
    assert all(finding.ok for finding in found)
    assert any("1 files wait" in finding.what for finding in found)


def test_check_makes_the_archive_if_told(box):
    (box.root / "archive").rmdir()
    missing = [finding for finding in check(box.config(), fix=False) if not finding.ok]
    assert len(missing) == 1
    assert "--fix" in missing[0].advice
    assert [finding.fixed for finding in check(box.config(), fix=True)][-1]
    assert (box.root / "archive").is_dir()


def test_check_says_in_one_line_what_is_wrong(box):
    config = {**box.config(), "host_key_fingerprint": "SHA256:" + "A" * 43}
    (finding,) = [each for each in check(config, fix=False) if not each.ok]
    assert "\n" not in finding.advice
    layout = {**box.config(), "layout": "nowhere.yml"}
    (finding,) = check(layout, fix=False)
    assert "nowhere.yml" in finding.advice
